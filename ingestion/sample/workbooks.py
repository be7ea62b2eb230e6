"""Workbooks as sample vendors write them, by the smallest means that Excel's formats allow: .xlsx and .xls.

Belongs here: cells to bytes, the same on every machine (no compression, fixed times). Does not: what stands in them.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

Cell = str | float | None  # a blank is None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def xlsx(sheets: Mapping[str, Iterable[Sequence[Cell]]]) -> bytes:
    """An .xlsx file of these sheets, in this order; at most 26 columns."""
    numbers = range(1, len(sheets) + 1)
    kind = f"{XLSX}.main+xml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{kind}"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{XLSX.rpartition(".")[0]}.worksheet+xml"/>'
            for n in numbers
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
            for n, name in zip(numbers, sheets, strict=True)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        + "</Relationships>",
    }
    for n, lines in zip(numbers, sheets.values(), strict=True):
        rows = "".join(_row(at, cells) for at, cells in enumerate(lines, 1))
        parts[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2014, 1, 2, 0, 0, 0)), _XML + text)
    return packed.getvalue()


def _row(number: int, cells: Sequence[Cell]) -> str:
    """One row; blanks are left out."""
    parts = []
    for letter, cell in zip(_LETTERS, cells, strict=False):
        if isinstance(cell, str):
            text = escape(cell)
            parts.append(f'<c r="{letter}{number}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>')
        elif cell is not None:
            parts.append(f'<c r="{letter}{number}"><v>{cell!r}</v></c>')
    return f'<row r="{number}">{"".join(parts)}</row>'


# .xls: records of BIFF8 ([MS-XLS]) in the stream Workbook of an OLE2 file ([MS-CFB]) with sectors of 512 bytes.
_SECTOR, _SHORTEST = 512, 4096
_END, _FREE, _TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _begin(what: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, what, 0x0DBB, 0x07CC, 0, 6))


def xls(sheet: str, lines: Sequence[Sequence[Cell]]) -> bytes:
    """An .xls file with one sheet of texts and numbers. All text is written as characters of one byte."""
    cells = []
    for row, line in enumerate(lines):
        for column, cell in enumerate(line):
            if isinstance(cell, str):
                text = cell.encode("latin-1")
                cells.append(_record(0x204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text))
            elif cell is not None:
                cells.append(_record(0x203, struct.pack("<HHHd", row, column, 0, cell)))
    width = max(map(len, lines), default=0)
    end = _record(0x0A, b"")
    name = sheet.encode("latin-1")
    page = _record(0x42, struct.pack("<H", 1200))
    start = len(_begin(5)) + len(page) + len(_record(0x85, bytes(8) + name)) + len(end)
    named = _record(0x85, struct.pack("<IBBBB", start, 0, 0, len(name), 0) + name)
    extent = _record(0x200, struct.pack("<IIHHH", 0, len(lines), 0, width, 0))
    return _ole2(_begin(5) + page + named + end + _begin(0x10) + extent + b"".join(cells) + end)


def _ole2(stream: bytes) -> bytes:
    """A file that holds one stream, Workbook: its sectors, the folder, the table of sectors."""
    stream += bytes(max(_SHORTEST, -(-len(stream) // _SECTOR) * _SECTOR) - len(stream))
    size = len(stream) // _SECTOR
    tables = next(n for n in range(1, 110) if n * 128 >= size + 1 + n)
    table = [*range(1, size), _END, _END, *[_TABLE] * tables]
    table += [_FREE] * (tables * 128 - len(table))
    folder = (
        _entry("Root Entry", 5, 1, _END, 0)
        + _entry("Workbook", 2, _FREE, 0, len(stream))
        + _entry("", 0, _FREE, 0, 0) * 2
    )
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHHHI", 0x3E, 3, 0xFFFE, 9, 6, 0, 0)
    head += struct.pack("<IIIIIIIII", 0, tables, size, 0, _SHORTEST, _END, 0, _END, 0)
    places = [size + 1 + n for n in range(tables)]
    head += struct.pack("<109I", *places, *[_FREE] * (109 - tables))
    return head + stream + folder + struct.pack(f"<{len(table)}I", *table)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    links = struct.pack("<HBBIII", length, kind, 1, _FREE, _FREE, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)
