"""A chart with a split and a dividend; an empty window."""

from payloads import GOOD_YAHOO, YAHOO_NOTHING

SERIES = "ABC"
BODIES = [GOOD_YAHOO, YAHOO_NOTHING]
