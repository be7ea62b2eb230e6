-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select target_month, measure, vintage_date, value, source, known_at
from ({{ known_rows("clevelandfed_nowcast", ["target_month", "measure", "vintage_date"]) }})
