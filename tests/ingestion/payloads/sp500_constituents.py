"""Three members."""

from payloads import GOOD_CONSTITUENTS

SERIES = "constituents"
BODIES = [GOOD_CONSTITUENTS]
