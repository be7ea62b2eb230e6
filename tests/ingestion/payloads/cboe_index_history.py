"""Both layouts."""

from payloads import GOOD_CBOE, GOOD_CBOE_SINGLE

SERIES = "SKEW"
BODIES = [GOOD_CBOE_SINGLE, GOOD_CBOE]
