"""The workbook with four months on both sides of February 2010, when the credit of margin accounts was first told apart,
and one with its columns in another order and one more.
"""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]

SERIES = "margin-statistics"
HEADER = (
    "Year-Month", "Debit Balances in Customers' Securities Margin Accounts",
    "Free Credit Balances in Customers' Cash Accounts", "Free Credit Balances in Customers' Securities Margin Accounts",
)  # fmt: skip
LINES: list[tuple[Any, ...]] = [
    ("2010-03", 260_500, 104_250, 160_000), ("2010-02", 250_000, 103_000, 161_500), ("2010-01", 251_250, 270_000, None),
    ("2009-12", 240_000, 268_500, None),
]  # fmt: skip


def workbook(
    lines: Sequence[Sequence[Any]] = LINES, header: Sequence[str] = HEADER, sheet: str = "Customer Margin Balances"
) -> bytes:
    """One sheet of these lines below the header."""
    book = Workbook()
    page = book.active
    page.title = sheet
    for line in (header, *lines):
        page.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


GOOD = workbook()
BODIES = [GOOD, workbook([(*line[::-1], "x") for line in LINES], (*HEADER[::-1], "Note"))]
