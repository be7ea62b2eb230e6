"""Two vintages."""

from payloads import ALFRED_SERIES, GOOD_ALFRED

SERIES = ALFRED_SERIES
BODIES = [GOOD_ALFRED]
