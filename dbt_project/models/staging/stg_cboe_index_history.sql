-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select symbol, session_date, open, high, low, close, source, known_at
from ({{ known_rows("cboe_index_history", ["symbol", "session_date"]) }})
