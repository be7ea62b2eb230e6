select symbol, session_date, open, high, low, close, volume, instrument_type, currency, source, known_at
from ({{ known_rows("yahoo_bars", ["symbol", "session_date"]) }})
