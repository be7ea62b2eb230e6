-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select product, granularity_s, start_at, low, high, open, close, volume, source, known_at
from ({{ known_rows("coinbase_candles", ["product", "granularity_s", "start_at"]) }})
