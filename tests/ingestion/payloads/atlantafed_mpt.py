"""The third sheet holds the rows: padded texts, a far window with a degenerate range and no probabilities."""

from collections.abc import Sequence

from ingestion.sample.workbooks import xlsx

SERIES = "mpt_histdata"
HEADER = ("date", "reference_start", "target_range", "field", "value")
NEAR, FAR = 46099.0, 46554.0  # 2026-03-18 and 2027-06-16
Line = Sequence[str | float | None]
LINES: list[Line] = [
    ("2026-01-13", NEAR, "350bps - 375bps", "Rate: 25th percentile", "340.25"),
    ("2026-01-13", NEAR, "350bps - 375bps", "Rate: mean", "351.50"),
    ("2026-01-13", NEAR, "350bps - 375bps", "Rate: mode", "357.75"),
    ("2026-01-13", NEAR, "350bps - 375bps", "Rate: 75th percentile", "362.00"),
    ("2026-01-13", NEAR, "350bps - 375bps", "Prob: 325bps - 350bps", " 31.25"),
    ("2026-01-13", NEAR, "350bps - 375bps", "Prob: cut", " 27.98"),
    ("2026-01-13", NEAR, "350bps - 375bps", "Prob: hike", "  0.76"),
    ("2026-01-13", FAR, "350bps - 350bps", "Rate: 25th percentile", " 99.50"),
    ("2026-01-13", FAR, "350bps - 350bps", "Rate: mean", "310.00"),
    ("2026-01-13", FAR, "350bps - 350bps", "Rate: mode", "305.00"),
    ("2026-01-13", FAR, "350bps - 350bps", "Rate: 75th percentile", "390.00"),
]


def mpt(lines: Sequence[Line] = LINES, header: Line = HEADER, sheet: str = "DATA") -> bytes:
    return xlsx({"LICENSE": [], "DICTIONARY": [["date", "Observation date"]], sheet: [header, *lines]})


GOOD = mpt()
BODIES = [GOOD, mpt([])]
