"""The monthly workbook with its header, three months and a note below; one that writes its columns in another order."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.utils.datetime import CALENDAR_MAC_1904  # type: ignore[import-untyped]

SERIES = "ERPbymonth"
HEADER = (
    "Start of month", "S&P 500", "T.Bond Rate", "$ Riskfree Rate", "ERP (T12 m with sustainable  Payout)", "ERP (T12m)",
    "ERP (T12m) with adj riskfree rate", "Notes",
)  # fmt: skip
LINES: list[tuple[Any, ...]] = [
    (date(2025, 11, 1), 6840.25, 0.0408, 0.0385, None, 0.0401, 0.0424, None),
    (date(2025, 12, 1), 6849.5, 0.0402, 0.0379, 0.0413, 0.0423, 0.0446, "estimated anew"),
    (date(2026, 1, 1), 6845.5, 0.0418, 0.0395, 0.0398, 0.042, 0.0443, None),
]
NOTE: list[tuple[Any, ...]] = [(), ("Average", None, None, None, None, 0.0415)]


def workbook(
    lines: Sequence[Sequence[Any]] = (*LINES, *NOTE), header: Sequence[str] = HEADER, sheet: str = "Historical ERP"
) -> bytes:
    """A workbook that counts days from 1904, as the vendor's does."""
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    page = book.active
    page.title = sheet
    for line in (header, *lines):
        page.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


GOOD = workbook()
BODIES = [GOOD, workbook([line[::-1] for line in LINES], HEADER[::-1])]
