"""Both header and blank styles."""

from payloads import GOOD_FRED, OLD_FRED

SERIES = "DGS10"
BODIES = [GOOD_FRED, OLD_FRED]
