"""A workbook."""

from payloads import GOOD_FUND

SERIES = "900001"
BODIES = [GOOD_FUND]
