"""Landing: vendor bytes with their envelope, in immutable Parquet packs. The truth everything else is rebuilt from.

Belongs here: writing, listing, verifying packs; what they cover. Does not: what the bytes mean.
A pack's name ends with the sha256 of its own file, so any later change of a single bit is found.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from ingestion.source import Covered, Request
from warehouse import decisions
from warehouse.files import atomic_write
from warehouse.home import Home

ENVELOPE: dict[str, pl.DataType] = {
    "dataset": pl.String(),
    "series": pl.String(),
    "url": pl.String(),
    "status": pl.Int32(),
    "headers": pl.String(),
    "fetched_at": pl.Datetime("us", "UTC"),
    "asked_at": pl.Datetime("us", "UTC"),
    "first": pl.Date(),
    "last": pl.Date(),
    "required": pl.Boolean(),
    "whole": pl.Boolean(),
    "outcome": pl.String(),
    "note": pl.String(),
    "sha256": pl.String(),
    "hole": pl.Date(),
}
LATER = ("hole",)  # packs written before these columns were do not have them
MARKS_FORM = 1  # of the notes of high-water marks; raise it when a mark comes to mean something else
KEPT_OF_ERRORS = 64 * 1024  # evidence enough of a login page; a data body is always kept whole


class LandingError(Exception):
    """A pack is not what it was when it was written. Names the file and what to do."""


class ResponseLike(Protocol):
    """What landing needs of an answer."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes


class ReceivedLike(Protocol):
    """What landing needs of a question with its outcome."""

    request: Request
    outcome: str
    note: str
    answer: Any
    fetched_at: datetime

    @property
    def sha256(self) -> str | None:
        """Of the body."""


@dataclass(frozen=True)
class Pack:
    """One pack file and the time its newest answer was received."""

    path: Path
    dataset: str

    @property
    def name(self) -> str:
        """File name: ``<time>-<sha256 of the file>.parquet``."""
        return self.path.name

    @property
    def time(self) -> str:
        """The time part of the name; sorts by time."""
        return self.path.name.split("-")[0]


