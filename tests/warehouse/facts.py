"""Synthetic sources and answers: a body is a JSON list of rows, so a test says exactly which facts arrive when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from ingestion.source import Column, EmptyAnswer, Request, RowRule, ShapeError, Source
from warehouse import raw
from warehouse.database import build_session
from warehouse.home import Home
from warehouse.landing import Landing

UTC_US = pl.Datetime("us", "UTC")
START = datetime(2026, 1, 10, 12, tzinfo=UTC)
Row = tuple[Any, ...]


def at(hours: float) -> datetime:
    """Hours after noon of 2026-01-10, UTC."""
    return START + timedelta(hours=hours)


def day(number: int) -> date:
    return date(2026, 1, number)


def parser(columns: dict[str, Column]) -> Any:
    def parse(body: bytes, request: Request) -> pl.DataFrame:
        if body == b"broken":
            raise ShapeError("facts", request.series, "the body must be rows", "broken")
        if body == b"bug":
            raise ZeroDivisionError("a bug in a parser")
        rows = json.loads(body)
        if not rows:
            raise EmptyAnswer("facts", request.series, "rows", "none")
        schema = {name: column.dtype for name, column in columns.items()}
        texts = {name: pl.String() if isinstance(dtype, pl.Date) else dtype for name, dtype in schema.items()}
        frame = pl.DataFrame([tuple(row) for row in rows], schema=texts, orient="row")
        return frame.with_columns(pl.col(name).str.to_date() for name, dtype in schema.items() if dtype == pl.Date())

    return parse


def evening(frame: pl.DataFrame) -> pl.Series:
    """20:00 UTC of the day."""
    return frame["day"].cast(pl.Datetime("us")).dt.offset_by("20h").dt.replace_time_zone("UTC")


COLUMNS = {
    "symbol": Column(pl.String(), "id", "What"),
    "day": Column(pl.Date(), "date", "When"),
    "value": Column(pl.Float64(), "usd", "How much"),
}
MEMBER_COLUMNS = {
    "symbol": Column(pl.String(), "id", "Who"),
    "day": Column(pl.Date(), "date", "Since when; null where unknown"),
    "sector": Column(pl.String(), "text", "Which sector"),
}


def source(**changes: Any) -> Source:
    columns = changes.get("columns", COLUMNS)
    declared: dict[str, Any] = {
        "dataset": "facts", "vendor": "vendor", "title": "Facts", "columns": columns, "key": ("symbol", "day"),
        "observed": "day", "cadence": "daily", "tier": "core",
        "criticality": "required", "licence": "none", "known_at": evening, "parse": parser(columns),
        "rules": (RowRule("value_not_positive", pl.col("value") <= 0, "a value is above zero"),),
    }  # fmt: skip
    return Source(**declared | changes)


def members(**changes: Any) -> Source:
    """A snapshot source: each answer is the complete list."""
    rules = (RowRule("sector_missing", pl.col("sector") == "", "each member has a sector"),)
    declared = {"dataset": "members", "columns": MEMBER_COLUMNS, "key": ("symbol",), "snapshot": True, "rules": rules}
    return source(**declared | {"parse": parser(MEMBER_COLUMNS)} | changes)


@dataclass(frozen=True)
class Response:
    url: str
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Received:
    request: Request
    outcome: str
    note: str
    answer: Response | None
    fetched_at: datetime
    hole: date | None = None

    @property
    def sha256(self) -> str | None:
        return sha256(self.answer.body).hexdigest() if self.answer else None


def answer(
    rows: Sequence[Row] | bytes,
    fetched_at: datetime,
    series: str = "A",
    outcome: str = "data",
    first: date = date(2026, 1, 1),
    last: date = date(2026, 1, 31),
) -> Received:
    body = rows if isinstance(rows, bytes) else json.dumps(rows, default=str).encode()
    asked = Request(series, "https://vendor.example/", first, last, fetched_at)
    return Received(asked, outcome, "", Response("https://vendor.example/", 200, {}, body), fetched_at)


def failed(outcome: str, fetched_at: datetime, **more: Any) -> Received:
    return Received(answer([], fetched_at, **more).request, outcome, f"it was {outcome}", None, fetched_at)


class Store:
    """A home with one source, driven answer by answer. ``con`` stands in for the build file where speed counts."""

    def __init__(self, root: Path, one: Source | None = None, con: duckdb.DuckDBPyConnection | None = None) -> None:
        self.home, self.source, self.con = Home(root), one or source(), con
        self.home.prepare("sample")
        self.landing = Landing(self.home.landing)

    def land(self, *received: Received) -> Path:
        return self.landing.write(self.source.reads or self.source.dataset, received)

    def load(self, **more: Any) -> raw.LoadReport:
        with build_session(self.home) if self.con is None else nullcontext(self.con) as con:
            raw.ensure(con, (self.source,))
            return raw.load(con, self.source, self.landing, **more)

    def take(self, *received: Received) -> raw.LoadReport:
        """Land one pack and load it."""
        self.land(*received)
        return self.load()

    def rows(self, sql: str) -> list[Row]:
        if self.con is not None:
            return self.con.execute(sql).fetchall()
        with duckdb.connect(str(self.home.build), read_only=True) as con:
            con.execute("SET TimeZone = 'UTC'")
            return con.execute(sql).fetchall()

    def versions(self, *columns: str) -> list[Row]:
        """(symbol, day number, *columns, known_at, kind, is current), by key and time."""
        table = self.source.dataset
        wanted = ", ".join(columns or ("value",))
        found = self.rows(
            f"SELECT symbol, day(day), {wanted}, known_at, known_at_kind, is_current, fetched_at FROM ("
            f"SELECT *, TRUE AS is_current FROM raw.{table} UNION ALL BY NAME"
            f" SELECT *, FALSE AS is_current FROM raw.{table}_superseded) ORDER BY symbol, day, fetched_at, is_current"
        )
        return [row[:-1] for row in found]

    def everything(self) -> tuple[list[Row], list[Row]]:
        """Both tables, whole and sorted."""
        table = self.source.dataset
        return tuple(self.rows(f"SELECT * FROM raw.{table}{part} ORDER BY ALL") for part in ("", "_superseded"))  # type: ignore[return-value]

    def quarantined(self) -> list[Row]:
        table = self.source.dataset
        return self.rows(
            f"SELECT * EXCLUDE (because, known_at, fetched_at, landing_sha256) FROM quarantine.{table} ORDER BY ALL"
        )


def evening_of(number: int) -> datetime:
    return datetime.combine(day(number), time(20), UTC)
