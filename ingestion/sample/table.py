"""The rows of an answer, whatever its format, so that a fault in values is written once: read, change, write back.

Belongs here: the table and what formats share (CSV, marked-up cells). Does not: any vendor's layout (that is the
vendor's ``table``), any fault. The first column is the day, as the vendor writes it; rows are oldest first. Values are
floats (None: the vendor's blank) or texts that are not numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ingestion.sample.reply import Reply

Cell = float | str | None
PRICES = ("open", "high", "low", "close")
BLANKS = ("", "-", "--")
ISO_DAY = "%Y-%m-%d"
DAY_SECONDS = 86400
MARK = "\0"  # around a text that stands in the answer as a bare literal
_MARKED = re.compile(r'"\\u0000([^\\]*)\\u0000"')


@dataclass
class Table:
    """Rows that can be changed; ``write`` makes the answer of them again. ``day`` is how days in text are spelt."""

    columns: list[str]
    rows: list[list[Cell]]
    write: Callable[[Table], bytes]
    day: str = ISO_DAY

    def named(self, wanted: str) -> list[int]:
        """Positions of the columns in ``a+b``; empty means prices, or all values where there are none."""
        lower = [name.lower() for name in self.columns]
        if wanted:
            found = [lower.index(name) for name in wanted.lower().split("+") if name in lower]
            if len(found) < len(wanted.split("+")):
                raise ValueError(f"a fault names columns {wanted!r}; the answer has {self.columns}")
            return found
        return [n for n, name in enumerate(lower) if name in PRICES] or list(range(1, len(lower)))

    def later(self, day: Cell, days: int) -> Cell:
        """The day so many days later, in the same spelling; a number (or its digits) is epoch seconds."""
        if isinstance(day, float):
            return day + days * DAY_SECONDS
        if str(day).isdigit():
            return str(int(str(day)) + days * DAY_SECONDS)
        return f"{self._moment(day) + timedelta(days):{self.day}}"

    def weekday(self, day: Cell) -> int:
        """Monday 0 … Sunday 6."""
        return self._moment(day).weekday()

    def _moment(self, day: Cell) -> datetime:
        if isinstance(day, float) or str(day).isdigit():
            return datetime(1970, 1, 1) + timedelta(seconds=float(day or 0))  # noqa: DTZ001
        return datetime.strptime(str(day), self.day)  # noqa: DTZ007


def _cell(text: str) -> Cell:
    if text in BLANKS:
        return None
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _text(value: Cell, like: str, blank: str = "") -> str:
    """A value with as many decimals as ``like`` has; a literal stands as it is."""
    if value is None:
        return blank
    return value.strip(MARK) if isinstance(value, str) else f"{value:.{_decimals(like)}f}"


def json_bytes(value: Any) -> bytes:
    """Compact JSON in which a marked text is a bare literal (``NaN``)."""
    text = json.dumps(value, separators=(",", ":"))
    return _MARKED.sub(r"\1", text).encode()


def csv_table(body: bytes, day: str = ISO_DAY) -> Table | None:
    """A CSV file without quotes, oldest row first; None when it has no rows."""
    lines = body.decode().splitlines()
    if len(lines) < 2:
        return None
    cells = [line.split(",") for line in lines[1:]]
    like = max((c for row in cells for c in row[1:] if c), key=len, default="")

    def write(table: Table) -> bytes:
        rows = [",".join([str(row[0]), *(_text(value, like) for value in row[1:])]) for row in table.rows]
        return ("\n".join([lines[0], *rows]) + "\n").encode()

    return Table(lines[0].split(","), [[row[0], *(_cell(text) for text in row[1:])] for row in cells], write, day)


def csv_answer(answer: Reply) -> Table | None:
    """``csv_table`` of an answer whose content type is text: the ``table`` of most CSV vendors."""
    return csv_table(answer[2]) if "text/" in answer[1].get("content-type", "") else None


def marked_up(
    text: str,
    forms: tuple[re.Pattern[str], re.Pattern[str]],
    header: str,
    blank: str,
    made: Callable[..., str],
    day: str,
) -> Table:
    """Rows of marked-up cells, newest first, below the row whose first cell is ``header``.

    ``forms`` match a row and a cell (its text is group 2); ``made(number, *cells)`` writes a row.
    """
    row_form, cell_form = forms
    rows = list(row_form.finditer(text))
    texts = [[m[2] for m in cell_form.finditer(row[0])] for row in rows]
    top = next(n for n, cells in enumerate(texts) if cells[:1] == [header])
    size = next((n for n, cells in enumerate(texts[top + 1 :]) if len(cells) != len(texts[top])), len(rows) - top - 1)
    held = rows[top + 1 : top + 1 + size]
    like = [max(column, key=_decimals) for column in zip(*texts[top + 1 : top + 1 + size], strict=True)]

    def write(table: Table) -> bytes:
        lines = []
        for number, row in enumerate(reversed(table.rows), top + 2):
            cells = [str(row[0]), *(_text(v, old, blank) for v, old in zip(row[1:], like[1:], strict=True))]
            lines.append(made(number, *cells))
        return (text[: held[0].start()] + "".join(lines) + text[held[-1].end() :]).encode()

    body: list[list[Cell]] = [[cells[0], *map(_cell, cells[1:])] for cells in texts[top + 1 : top + 1 + size]]
    return Table(texts[top], body[::-1], write, day)
