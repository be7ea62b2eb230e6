"""Three months of every kind of policy, oldest first, years as text and a note below; the same with the columns moved."""

from ingestion.sample.workbooks import Cell, xlsx
from ingestion.sources.policyuncertainty import CATEGORIES

SERIES = "Categorical_EPU_Data"
HEADER: list[Cell] = ["Year", "Month", *CATEGORIES.values()]
LINES: list[list[Cell]] = [
    ["2025", 10.0, *(100.0 + n for n in range(12))],
    ["2025", 11.0, *(110.5 + n for n in range(12))],
    ["2025", 12.0, *(0.0 + n for n in range(12))],
]
NOTE: list[Cell] = ["Source: somebody. Free to use."]


def book(lines: list[list[Cell]] = LINES, header: list[Cell] = HEADER, sheet: str = "Indices") -> bytes:
    return xlsx({sheet: [header, *lines, NOTE]})


GOOD = book()
BODIES = [GOOD, xlsx({"Indices": [HEADER[::-1], *(line[::-1] for line in LINES)]})]
