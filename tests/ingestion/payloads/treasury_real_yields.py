"""The real curve: its tenors are written ``5 YR``, and yields may be negative."""

SERIES = "daily_treasury_real_yield_curve"
GOOD = (
    b'Date,"5 YR","7 YR","10 YR","20 YR","30 YR"\n'
    b"01/15/2026,-0.12,0.20,0.55,1.10,1.30\n"
    b"01/14/2026,-0.10,0.22,0.56,1.11,\n"
)
BODIES = [GOOD]
