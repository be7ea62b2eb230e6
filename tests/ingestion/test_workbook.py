"""Workbooks: both formats give the same cells, damage and bombs are told, and an .xls is read as calamine reads it."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date, datetime
from unittest.mock import patch

import payloads as p
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from ingestion import workbook
from ingestion.body import Body
from ingestion.sample import workbooks
from ingestion.source import ShapeError

LINES: list[list[str | float | None]] = [
    ["DATE", "value", "é <&>"],
    ["  14-Jan-2026 ", -1.5, None],
    [None, 46036.0, "x"],
]
CELLS = [["DATE", "value", "é <&>"], ["  14-Jan-2026 ", -1.5, ""], ["", 46036.0, "x"]]


def body(data: bytes) -> Body:
    return Body("dataset", p.request("series"), data)


@pytest.mark.parametrize("data", [workbooks.xls("DATA", LINES), workbooks.xlsx({"Other": [["x"]], "DATA": LINES})])
def test_both_formats_give_the_same_cells(data: bytes) -> None:
    assert workbook.rows(body(data), "DATA") == CELLS
    held = workbook.table(body(data), "DATA", ("value", "DATE"), ("absent",))
    assert held == {"value": [-1.5, 46036.0], "DATE": ["  14-Jan-2026 ", ""]}
    with pytest.raises(ShapeError, match="a sheet 'Data' must be present once"):
        workbook.rows(body(data), "Data")
    with pytest.raises(ShapeError, match=r"columns \['absent'\] must be present once"):
        workbook.table(body(data), "DATA", ("DATE", "absent"))


def test_a_column_that_stands_there_twice_is_refused() -> None:
    data = workbooks.xls("DATA", [["DATE", "value", "value"], ["x", 1.0, 2.0]])
    for columns in ((("DATE", "value"), ()), (("DATE",), ("value",))):
        with pytest.raises(ShapeError, match=r"columns \['value'\] must be present once"):
            workbook.table(body(data), "DATA", *columns)


values = st.one_of(
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_categories=("Cc",)), min_size=1, max_size=8),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(values, min_size=3, max_size=3), min_size=1, max_size=6))
def test_what_was_written_is_read_and_calamine_agrees(lines: list[list[str | float | None]]) -> None:
    lines = [["top", "x", "y"], *lines]
    wanted = [["" if cell is None else cell for cell in line] for line in lines]
    while wanted[-1] == ["", "", ""]:
        wanted.pop()
    data = workbooks.xls("S", lines)
    assert workbook.rows(body(data), "S") == wanted
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        assert book.get_sheet_by_name("S").to_python(skip_empty_area=False) == wanted
    assert workbook.rows(body(workbooks.xlsx({"S": lines})), "S") == wanted


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def spliced(records: bytes, into_book: bytes = b"") -> bytes:
    """An .xls file with more records in its sheet, and in its head."""
    data = workbooks.xls("S", [["x"]])
    stream = bytearray(data[512:4608].rstrip(b"\0") + b"\0\0")
    at = stream.index(record(0x204, b"")[:2] + b"\x0a\x00")
    stream[at:at] = records
    sheet = stream.index(record(0x85, b"")[:2])
    start = struct.unpack_from("<I", stream, sheet + 4)[0]
    struct.pack_into("<I", stream, sheet + 4, start + len(into_book))
    stream[sheet:sheet] = into_book
    return data[:512] + bytes(stream).ljust(4096, b"\0") + data[4608:]


def test_every_kind_of_cell_an_old_workbook_has() -> None:
    text = "Ünïcode 数".encode("utf-16-le")
    cut = struct.pack("<IIHB", 2, 2, 9, 1) + text[:6]  # the table of texts breaks inside the first
    rest = b"\x01" + text[6:] + struct.pack("<HBH", 2, 8, 1) + b"ab" + bytes(4)
    records = [
        record(0x27E, struct.pack("<HHHI", 1, 0, 0, (250 << 2) | 3)),  # 2.5 as a hundredth of a whole number
        record(0x27E, struct.pack("<HHHI", 1, 1, 0, struct.unpack("<Q", struct.pack("<d", -0.75))[0] >> 32)),
        record(0xBD, struct.pack("<HHHIHIH", 1, 2, 0, (7 << 2) | 2, 0, ((-7 & 0x3FFFFFFF) << 2) | 2, 3)),
        record(0xFD, struct.pack("<HHHI", 1, 4, 0, 0)),
        record(0xFD, struct.pack("<HHHI", 1, 5, 0, 1)),
        record(0x06, struct.pack("<HHHd", 2, 0, 0, 1.25) + bytes(8)),
        record(0x06, struct.pack("<HHHBBBBBBH", 2, 1, 0, 0, 0, 0, 0, 0, 0, 0xFFFF) + bytes(8)),
        record(0x207, struct.pack("<HB", 3, 0) + b"sum"),
        record(0x06, struct.pack("<HHHBBBBBBH", 2, 2, 0, 1, 0, 1, 0, 0, 0, 0xFFFF) + bytes(8)),
        record(0x205, struct.pack("<HHHBB", 2, 3, 0, 1, 0)),
        record(0x205, struct.pack("<HHHBB", 2, 4, 0, 42, 1)),  # #N/A
        record(0x809, struct.pack("<HHHHII", 0x600, 0x20, 0, 0, 0, 0))
        + record(0x203, struct.pack("<HHHd", 9, 9, 0, 1.0))
        + record(0x0A, b""),
    ]
    data = spliced(b"".join(records), record(0xFC, cut) + record(0x3C, rest))
    assert workbook.rows(body(data), "S") == [
        ["x", "", "", "", "", ""],
        [2.5, -0.75, 7.0, -7.0, "Ünïcode 数", "ab"],
        [1.25, "sum", True, True, "", ""],
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (spliced(record(0x203, struct.pack("<HHHd", 65535, 600, 0, 1.0))), "must not exceed"),
        (spliced(record(0x203, struct.pack("<HHHd", 65535, 255, 0, 1.0))), "must not exceed"),  # 16 million cells
        (spliced(record(0x203, b"\0" * 4)), "must be readable"),
        (spliced(record(0xFD, struct.pack("<HHHI", 0, 1, 0, 5))), "must be readable"),
        (spliced(record(0x204, struct.pack("<HHHHB", 0, 1, 0, 900, 0) + b"short")), "a text is shorter"),
        (spliced(b"", record(0xFC, struct.pack("<II", 9, 0xFFFFFFFF))), "must be readable"),
        (spliced(b"", record(0x2F, b"")), "it is encrypted"),
        (spliced(b"", record(0x22, struct.pack("<H", 1))), "it counts its days from 1904"),
        (workbooks.xls("S", [["x"]])[:600], "the file was cut"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "a sector must have"),
    ],
)
def test_a_damaged_old_workbook_is_told(data: bytes, says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        workbook.rows(body(data), "S")


def test_a_chain_of_sectors_that_turns_in_a_circle_is_told() -> None:
    data = bytearray(workbooks.xls("S", [["x"]]))
    table = len(data) - 512
    struct.pack_into("<I", data, table + 4 * 3, 0)
    with pytest.raises(ShapeError, match="a chain of sectors does not end"):
        workbook.rows(body(bytes(data)), "S")


@pytest.mark.parametrize("size", [4095, 4609, 2**32 - 1])
def test_a_stream_that_is_not_as_long_as_its_entry_says_is_told(size: int) -> None:
    data = workbooks.xls("S", [["x"]])
    entry = data.index("Workbook".encode("utf-16-le"))
    wrong = data[: entry + 120] + struct.pack("<I", size) + data[entry + 124 :]
    with pytest.raises(ShapeError, match=f"4096 bytes instead of {size}"):
        workbook.rows(body(wrong), "S")


def zipped(parts: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_sheet(text: str) -> bytes:
    """An .xlsx file whose first sheet is this XML."""
    with zipfile.ZipFile(io.BytesIO(workbooks.xlsx({"S": [["x"]]}))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**parts, "xl/worksheets/sheet1.xml": text.encode()})


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    big = zipped({"xl/worksheets/sheet1.xml": b"\0" * (32 * 2**20)})
    with (
        patch.object(zipfile.ZipFile, "read", side_effect=AssertionError("unpacked")),
        pytest.raises(ShapeError, match="and 200 times the packed one"),
    ):
        workbook.rows(body(big), "S")
    with patch.object(workbook, "MOST_UNPACKED", 1000), pytest.raises(ShapeError, match="must not exceed 1000 bytes"):
        workbook.rows(body(workbooks.xlsx({"S": LINES})), "S")


def test_a_bomb_that_understates_its_size_is_refused() -> None:
    honest = zipped({"xl/worksheets/sheet1.xml": b"\0" * (32 * 2**20)})
    lying = honest.replace(struct.pack("<I", 32 * 2**20), struct.pack("<I", 1000))
    assert lying != honest
    with pytest.raises(ShapeError, match="must be readable"):
        workbook.rows(body(lying), "S")


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1000000">',
        '<c r="XFD9">',
        '<c r="ABCD1">',
        '<c r="SZ400000">',
        "<c r='XFD1048576'>",
        '<c t="n" r="A9999999">',
    ],
)
def test_a_single_far_cell_does_not_make_a_sheet_of_billions(cell: str) -> None:
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row>{cell}<v>1</v></c></row>'
    text = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    with pytest.raises(ShapeError, match="a sheet must not exceed"):
        workbook.rows(body(with_sheet(text)), "S")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        p.HTML,
        p.NOTE,
        b"PK",
        zipped({"[Content_Types].xml": b"<Types/>"}),
        workbooks.xlsx({"S": LINES})[:-40],
        workbooks.xlsx({"S": LINES})[:400],
        workbooks.xlsx({"S": LINES}).replace(b"14-Jan", b"15-Jan"),  # the checksum tells
        workbooks.xlsx({"S": []}),
        workbooks.xls("S", []),
        with_sheet("<worksheet><sheetData><row>"),
        zipped({"xl/workbook.xml": b"x"}, zipfile.ZIP_BZIP2),
    ],
)
def test_anything_else_is_a_shape_error(data: bytes) -> None:
    with pytest.raises(ShapeError):
        pytest.fail(str(workbook.rows(body(data), "S")))


def test_a_slip_inside_calamine_is_a_shape_error_and_an_interrupt_is_not() -> None:
    class PanicException(BaseException):
        pass

    data = workbooks.xlsx({"S": LINES})
    for raised, told in ((PanicException("index"), ShapeError), (KeyboardInterrupt(), KeyboardInterrupt)):
        with patch.object(CalamineWorkbook, "from_filelike", side_effect=raised), pytest.raises(told):
            workbook.rows(body(data), "S")


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (1.0, date(1900, 1, 1)),
        (59.0, date(1900, 2, 28)),
        (60.0, None),  # Excel's 29 February 1900
        (61.0, date(1900, 3, 1)),
        (46036.75, date(2026, 1, 14)),
        (datetime(2026, 1, 14, 9, 30), date(2026, 1, 14)),  # noqa: DTZ001
        (date(2026, 1, 14), date(2026, 1, 14)),
        (0.0, None),
        (-1.0, None),
        (1e9, None),
        (float("nan"), None),
        ("46036", None),
        (True, None),
        ("", None),
    ],
)
def test_days_as_excel_counts_them(cell: workbook.Cell, day: date | None) -> None:
    assert workbook.day(cell) == day


def test_typed_cells_of_a_new_workbook() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "S"
    page.append(["  padded", 3, 2.5, True, date(2026, 1, 14), datetime(2026, 1, 14, 9, 30)])  # noqa: DTZ001
    out = io.BytesIO()
    book.save(out)
    (row,) = workbook.rows(body(out.getvalue()), "S")
    assert row[:4] == ["  padded", 3.0, 2.5, True]
    assert [workbook.text(cell) for cell in row[:5]] == ["padded", "3", "2.5", "True", "2026-01-14"]
    assert [workbook.day(cell) for cell in row[4:]] == [date(2026, 1, 14)] * 2
