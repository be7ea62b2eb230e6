"""Workbooks as rows of cells, told by their bytes: .xlsx (a zip of XML) and .xls (BIFF8 in an OLE2 file).

Belongs here: opening a sheet under caps on size, packing ratio, rows and cells; dates that Excel counts in days. Does
not: which sheet a vendor fills, and what its cells mean.

An .xlsx is read by calamine, once the checksums of its parts and the extent of its sheets are known to be sane; an .xls by
``xls.py``, which says why.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import polars as pl

from ingestion import xls
from ingestion.body import Body

Cell = str | float | bool | date | datetime  # a blank is ""; a whole number is a float; dates in .xlsx only
ZIP, OLE2 = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_UNPACKED = 256 * 2**20  # bytes of all parts; a sheet of 300,000 rows and five columns has 75 MB
MOST_RATIO = 200  # unpacked to packed bytes; sheets reach about 30
MOST_ROWS = 1_000_000
MOST_COLUMNS = 512
MOST_CELLS = 8_000_000  # rows times columns: a single far cell makes a sheet as large as that
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, IndexError, OSError, EOFError, RuntimeError,
    NotImplementedError, OverflowError,
)  # fmt: skip
_FAR_ROW = re.compile(rb' r="[A-Za-z]*(\d{6})"')  # row 100,000 and on
_FAR_COLUMN = re.compile(rb' r="([A-Za-z]{2,3})\d')  # column AA and on
_NOWHERE = re.compile(rb' r="(?:[A-Za-z]{4}|[A-Za-z]*\d{7})')  # beyond every cap


def rows(body: Body, sheet: str | None) -> list[list[Cell]]:
    """The cells of the sheet of that name (None: the only one), from A1 on, each row as long as the widest.

    Raises ShapeError for bytes that are no workbook, a damaged one, one without the sheet, or one beyond the caps.
    """
    if body.data.startswith(ZIP):
        found = _xlsx(body, sheet)
    elif body.data.startswith(OLE2):
        found = _xls(body, sheet)
    else:
        hint = "The vendor may be blocking; look at the body in landing."
        raise body.wrong("the body must be a workbook, .xlsx or .xls", hint=hint)
    if not found:
        raise body.wrong(f"sheet {sheet or 'the only one'!r} must hold rows", "an empty sheet")
    return found


def table(body: Body, sheet: str, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, list[Cell]]:
    """The columns of a sheet whose first row is its header, by name. Columns may move and be added.

    Raises ShapeError as ``rows`` does, and for a required column that is missing or any that stands there twice.
    """
    header, *lines = rows(body, sheet)
    names = [text(cell) for cell in header]
    wrong = [name for name in required if names.count(name) != 1] + [n for n in optional if names.count(n) > 1]
    if wrong:
        hint = "The vendor renamed, dropped or doubled a column: update the connector."
        raise body.wrong(f"columns {wrong} must be present once", f"header {names[:40]}", hint)
    held = {name: names.index(name) for name in (*required, *optional) if name in names}
    return {name: [line[at] for line in lines] for name, at in held.items()}


def text(cell: Cell) -> str:
    """A cell as text without blanks around it: dates as YYYY-MM-DD, whole numbers without a point."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def texts(name: str, cells: Sequence[Cell]) -> pl.Series:
    """A column of cells as texts (see ``text``)."""
    return pl.Series(name, [text(cell) for cell in cells], dtype=pl.String)


def day(cell: Cell) -> date | None:
    """A cell as a day: a date, or Excel's count of days (1 is 1900-01-01; 60 is a day that never was). None for others."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool | str) or not 1 <= cell < 2_958_466 or int(cell) == 60:
        return None
    return (date(1899, 12, 31) if cell < 60 else date(1899, 12, 30)) + timedelta(int(cell))


def days(body: Body, name: str, cells: Sequence[Cell], pattern: str, like: str) -> pl.Series:
    """A column of days: all texts of the form ``pattern`` (see ``Body.dates``), or all Excel's own. Raises ShapeError."""
    if any(isinstance(cell, str) for cell in cells):
        return body.dates(texts(name, cells), pattern, like)
    found = pl.Series(name, [day(cell) for cell in cells], dtype=pl.Date)
    if found.null_count():
        raise body.wrong(f"{name} must hold days", repr(cells[found.is_null().arg_max() or 0]))
    return found


