"""A page of candles; an unknown product."""

from payloads import GOOD_CANDLES

SERIES = "BTC-USD/86400"
BODIES = [GOOD_CANDLES, b'{"message":"NotFound"}']
