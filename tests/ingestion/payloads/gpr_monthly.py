"""Four months with blanks before 1985 and the dictionary of columns beside them; the same with the columns moved."""

from ingestion.sample.workbooks import Cell, xls

SERIES = "data_gpr_export"
HEADER: list[Cell] = ["month", "GPR", "GPRT", "GPRA", "GPRH", "var_name", "var_label"]
LINES: list[list[Cell]] = [
    [30987.0, None, None, None, 92.5, "month", "Month"],  # 1984-11
    [31017.0, None, None, None, 95.25, "GPR", "Index"],
    [31048.0, 102.25, 107.5, 89.75, 87.25, None, None],  # 1985-01
    [31079.0, 117.0, 126.5, 96.5, 88.0, None, None],
]


def book(lines: list[list[Cell]] = LINES, header: list[Cell] = HEADER, sheet: str = "Sheet1") -> bytes:
    return xls(sheet, [header, *lines])


GOOD = book()
BODIES = [GOOD, book([line[:5][::-1] for line in LINES], HEADER[:5][::-1])]
