select symbol, session_date, open, high, low, close, source, known_at
from ({{ known_rows("cboe_index_history", ["symbol", "session_date"]) }})
