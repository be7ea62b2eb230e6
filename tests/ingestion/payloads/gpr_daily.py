"""Three days with the dictionary of columns beside them; the same with numbers for days and the columns moved."""

from ingestion.sample.workbooks import Cell, xls

SERIES = "data_gpr_daily_recent"
HEADER: list[Cell] = [
    "DAY",
    "N10D",
    "GPRD",
    "GPRD_ACT",
    "GPRD_THREAT",
    "date",
    "GPRD_MA30",
    "event",
    "var_name",
    "var_label",
]
LINES: list[list[Cell]] = [
    ["20251231", 216.0, 130.25, 175.5, 93.0, 46022.0, 130.25, "", "DAY", "Day"],
    ["20260101", 315.0, 115.5, 146.75, 87.25, 46023.0, 122.875, "", "GPRD", "Daily index"],
    ["20260102", 374.0, 97.0, 158.5, 0.0, 46024.0, 114.25, "An event", "GPRD_ACT", "Acts"],
]


def book(lines: list[list[Cell]] = LINES, header: list[Cell] = HEADER, sheet: str = "Sheet1") -> bytes:
    return xls(sheet, [header, *lines])


GOOD = book()
MOVED = book(
    [[line[2], float(str(line[0])), line[4], line[3]] for line in LINES], ["GPRD", "DAY", "GPRD_THREAT", "GPRD_ACT"]
)
BODIES = [GOOD, MOVED]
