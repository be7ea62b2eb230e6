"""Newest first, a column that came later, a blank tenor, a holiday listed without values; no line end at the end."""

SERIES = "daily_treasury_yield_curve"
HEADER = (
    b'Date,"1 Mo","1.5 Month","2 Mo","3 Mo","4 Mo","6 Mo","1 Yr","2 Yr","3 Yr","5 Yr","7 Yr","10 Yr","20 Yr","30 Yr"\n'
)
GOOD = (
    HEADER
    + b"01/15/2026,4.05,4.06,4.07,4.10,4.12,4.15,4.20,4.25,4.30,4.40,4.50,4.60,4.90,4.95\n"
    + b"01/14/2026,4.05,4.06,4.07,4.11,4.12,4.16,4.21,4.26,4.31,4.41,4.51,4.61,4.91,\n"
    + b"01/13/2026,,,,,,,,,,,,,,\n"
    + b"01/12/2026,4.05,,,4.12,,4.17,4.22,4.27,4.32,4.42,4.52,4.62,4.92,4.97"
)
OLD = (
    b'Date,"1 Mo","3 Mo","6 Mo","1 Yr","2 Yr","3 Yr","5 Yr","7 Yr","10 Yr","20 Yr","30 Yr"\n'
    b"01/15/2026,4.05,4.10,4.15,4.20,4.25,4.30,4.40,4.50,4.60,4.90,4.95\n"
)
BODIES = [GOOD, OLD]
