"""Old workbooks: the cells of an .xls file, records of BIFF8 ([MS-XLS]) in the stream Workbook of an OLE2 file ([MS-CFB]).

Belongs here: bytes to cells, strictly. Does not: caps on size, names of sheets, dates (their cells are numbers): that is
``workbook.py``. Whatever is damaged raises ValueError, IndexError or struct.error.

Why not calamine: it asks for as much memory as an .xls claims to need and ends the process when it does not get it (147
of 3,000 files with one to four changed places did that), and this format has no checksums that would tell.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Value = str | float | bool
Place = tuple[int, int]  # row and column, from 0
BOF, EOF, SHEET, STRINGS, CONTINUE, ENCRYPTED, FROM_1904 = 0x809, 0x0A, 0x85, 0xFC, 0x3C, 0x2F, 0x22
NUMBER, RK, RKS, LABEL, LABEL_SST, RICH, FORMULA, RESULT, LOGICAL = (
    0x203, 0x27E, 0xBD, 0x204, 0xFD, 0xD6, 0x06, 0x207, 0x205,
)  # fmt: skip
BIFF8 = 0x600
LAST_SECTOR = 0xFFFFFFFA  # numbers above are marks: end of a chain, free, part of the table itself
SHORTEST = 4096  # bytes of a stream with sectors of its own; a workbook is filled up to that
STREAM = "Workbook".encode("utf-16-le")


@dataclass(frozen=True)
class Book:
    """An opened workbook: its sheets as (name, offset in ``stream``), and the texts that cells share."""

    stream: bytes
    sheets: Sequence[tuple[str, int]]
    strings: Sequence[str]

    def cells(self, sheet: str) -> dict[Place, Value]:
        """The cells that hold a value; errors such as #N/A count as blank."""
        return dict(_cells(self, dict(self.sheets)[sheet]))


def opened(data: bytes) -> Book:
    """The workbook of a file's bytes."""
    stream = _stream(data)
    sheets: list[tuple[str, int]] = []
    pieces: list[bytes] = []
    before = 0
    for kind, record in _records(stream, 0):
        if kind == ENCRYPTED or (kind == FROM_1904 and record[0]):
            raise ValueError("it is encrypted" if kind == ENCRYPTED else "it counts its days from 1904")
        if kind == SHEET:
            sheets.append((_characters(record[7:], record[6]), struct.unpack_from("<I", record)[0]))
        before = before if kind == CONTINUE else kind
        if before == STRINGS:
            pieces.append(record)
    return Book(stream, sheets, _Strings(pieces).all() if pieces else [])


