"""The rows of an answer, whatever its format, so that a data fault is written once: read, change, write back.

Belongs here: charts, candles, CSV files, SpreadsheetML, xlsx and the stablecoin list as tables. Does not: any fault. The
first column is the day, as the vendor writes it; rows are oldest first. Values are floats (None: the vendor's blank)
or texts that are not numbers.
"""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ingestion.sample import ishares_xml, ssga_xlsx
from ingestion.sample.answer import Answer
from ingestion.sample.ishares_xml import MONTHS

Cell = float | str | None
PRICES = ("open", "high", "low", "close")
BLANKS = ("", "-", "--")
DAY_SECONDS = 86400
MARK = "\0"  # around a text that stands in the answer as a bare literal
CANDLE = ("time", "low", "high", "open", "close", "volume")
_MARKED = re.compile(r'"\\u0000([^\\]*)\\u0000"')
_XML_ROW = re.compile(r"<ss:Row>.*?</ss:Row>\n", re.S)
_XML_DATA = re.compile(r"(<ss:Data[^>]*>)([^<]*)(</ss:Data>)")
_XLSX_ROW = re.compile(r'<row r="\d+">.*?</row>')
_XLSX_CELL = re.compile(r"(<(?:v|t)>)([^<]*)(</(?:v|t)>)")


@dataclass
class Table:
    """Rows that can be changed; ``write`` makes the answer of them again."""

    columns: list[str]
    rows: list[list[Cell]]
    write: Callable[[Table], bytes]

    def named(self, wanted: str) -> list[int]:
        """Positions of the columns in ``a+b``; empty means prices, or all values where there are none."""
        lower = [name.lower() for name in self.columns]
        if wanted:
            found = [lower.index(name) for name in wanted.lower().split("+") if name in lower]
            if len(found) < len(wanted.split("+")):
                raise ValueError(f"a fault names columns {wanted!r}; the answer has {self.columns}")
            return found
        return [n for n, name in enumerate(lower) if name in PRICES] or list(range(1, len(lower)))


def shifted(day: Cell, days: int) -> Cell:
    """A day of any vendor's spelling, ``days`` later."""
    if isinstance(day, float):
        return day + days * DAY_SECONDS
    text = str(day)
    if text.isdigit():
        return str(int(text) + days * DAY_SECONDS)
    move = timedelta(days)
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return f"{datetime.strptime(text, form).date() + move:{form}}"  # noqa: DTZ007
        except ValueError:
            continue
    if re.fullmatch(r"\w{3} \d\d, \d{4}", text):
        later = date(int(text[8:]), MONTHS.index(text[:3]) + 1, int(text[4:6])) + move
        return f"{MONTHS[later.month - 1]} {later.day:02d}, {later.year}"
    later = date(int(text[7:]), MONTHS.index(text[3:6]) + 1, int(text[:2])) + move
    return f"{later.day:02d}-{MONTHS[later.month - 1]}-{later.year}"


def weekday(day: Cell) -> int:
    """Monday 0 … Sunday 6, for days as epoch seconds or ISO texts."""
    if isinstance(day, float):
        return (int(day) // DAY_SECONDS + 3) % 7
    form = "%Y-%m-%d" if "-" in str(day) else "%m/%d/%Y"
    return datetime.strptime(str(day), form).weekday()  # noqa: DTZ007


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


def _json(value: Any) -> bytes:
    text = json.dumps(value, separators=(",", ":"))
    return _MARKED.sub(r"\1", text).encode()  # a literal stands without quotes


def _chart(body: bytes) -> Table:
    chart = json.loads(body)
    result = chart["chart"]["result"][0]
    quote, adjusted = result["indicators"]["quote"][0], result["indicators"]["adjclose"][0]
    columns = ["timestamp", *quote, "adjclose"]
    lists = [result["timestamp"], *quote.values(), adjusted["adjclose"]]

    def write(table: Table) -> bytes:
        held = {name: [row[n] for row in table.rows] for n, name in enumerate(columns)}
        result["timestamp"] = [int(stamp) for stamp in held.pop("timestamp")]  # type: ignore[arg-type]
        adjusted["adjclose"] = held.pop("adjclose")
        held["volume"] = [int(v) if isinstance(v, float) and math.isfinite(v) else v for v in held["volume"]]
        quote.update(held)
        return _json(chart)

    rows: list[list[Cell]] = [[float(value) for value in row] for row in zip(*lists, strict=True)]
    return Table(columns, rows, write)


def _candles(body: bytes) -> Table:
    rows: list[list[Cell]] = [[float(value) for value in row] for row in reversed(json.loads(body))]
    return Table(list(CANDLE), rows, lambda t: _json([[int(row[0] or 0), *row[1:]] for row in reversed(t.rows)]))


def _stablecoins(body: bytes) -> Table:
    days = json.loads(body)
    key = "totalCirculatingUSD"
    by_day = {day["date"]: day for day in days}

    def write(table: Table) -> bytes:
        return _json([{**by_day.get(str(d), days[-1]), "date": d, key: {"peggedUSD": v}} for d, v in table.rows])

    return Table(["date", key], [[day["date"], float(day[key]["peggedUSD"])] for day in days], write)


def _csv(body: bytes) -> Table:
    lines = body.decode().splitlines()
    cells = [line.split(",") for line in lines[1:]]
    like = max((c for row in cells for c in row[1:] if c), key=len, default="")

    def write(table: Table) -> bytes:
        rows = [",".join([str(row[0]), *(_text(value, like) for value in row[1:])]) for row in table.rows]
        return ("\n".join([lines[0], *rows]) + "\n").encode()

    return Table(lines[0].split(","), [[row[0], *(_cell(text) for text in row[1:])] for row in cells], write)


def _marked(
    text: str, forms: tuple[re.Pattern[str], re.Pattern[str]], header: str, blank: str, made: Callable[..., str]
) -> Table:
    """Rows of marked-up cells, newest first, below the row whose first cell is ``header``; ``made`` makes one."""
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
    return Table(texts[top], body[::-1], write)


def _spreadsheet(body: bytes) -> Table:
    return _marked(body.decode(), (_XML_ROW, _XML_DATA), "As Of", "--", ishares_xml.row)


def _xlsx(body: bytes) -> Table:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    inner = _marked(parts[sheet], (_XLSX_ROW, _XLSX_CELL), "Date", "-", ssga_xlsx.row)
    write = inner.write
    inner.write = lambda table: ssga_xlsx.workbook({**parts, sheet: write(table).decode()})
    return inner


def table_of(answer: Answer) -> Table | None:
    """The answer's rows; None for an answer without rows of its vendor's format (an error, an empty window)."""
    status, headers, body = answer
    kind = headers.get("content-type", "")
    readers: tuple[tuple[bool, Callable[[bytes], Table]], ...] = (
        ("vnd.openxmlformats" in kind, _xlsx),
        ("vnd.ms-excel" in kind, _spreadsheet),
        (body.startswith(b'{"chart"') and b'"timestamp"' in body, _chart),
        (body.startswith(b'[{"date"'), _stablecoins),
        (body.startswith(b"[["), _candles),
        ("text/" in kind and body.count(b"\n") > 1, _csv),
    )
    read = next((reader for fits, reader in readers if fits and status == 200), None)
    return read(body) if read else None