class Landing:
    """The landing area below ``root``. Answers that a person set aside have the outcome ``set_aside`` and cover nothing."""

    def __init__(self, root: Path) -> None:
        """``root`` holds one folder per dataset; the decisions of the home lie beside it."""
        self.root = root

    def set_aside(self, dataset: str) -> dict[str, decisions.Decision]:
        """By sha256 of the body: the answers of a dataset that are set aside, and why."""
        return decisions.aside(decisions.read(self.root.parent), dataset)

    def write(self, dataset: str, received: Iterable[ReceivedLike]) -> Path:
        """Write one pack, durable and read-only, and return its path. Order of rows is the order given."""
        rows = []
        for item in received:
            body = item.answer.body if item.answer else None
            rows.append(
                {
                    "dataset": dataset,
                    "series": item.request.series,
                    "url": item.answer.url if item.answer else "",
                    "status": item.answer.status if item.answer else None,
                    "headers": json.dumps(item.answer.headers, sort_keys=True) if item.answer else "{}",
                    "fetched_at": item.fetched_at,
                    "asked_at": item.request.asked_at,
                    "first": item.request.first,
                    "last": item.request.last,
                    "required": item.request.required,
                    "whole": item.request.whole,
                    "outcome": item.outcome,
                    "note": item.note,
                    "sha256": item.sha256,
                    "hole": getattr(item, "hole", None),
                    "body": body if body is None or item.outcome == "data" else body[:KEPT_OF_ERRORS],
                }
            )
        return self.keep(dataset, pl.DataFrame(rows, schema={**ENVELOPE, "body": pl.Binary()}))

    def packs(self, dataset: str) -> list[Pack]:
        """All packs of a dataset, by name (so by time)."""
        return [Pack(path, dataset) for path in sorted((self.root / dataset).glob("[!.]*.parquet"))]

    def envelopes(self, dataset: str) -> pl.DataFrame:
        """All envelopes of a dataset without bodies, ordered by (fetched_at, sha256), plus the pack's name.

        Raises LandingError for a damaged pack: Parquet does not notice every changed bit of its metadata.
        """
        return _envelopes(self.packs(dataset), self.set_aside(dataset))

    def answers(self, pack: Pack) -> Iterator[tuple[Request, str, str, datetime, bytes]]:
        """(request, outcome, sha256, fetched_at, body) of every answer of a pack, checked against the pack's name.

        Raises LandingError if a single bit of the file has changed.
        """
        aside = self.set_aside(pack.dataset)
        for row in pl.read_parquet(_checked_bytes(pack)).iter_rows(named=True):
            outcome = "set_aside" if row["sha256"] in aside else row["outcome"]
            yield _request(row), outcome, row["sha256"], row["fetched_at"], row["body"]

    def oldest(self, pack: Pack) -> datetime:
        """When the first answer of a pack was received. Raises LandingError for a damaged pack."""
        moment = pl.read_parquet(_checked_bytes(pack), columns=["fetched_at"])["fetched_at"].min()
        assert isinstance(moment, datetime)
        return moment

    def covered(self, dataset: str) -> dict[str, Covered]:
        """High-water marks per series, from the envelopes alone. A series with data once keeps the outcome ``data``.

        What is set aside covers nothing, nor does what was asked before somebody decided to ask for the series anew. Only
        packs that came since the last call are read: packs never change, and ``verify`` still checks every byte.
        """
        decided = decisions.read(self.root.parent)
        aside, anew = decisions.aside(decided, dataset), decisions.asked_anew(decided, dataset)
        basis = json.dumps([MARKS_FORM, sorted(aside), sorted(anew.items())], default=str)
        packs = self.packs(dataset)
        note = Home(self.root.parent).temp / "marks" / f"{dataset}.json"
        known = _noted(note, basis)
        new = [pack for pack in packs if pack.name not in known.packs]
        if len(packs) - len(new) < len(known.packs):  # one is gone
            known, new = _Marks(basis), packs
        if not new:
            return known.marks
        rows = _envelopes(new, aside)
        if known.packs and rows["fetched_at"][0] <= known.newest:  # it came late: the order of time is another
            known, rows = _Marks(basis), _envelopes(packs, aside)
        _fold(known.marks, rows, anew)
        newest = rows["fetched_at"][-1]
        now = _Marks(basis, [pack.name for pack in packs], max(newest, known.newest or newest), known.marks)
        note.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(note, now.to_bytes())
        return now.marks

    def newest_body(self, dataset: str) -> tuple[Request, bytes] | None:
        """The newest answer with data of a dataset, for sources that need another's list."""
        found: tuple[datetime, Request, bytes] | None = None
        for pack in reversed(self.packs(dataset)):
            for request, outcome, _, fetched_at, body in self.answers(pack):
                if outcome == "data" and (found is None or fetched_at >= found[0]):
                    found = (fetched_at, request, body)
            if found:
                return found[1], found[2]
        return None

    def copy(self, dataset: str, other: Landing, wanted: Collection[tuple[str, datetime]]) -> int:
        """Copy the answers of ``wanted`` (sha256, fetched_at) into ``other``, pack by pack; returns how many there were."""
        copied = 0
        for pack in self.packs(dataset):
            frame = pl.read_parquet(_checked_bytes(pack))
            keep = [pair in wanted for pair in frame.select("sha256", "fetched_at").iter_rows()]
            if any(keep):
                other.keep(dataset, frame.filter(pl.Series(keep)))
                copied += sum(keep)
        return copied

    def keep(self, dataset: str, frame: pl.DataFrame) -> Path:
        """Write answers (envelope and body) as one pack, durable and read-only, and return its path."""
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="zstd", compression_level=3, statistics=False, row_group_size=16)
        data = buffer.getvalue()
        newest: Any = frame["fetched_at"].max()
        folder = self.root / dataset
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{newest:%Y%m%dT%H%M%S%f}Z-{hashlib.sha256(data).hexdigest()}.parquet"
        if not path.exists():
            atomic_write(path, data, mode=0o444)
        return path

    def verify(self) -> list[str]:
        """Every problem found, one line each: damaged packs, bodies that do not match their sha256, stray files."""
        problems = []
        for path in sorted(p for p in self.root.rglob("*") if p.is_file()):
            if path.suffix != ".parquet" or path.name.startswith("."):
                problems.append(f"{path}: not a pack; an interrupted write, safe to delete")
                continue
            try:
                for request, outcome, sha256, _, body in self.answers(Pack(path, path.parent.name)):
                    if outcome == "data" and hashlib.sha256(body).hexdigest() != sha256:
                        problems.append(f"{path}: the body of {request.series} does not match its sha256")
            except (LandingError, pl.exceptions.PolarsError, OSError) as error:
                problems.append(str(error))
        return problems


