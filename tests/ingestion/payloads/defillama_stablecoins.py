"""Three days."""

from payloads import GOOD_STABLECOINS

SERIES = "stablecoins/all"
BODIES = [GOOD_STABLECOINS]