def filled(body: Body, columns: Mapping[str, Sequence[Cell]], first: str) -> int:
    """How many rows are filled: those above the first blank in column ``first``. Raises ShapeError for cells below it."""
    size = next((n for n, cell in enumerate(columns[first]) if cell == ""), len(columns[first]))
    stray = next((name for name, cells in columns.items() if any(cell != "" for cell in cells[size:])), None)
    if stray is not None:
        raise body.wrong("rows must follow one another without a gap", f"column {stray} goes on below row {size + 1}")
    return size


def _xlsx(body: Body, sheet: str | None) -> list[list[Cell]]:
    from python_calamine import CalamineError, CalamineWorkbook

    _check_parts(body)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(body.data)) as book:
            lines = book.get_sheet_by_name(_chosen(body, sheet, book.sheet_names)).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise body.wrong("the workbook must be readable", f"{type(error).__name__}: {error}") from error
    except BaseException as error:
        # calamine's own slips come as PanicException, which is no Exception and has no name to import
        if type(error).__name__ != "PanicException":
            raise
        raise body.wrong("the workbook must be readable", f"calamine: {error}") from error
    return [[_typed(cell) for cell in line] for line in lines]


def _typed(cell: object) -> Cell:
    """Calamine's cell: whole numbers become floats, times and durations text."""
    if isinstance(cell, str | bool | date):
        return cell
    return float(cell) if isinstance(cell, int | float) else str(cell)


def _chosen(body: Body, sheet: str | None, names: Sequence[str]) -> str:
    """The name of the sheet that is meant. Raises ShapeError unless it is there once."""
    if sheet is None and len(names) == 1:
        return names[0]
    if sheet is None or names.count(sheet) != 1:
        what = "one sheet alone" if sheet is None else f"a sheet {sheet!r}"
        raise body.wrong(f"{what} must be present once", f"sheets {names[:8]}")
    return sheet


def _check_extent(body: Body, height: int, width: int) -> None:
    if height > MOST_ROWS or width > MOST_COLUMNS or height * width > MOST_CELLS:
        caps = f"{MOST_ROWS} rows, {MOST_COLUMNS} columns and {MOST_CELLS} cells"
        raise body.wrong(f"a sheet must not exceed {caps}", f"{height} rows, {width} columns")


def _check_parts(body: Body) -> None:
    """Sizes first (a bomb is not unpacked), then checksums, then how far the cells of each sheet reach."""
    try:
        with zipfile.ZipFile(io.BytesIO(body.data)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if size > MOST_UNPACKED or size > MOST_RATIO * len(body.data):
                rule = (
                    f"the unpacked workbook must not exceed {MOST_UNPACKED} bytes and {MOST_RATIO} times the packed one"
                )
                raise body.wrong(rule, f"{size} bytes in {len(body.data)}")
            for part in parts:
                if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or part.flag_bits & 1:
                    raise body.wrong("each part must be stored or deflated, not encrypted", part.filename)
                content = archive.read(part)
                if part.filename.startswith("xl/worksheets/"):
                    _check_extent(body, *_extent(content))
    except _DAMAGED as error:
        raise body.wrong("the workbook must be readable", f"{type(error).__name__}: {error}") from error


def _extent(sheet: bytes) -> tuple[int, int]:
    """(rows, columns) of a sheet's XML; a sheet within 99,999 rows and 26 columns counts as that large."""
    if b" r='" in sheet:
        sheet = sheet.replace(b"'", b'"')
    if _NOWHERE.search(sheet):
        return MOST_ROWS + 1, MOST_COLUMNS + 1
    columns = {
        sum(26**n * (letter - 64) for n, letter in enumerate(name.upper()[::-1]))
        for name in set(_FAR_COLUMN.findall(sheet))
    }
    return max(99_999, int(max(_FAR_ROW.findall(sheet), default=b"0"))), max({26} | columns)


def _xls(body: Body, sheet: str | None) -> list[list[Cell]]:
    try:
        book = xls.opened(body.data)
        cells = book.cells(_chosen(body, sheet, [name for name, _ in book.sheets]))
    except _DAMAGED as error:
        raise body.wrong("the workbook must be readable", f"{type(error).__name__}: {error}") from error
    height = 1 + max((row for row, _ in cells), default=-1)
    width = 1 + max((column for _, column in cells), default=-1)
    _check_extent(body, height, width)
    found: list[list[Cell]] = [[""] * width for _ in range(height)]
    for (row, column), cell in cells.items():
        found[row][column] = cell
    return found
