-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select session_date, product, ratio, call_volume, put_volume, source, known_at
from ({{ known_rows("cboe_put_call", ["session_date", "product"]) }})