@dataclass
class _Marks:
    """High-water marks as noted between runs, and what they were made of."""

    basis: str
    packs: list[str] = field(default_factory=list)
    newest: datetime | None = None
    marks: dict[str, Covered] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The sha256 of the rest, then the rest: a note of which a bit changed is made anew."""
        fields = [one.name for one in dataclasses.fields(Covered)]
        told = {name: [_plain(getattr(mark, field)) for field in fields] for name, mark in self.marks.items()}
        body = json.dumps([self.basis, self.packs, _plain(self.newest), told]).encode()
        return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def _plain(value: date | datetime | str | int | None) -> str | int | None:
    return value.isoformat() if isinstance(value, date) else value


def _noted(note: Path, basis: str) -> _Marks:
    """The marks of a note that was made on this basis; none where there is no such note, or it is damaged."""
    if not note.exists():
        return _Marks(basis)
    digest, _, body = note.read_bytes().partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != digest:
        return _Marks(basis)
    was, packs, newest, told = json.loads(body)
    if was != basis:
        return _Marks(basis)

    def day(text: str | None) -> date | None:
        return date.fromisoformat(text) if text else None

    def moment(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    marks = {
        name: Covered(
            date.fromisoformat(first), date.fromisoformat(last), datetime.fromisoformat(at), outcome, day(data_to),
            nothings, day(hole), moment(since),
        )
        for name, (first, last, at, outcome, data_to, nothings, hole, since) in told.items()
    }  # fmt: skip
    return _Marks(basis, packs, moment(newest), marks)


def _fold(marks: dict[str, Covered], envelopes: pl.DataFrame, anew: Mapping[str, datetime]) -> None:
    """Put answers, in the order of time, into the marks that those before them left."""
    answered = envelopes.filter(~pl.col("outcome").is_in(["error", "set_aside"]))
    for row in answered.iter_rows(named=True):
        if row["series"] in anew and row["fetched_at"] <= anew[row["series"]]:
            continue
        old = marks.get(row["series"])
        data = row["outcome"] == "data" or old is None or old.outcome != "data"
        marks[row["series"]] = Covered(
            first=min(row["first"], old.first) if old else row["first"],
            last=max(row["last"], old.last) if old else row["last"],
            fetched_at=row["fetched_at"],
            outcome=row["outcome"] if data else "data",
            **_told(row, old),
        )


def _envelopes(packs: Sequence[Pack], aside: Collection[str]) -> pl.DataFrame:
    if not packs:
        return pl.DataFrame(schema={**ENVELOPE, "pack": pl.String()})
    is_aside = pl.col("sha256").is_in(list(aside))
    return (
        pl.concat([_envelope(pack) for pack in packs])
        .with_columns(pl.when(is_aside).then(pl.lit("set_aside")).otherwise("outcome").alias("outcome"))
        .sort("fetched_at", "sha256", "series", nulls_last=False)
    )


def _envelope(pack: Pack) -> pl.DataFrame:
    held = _checked_bytes(pack)
    absent = [name for name in LATER if name not in pl.read_parquet_schema(held)]
    held.seek(0)
    return pl.read_parquet(held, columns=[name for name in ENVELOPE if name not in absent]).select(
        *(pl.lit(None, dtype=kind).alias(name) if name in absent else name for name, kind in ENVELOPE.items()),
        pl.lit(pack.name).alias("pack"),
    )


def _told(row: Mapping[str, Any], old: Covered | None) -> dict[str, Any]:
    """How far data reached, how many answers held nothing since, and the oldest hole: an answer speaks for its window."""
    if row["outcome"] != "data":
        return {
            "data_to": old.data_to if old else None,
            "nothings": old.nothings + 1 if old else 1,
            "hole": old.hole if old else None,
            "hole_since": old.hole_since if old else None,
        }
    before = old.hole if old and old.hole and not row["first"] <= old.hole <= row["last"] else None
    hole = min((day for day in (before, row["hole"]) if day is not None), default=None)
    reached = [day for day in (old.data_to if old else None, row["last"]) if day is not None]
    is_known = old is not None and hole is not None and hole == old.hole
    return {
        "data_to": max(reached),
        "nothings": 0,
        "hole": hole,
        "hole_since": (old.hole_since if old and is_known else row["fetched_at"]) if hole else None,
    }


def _checked_bytes(pack: Pack) -> io.BytesIO:
    data = pack.path.read_bytes()
    if hashlib.sha256(data).hexdigest() != pack.path.stem.rpartition("-")[2]:
        raise LandingError(
            f"{pack.path} is damaged: its bytes are not those it was named after. Restore it from a backup, or "
            "delete it and run again: what it covered will be fetched anew."
        )
    return io.BytesIO(data)


def _request(row: Mapping[str, Any]) -> Request:
    first, last = row["first"], row["last"]
    assert isinstance(first, date) and isinstance(last, date)
    return Request(
        series=row["series"],
        url=row["url"],
        first=first,
        last=last,
        asked_at=row["asked_at"],
        required=row["required"],
        whole=row["whole"],
    )
