"""A list of holdings: three rows above a blank one, the header, securities, cash and a claim, small print."""

from collections.abc import Sequence

from ingestion.sample.workbooks import Cell, xlsx

SERIES = "WIDE"
HEADER = ("Name", "Ticker", "Identifier", "SEDOL", "Weight", "Sector", "Shares Held", "Local Currency")
Line = Sequence[Cell]
# 24 securities, the first of them in two classes; weights sum to 99.5
STOCKS: list[Line] = [
    ("APPLES & SONS CL B", "APL.B", "100000101", "1000001", 7.5, "-", 1_500_000.0, "USD"),
    ("APPLES & SONS CL A", "APL.A", "100000102", "1000002", 0.0625, "-", 12_000.0, "USD"),
    ("NATION ROADS", "NA", "100000103", "1000003", 3.9375, "-", 300_000.0, "USD"),
    ("TRULLI", "TRUE", "G10000104", "B000004", 4.0, "-", 250_000.0, "USD"),
    *(
        (f"COMPANY {n}", f"AB{chr(65 + n)}", f"2000000{n:02d}", f"20000{n:02d}", 4.2, "-", 1000.0 + n, "USD")
        for n in range(20)
    ),
]
OTHERS: list[Line] = [
    ("US DOLLAR", "-", "999USDZ92", "-", 0.25, "-", 40_000_000.25, "USD"),
    ("CONTRA BOUGHT INC", "-", "300CVR017", "-", 0.015, "-", 16_000.0, "USD"),
    ("SOLD INC   12.5 EARNOUT", "2200963D", "300000202", "BP00000", 0.0, "-", 1600.0, "USD"),
]


def listed(
    lines: Sequence[Line] = (*STOCKS, *OTHERS),
    fund: str = "WIDE",
    told: str = "As of 14-Jan-2026",
    header: Line = HEADER,
    sheet: str = "holdings",
    below: Sequence[Line] = ((), ("Past performance says nothing.",)),
) -> bytes:
    top: list[Line] = [("Fund Name:", "A Fund® Trust"), ("Ticker Symbol:", fund), ("Holdings:", told), (), header]
    return xlsx({sheet: [*top, *lines, *below]})


GOOD = listed()
BODIES = [GOOD, listed([])]
