"""Three surveys, newest first, the oldest two told again at the foot, one of them rounded."""

from ingestion.sample.workbooks import Cell, xlsx

SERIES = "exposure"
HEADER: list[Cell] = [
    "Date", "Mean/Average", "Most Bearish Response", "Quart 1 (25% at/below)", "Quart 2 (median)", "Quart 3 (25% at/above)",
    "Most Bullish Response", "Standard Deviation", "NAAIM Number", "S&P 500",
]  # fmt: skip
LINES: list[list[Cell]] = [
    ["2026-01-14", 92.5, -25.0, 85.0, 100.0, 100.0, 200.0, 41.5, 92.25, 6900.5],
    ["2026-01-07", 80.0, -100.0, 75.0, 90.0, 100.0, 200.0, 53.25, 80.0, 6850.0],
    ["2025-12-30", -3.123456, -200.0, -50.0, 0.0, 50.0, 150.0, 72.0, -3.123456, 6800.0],
    ["2026-01-07", 80.0, -100.0, 75.0, 90.0, 100.0, 200.0, 53.25, 80.0, 6850.0],
    ["2025-12-30", -3.12, -200.0, -50.0, 0.0, 50.0, 150.0, 72.0, -3.12, 6800.0],
]


def book(lines: list[list[Cell]] = LINES, header: list[Cell] = HEADER) -> bytes:
    """A workbook of these lines."""
    return xlsx({"USE_Data since Inception_2026": [header, *lines]})


BODIES = [book()]
