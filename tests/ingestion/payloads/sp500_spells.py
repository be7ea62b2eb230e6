"""Stays, one symbol twice."""

from payloads import GOOD_SPELLS

SERIES = "spells"
BODIES = [GOOD_SPELLS]