def _stream(data: bytes) -> bytes:
    """The stream Workbook, put together from its sectors."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    if size not in (512, 4096):
        raise ValueError(f"a sector must have 512 or 4096 bytes, not {size}")
    count = len(data) // size
    word = f"<{size // 4}I"

    def sector(at: int) -> bytes:
        found = data[(at + 1) * size : (at + 2) * size]
        if len(found) < size:
            raise ValueError(f"sector {at} lies beyond the end: the file was cut")
        return found

    places = list(struct.unpack_from("<109I", data, 76))
    beyond = struct.unpack_from("<I", data, 68)[0]
    for _ in range(count):
        if beyond > LAST_SECTOR:
            break
        *more, beyond = struct.unpack(word, sector(beyond))
        places += more
    following = [
        entry for place in places[:count] if place <= LAST_SECTOR for entry in struct.unpack(word, sector(place))
    ]

    def chained(at: int) -> bytes:
        found = []
        while at <= LAST_SECTOR:
            found.append(sector(at))
            at = following[at]
            if len(found) > count:
                raise ValueError("a chain of sectors does not end")
        return b"".join(found)

    folder = chained(struct.unpack_from("<I", data, 48)[0])
    for at in range(0, len(folder), 128):
        length = struct.unpack_from("<H", folder, at + 64)[0]
        if folder[at : at + max(0, length - 2)] == STREAM:
            first, long = struct.unpack_from("<II", folder, at + 116)
            stream = chained(first)
            if not SHORTEST <= long <= len(stream):
                raise ValueError(f"the stream Workbook has {len(stream)} bytes instead of {long}")
            return stream[:long]
    raise ValueError("there is no stream Workbook (Excel 97 or later)")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """(kind, content) of the records between the BOF at ``at`` and its EOF; embedded parts (charts) are left out."""
    kind, version = struct.unpack_from("<H2xH", stream, at)
    if (kind, version) != (BOF, BIFF8):
        raise ValueError(f"a part must begin with a record BOF of BIFF8, not {kind:#x} of {version:#x}")
    depth = 0
    while True:
        kind, length = struct.unpack_from("<HH", stream, at)
        content = stream[at + 4 : at + 4 + length]
        if len(content) < length:
            raise ValueError(f"record {kind:#x} at {at} was cut")
        at += 4 + length
        depth += (kind == BOF) - (kind == EOF)
        if depth == 0:
            return
        if depth == 1 and kind != BOF:
            yield kind, content


def _characters(content: bytes, count: int) -> str:
    """A text: a byte of flags, then ``count`` characters of one or two bytes."""
    width = 1 + (content[0] & 1)
    found = content[1 : 1 + count * width]
    if len(found) < count * width:
        raise ValueError("a text is shorter than it says")
    return found.decode("utf-16-le" if width == 2 else "latin-1")


class _Strings:
    """Reads the table of shared texts: one long record and those that continue it."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces, self.piece, self.at = pieces, 0, 8

    def all(self) -> list[str]:
        return [self._text() for _ in range(struct.unpack_from("<I", self.pieces[0], 4)[0])]

    def _left(self) -> int:
        """Bytes left in the running piece, which is not empty. Raises IndexError at the end of the last."""
        while self.at >= len(self.pieces[self.piece]):
            self.piece, self.at = self.piece + 1, 0
        return len(self.pieces[self.piece]) - self.at

    def _take(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            part = self.pieces[self.piece][self.at : self.at + min(self._left(), length - len(found))]
            found, self.at = found + part, self.at + len(part)
        return found

    def _text(self) -> str:
        """One text. Where it runs into the next piece, that begins with its flags anew."""
        count, flags = struct.unpack("<HB", self._take(3))
        runs = struct.unpack("<H", self._take(2))[0] if flags & 8 else 0
        more = struct.unpack("<I", self._take(4))[0] if flags & 4 else 0
        text, left = "", count
        while left:
            if left < count and self.at >= len(self.pieces[self.piece]):
                self._left()
                flags = self._take(1)[0]
            width = 1 + (flags & 1)
            whole = min(left, self._left() // width)
            if not whole:
                raise ValueError("a shared text is cut inside a character")
            text += self._take(whole * width).decode("utf-16-le" if width == 2 else "latin-1")
            left -= whole
        self._take(4 * runs + more)  # its formats
        return text


def _short_number(packed: int) -> float:
    """A number of 30 bits: whole, or the upper bits of a double; bit 0 says that it is a hundredfold."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & ~3) << 32))[0]
    return value / 100 if packed & 1 else value


def _number(content: bytes) -> float:
    return float(struct.unpack_from("<d", content, 6)[0])


def _long_text(content: bytes) -> str:
    return _characters(content[8:], struct.unpack_from("<H", content, 6)[0])


def _logical(content: bytes) -> bool | None:
    return None if content[7] else bool(content[6])


def _formula(content: bytes) -> Value | None:
    """The value a formula had; a text stands in the record RESULT behind it."""
    if content[12:14] != b"\xff\xff":
        return _number(content)
    return bool(content[8]) if content[6] == 1 else None


# The records of one cell, after its row, column and format.
_ONE: Mapping[int, Callable[[bytes], Value | None]] = {
    NUMBER: _number,
    RK: lambda content: _short_number(struct.unpack_from("<I", content, 6)[0]),
    LABEL: _long_text,
    RICH: _long_text,
    LOGICAL: _logical,
    FORMULA: _formula,
}


def _cells(book: Book, start: int) -> Iterator[tuple[Place, Value]]:
    place: Place = (0, 0)
    for kind, content in _records(book.stream, start):
        if kind in _ONE:
            place = struct.unpack_from("<HH", content)
            value = _ONE[kind](content)
            if value is not None:
                yield place, value
        elif kind == LABEL_SST:
            yield struct.unpack_from("<HH", content), book.strings[struct.unpack_from("<I", content, 6)[0]]
        elif kind == RKS:
            row, column = struct.unpack_from("<HH", content)
            for n in range((len(content) - 6) // 6):
                yield (row, column + n), _short_number(struct.unpack_from("<I", content, 6 + 6 * n)[0])
        elif kind == RESULT:
            yield place, _characters(content[2:], struct.unpack_from("<H", content)[0])
