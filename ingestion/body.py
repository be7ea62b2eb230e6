"""Reading a vendor's body with suspicion: byte marks, markup where data was promised, cut rows, renamed columns.

Belongs here: checks every connector shares, and the guard that turns any malformed body into a typed error. Does not:
knowledge of one vendor's fields.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import orjson
import polars as pl

from ingestion.source import Column, EmptyAnswer, NoSuchSeries, Request, ShapeError, VendorError

UTF8_MARK = b"\xef\xbb\xbf"
_MALFORMED = (ValueError, TypeError, LookupError, ArithmeticError, csv.Error, pl.exceptions.PolarsError)


@dataclass(frozen=True, slots=True)
class Body:
    """One answer under examination: the bytes, and the question they answer."""

    dataset: str
    request: Request
    data: bytes

    def wrong(self, rule: str, found: object = None, hint: str = "") -> ShapeError:
        """The error of a body that is not of the declared shape; shows the body's start if nothing better is given."""
        shown = repr(self.data[:120]) if found is None else str(found)
        return ShapeError(self.dataset, self.request.series, rule, shown, hint)

    def unknown(self, found: object) -> NoSuchSeries:
        """The error of a vendor that says it does not know the series."""
        hint = "Check the symbol or id in the seeds; it may be delisted or renamed."
        return NoSuchSeries(self.dataset, self.request.series, "the vendor must know the series", str(found), hint)

    def nothing(self, found: object = "no rows") -> EmptyAnswer:
        """The proper answer that there is nothing in the window asked."""
        window = f"{self.request.first} to {self.request.last}"
        return EmptyAnswer(self.dataset, self.request.series, f"rows in {window}", str(found))

    def bare(self) -> bytes:
        """The bytes without leading UTF-8 marks. Raises ShapeError for an empty body."""
        data = self.data
        while data.startswith(UTF8_MARK):
            data = data[len(UTF8_MARK) :]
        if not data.strip():
            raise self.wrong("the body must not be empty", f"{len(self.data)} bytes")
        return data

    def csv(self, required: Sequence[str], delimiter: str = ",") -> pl.DataFrame:
        """The required columns of a delimited body, as text, verbatim. Columns may be reordered and extra ones may appear.
        Quotes protect a comma; a file with another delimiter has none, so a quote there is a character like any other.

        Raises ShapeError for markup, JSON, a body without a final line end (cut in a row), ragged rows, lost columns.
        """
        data = self.bare()
        start = data.lstrip()[:1]
        if start in (b"<", b"{", b"["):
            hint = "The vendor may be blocking, or limiting the rate; look at the body in landing."
            raise self.wrong("the body must be CSV, not markup or JSON", hint=hint)
        if b"\x00" in data:
            raise self.wrong("the body must be UTF-8 text, without zero bytes")
        if not data.endswith(b"\n"):
            raise self.wrong("the last row must end with a line end (else the body was cut)", repr(data[-80:]))
        lines = data.decode("utf-8").splitlines(keepends=True)
        if delimiter == ",":
            rows = list(csv.reader(lines, strict=True))
        else:
            rows = list(csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True))
        header, values = rows[0], rows[1:]
        missing = [name for name in required if header.count(name) != 1]
        if missing:
            hint = "The vendor renamed, dropped or doubled a column: update the connector."
            raise self.wrong(f"columns {missing} must be present once", f"header {header}", hint)
        ragged = next((n for n, row in enumerate(values, 2) if len(row) != len(header)), None)
        if ragged is not None:
            raise self.wrong(f"row {ragged} must have {len(header)} fields", rows[ragged - 1])
        columns = list(zip(*values, strict=True)) or [()] * len(header)
        wanted = [(name, column) for name, column in zip(header, columns, strict=True) if name in required]
        return pl.DataFrame([pl.Series(name, column, dtype=pl.String) for name, column in wanted])

    def json(self, once: Sequence[str] = ()) -> Any:
        """The JSON value. NaN, infinities, deep nesting and a second use of a key named in ``once`` are refused."""
        data = self.bare()
        if data.lstrip()[:1] not in (b"{", b"["):
            raise self.wrong("the body must be JSON")
        value = orjson.loads(data)
        doubled = [key for key in once if data.count(f'"{key}"'.encode()) > 1]
        if doubled:
            raise self.wrong("each JSON key must appear once", f"{doubled} more than once")
        return value

    def mapping(self, value: object, what: str) -> Mapping[str, Any]:
        """``value`` if it is a JSON object."""
        if not isinstance(value, dict):
            raise self.wrong(f"{what} must be an object", repr(value)[:120])
        return value

    def dates(self, text: pl.Series, pattern: str, like: str) -> pl.Series:
        """Text as dates: each must match the regular expression ``like`` and be a day that exists, after 1900."""
        odd = text.filter(~text.str.contains(like))
        if len(odd):
            raise self.wrong(f"{text.name} must be a date of the form {pattern}", odd[0])
        days = text.str.to_date(pattern, strict=True)
        if days.dt.year().is_between(1900, 2199).all():
            return days
        raise self.wrong(f"{text.name} must lie between 1900 and 2199", str(days.min()) + " to " + str(days.max()))


def guarded(
    dataset: str, columns: Mapping[str, Column]
) -> Callable[[Callable[[Body], pl.DataFrame]], Callable[[bytes, Request], pl.DataFrame]]:
    """Make a parser total: any bytes give the declared columns with at least one row, or a VendorError."""

    def decorate(parse: Callable[[Body], pl.DataFrame]) -> Callable[[bytes, Request], pl.DataFrame]:
        @wraps(parse)
        def total(data: bytes, request: Request) -> pl.DataFrame:
            body = Body(dataset, request, data)
            try:
                frame = parse(body).select(pl.col(name).cast(column.dtype) for name, column in columns.items())
            except VendorError:
                raise
            except _MALFORMED as error:
                raise body.wrong(
                    "the body must be of the declared shape", f"{type(error).__name__}: {error}"
                ) from error
            if frame.is_empty():
                raise body.nothing()
            return frame

        return total

    return decorate


def number(text: pl.Series, missing: Sequence[str] = ("",)) -> pl.Series:
    """Text as doubles; the vendor's marks of a missing value become null. Raises on anything else that is no number.

    Zero has one sign: ``-0.00`` is 0.
    """
    held = text.is_in(list(missing))
    return text.set(held, None).cast(pl.Float64, strict=True) + 0.0
