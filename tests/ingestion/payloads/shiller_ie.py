"""The long history with its header over several rows: October as .1, blanks and zeros for nothing, notes below."""

from collections.abc import Sequence

from ingestion.sample.workbooks import Cell, xls

SERIES = "ie_data"
HEADER: list[list[Cell]] = [
    ["Stock Market Data"],
    [None, "Comp.", "Dividend", "Earnings", "Index", "Date  ", "Interest", "Real", "P/E10 or"],
    ["Date", "P", "D", "E", "CPI", "Fraction", "Rate GS10", "Price", "CAPE"],
]
LINES: list[list[Cell]] = [
    [1949.12, 16.5, 1.14, 2.32, 23.6, 1949.958, 2.32, 170.0, "NA"],
    [1950.01, 16.88, 1.15, 2.34, 23.5, 1950.042, 2.32, 172.0, 10.75],
    *[[round(1950 + n / 100, 2), 17.0 + n, 1.2, 2.4, 23.5, 1950.5, 2.3, 173.0, 11.0] for n in range(2, 10)],
    [1950.1, 19.5, 0.0, 0.0, 24.1, 1950.79, 2.3, 180.0, 12.5],
    [1950.11, 19.75, None, None, 24.1, 1950.875, 2.37, 181.0, 0.0],
]
NOTE: list[list[Cell]] = [[None, "November price is November 5th close", None, None, "CPI estimated"]]


def book(lines: Sequence[Sequence[Cell]] = (*LINES, *NOTE), header: Sequence[Sequence[Cell]] = HEADER) -> bytes:
    return xls("Data", [*header, *lines])


GOOD = book()
BODIES = [GOOD, book(LINES[:3])]
