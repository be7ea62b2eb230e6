"""The workbook of combined flows: two months and four weeks around the end of 2025, one of six days and one of eight."""

from collections.abc import Sequence

from ingestion.sample.workbooks import Cell, xls

SERIES = "2026"
TOP: list[list[Cell]] = [["An Institute"], ["Long-Term Flows"], ["Millions, U.S. dollars"], []]
HEADER: list[list[Cell]] = [
    [
        "Date",
        "Total LT MF and ETF flows",
        None,
        "Equity",
        *[None] * 5,
        "Hybrid",
        None,
        "Bond",
        *[None] * 5,
        "Commodity",
    ],
    [*[None] * 3, "Total", None, "Domestic", None, "World", *[None] * 3, "Total", None, "Taxable", None, "Municipal"],
]
MONTHS, WEEKS = "Monthly fund flows", "Estimated weekly fund flows"
NOTE: list[list[Cell]] = [[], ["Note: estimates."]]


def line(day: str, *values: Cell) -> list[Cell]:
    """A row: the day, and values in every second column."""
    spread: list[Cell] = [day]
    for value in values:
        spread += [value, None]
    return spread[:-1]


OCTOBER = line("10/31/2025 ", 100, 50, 30, 20, -10, 65, 60, 5, -5)
NOVEMBER = line("11/30/2025 ", 101, 50, 30, 20, -10, 65, 60, 5, -5)  # rounded apart
FOUR = [
    line("12/17/2025", -58, -57, -27, -30, -34, 32, 20, 12, 1),
    line("12/23/2025", 10, 5, 4, 1, 1, 3, 2, 1, 1),
    line("12/30/2025", 10, 5, 4, 1, 1, 3, 2, 1, 1),
    line("01/07/2026", 10, 5, 4, 1, 1, 3, 2, 1, 1),
]


def workbook(
    months: Sequence[Sequence[Cell]] = (OCTOBER, NOVEMBER), weeks: Sequence[Sequence[Cell]] = FOUR,
    top: Sequence[Sequence[Cell]] = TOP, header: Sequence[Sequence[Cell]] = HEADER, words: tuple[str, str] = (MONTHS, WEEKS),
) -> bytes:  # fmt: skip
    """A sheet with these rows."""
    return xls("Public Report", [*top, *header, [], [words[0]], *months, [], [words[1]], *weeks, *NOTE])


GOOD = workbook()
BODIES = [GOOD]
