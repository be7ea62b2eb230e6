-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select symbol, observed_on, open, high, low, close, volume, source, known_at
from ({{ known_rows("binance_klines", ["symbol", "observed_on"]) }})
