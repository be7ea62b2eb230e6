"""A chart; an empty window; an unknown symbol; the vendor's own fault."""

from payloads import GOOD_YAHOO, YAHOO_FAULT, YAHOO_NOTHING, YAHOO_UNKNOWN

SERIES = "ABC"
BODIES = [GOOD_YAHOO, YAHOO_NOTHING, YAHOO_UNKNOWN, YAHOO_FAULT]
