"""A workbook."""

from payloads import GOOD_SSGA

SERIES = "XYZ"
BODIES = [GOOD_SSGA]
