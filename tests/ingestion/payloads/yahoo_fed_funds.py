"""A contract's chart; an empty window; an unknown symbol."""

from datetime import date

from payloads import YAHOO_NOTHING, YAHOO_UNKNOWN, Bar, yahoo

SERIES = "ZQF26.CBT"
CONTRACT: list[Bar] = [
    (date(2026, 1, 13), 96.365, 96.365, 96.365, 96.365, 0),
    (date(2026, 1, 14), 96.3625, 96.3675, 96.36, 96.3625, 90_412),
    (date(2026, 1, 15), 96.3625, 96.365, 96.3625, 96.365, None),
]
BODIES = [yahoo(CONTRACT, SERIES, "FUTURE"), YAHOO_NOTHING.replace(b"ABC", SERIES.encode()), YAHOO_UNKNOWN]
