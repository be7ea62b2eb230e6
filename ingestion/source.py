"""The source contract: what every connector declares and does. Nothing else belongs here.

A connector is one file in ``ingestion/sources`` that defines one :class:`Source` per dataset. A source is pure: it says
what to ask (``requests``) and what the answer means (``parse``). It never opens a socket, a file or a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

import polars as pl

UNITS = (
    *("usd", "pct", "pp", "bp", "ratio", "index", "count", "share", "date", "ts", "id", "text", "flag", "z"),
    *("probability", "varies"),  # varies: another unit in each row; the description says what tells it
)
CONTACT = "UPDRAFT_CONTACT"  # the environment variable with the mail address that stands in the User-Agent
Tier = Literal["core", "full"]
Criticality = Literal["required", "optional"]
KnownAtKind = Literal["published", "lag_rule", "first_seen"]


class VendorError(Exception):
    """A vendor did not give what the contract promises: names the dataset, the request, the rule and what to do."""

    def __init__(self, dataset: str, series: str, rule: str, found: str, hint: str = "") -> None:
        """``found`` is a short description or excerpt; it must already be free of secrets."""
        self.dataset, self.series, self.rule, self.found, self.hint = dataset, series, rule, found[:300], hint
        super().__init__(f"{dataset}[{series}]: {rule}; found: {self.found}" + (f". {hint}" if hint else ""))


class ShapeError(VendorError):
    """The body is not of the declared shape (HTML instead of CSV, a renamed column, a row cut in the middle)."""


class NoSuchSeries(VendorError):
    """The vendor says, in its own words, that it does not know this series (HTTP 404, 'No data found')."""


class EmptyAnswer(VendorError):
    """The vendor answered properly that there is nothing in the window asked. Not an error, and never 'no change'."""


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column: polars dtype, unit (one of ``UNITS``) and what it means."""

    dtype: pl.DataType
    unit: str
    doc: str


_TS = pl.Datetime("us", "UTC")
# Columns that the loader adds to every dataset, in this order.
SYSTEM_COLUMNS: Mapping[str, Column] = {
    "known_at": Column(_TS, "ts", "When this version of the fact could be known (UTC)"),
    "known_at_kind": Column(pl.String(), "text", "published, lag_rule, first_seen or late_arrival"),
    "first_seen_at": Column(_TS, "ts", "When this version was first received (UTC)"),
    "fetched_at": Column(_TS, "ts", "When the answer that holds it was received (UTC)"),
    "source": Column(pl.String(), "id", "Vendor the row came from"),
    "landing_sha256": Column(pl.String(), "id", "sha256 of the vendor's bytes in landing"),
}
# One more where absence tells something (``Source.tells_absence``), before the others.
IS_PRESENT = Column(
    pl.Boolean(), "flag", "False when an earlier answer had the key and this one, which covers it, has not"
)


@dataclass(frozen=True, slots=True)
class RowRule:
    """A rule each row must obey; ``bad`` is a polars expression that is true for rows to be quarantined."""

    name: str
    bad: pl.Expr
    doc: str


@dataclass(frozen=True, slots=True)
class Plausible:
    """How the loader finds values that cannot be (``plausible``): which column holds them, and what they belong to.

    ``kind`` and the series (``name``, or what stands in column ``series``) find the row of seed ``bounds.csv``. Rows of
    one series (and one value of the columns ``within``) are compared in the order of ``ordered``, each answer and each
    value of the columns ``apart`` (vintages) on its own, unless answers are ``paged``. A step of ``value`` that column
    ``undone_by`` takes in the opposite direction by the same ratio is a split.
    """

    kind: str
    value: str
    ordered: str
    series: str = ""
    name: str = ""
    within: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    paged: bool = False
    undone_by: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """The days that each series of a dataset is expected to have: one that is missing before a later one is a hole.

    ``kind``: sessions of the exchange, those on which bonds trade too, every day (UTC), the Saturdays (or Fridays)
    that end weeks, or the first days of months (or quarters). ``series`` is the column that tells series apart; empty: the
    dataset is one. ``rows`` is SQL over the staging model for the rows that are meant; empty: all.
    """

    kind: Literal["session", "bond_day", "day", "week", "friday", "month", "quarter"]
    series: str = ""
    rows: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a vendor. Everything in it is stored in the landing envelope, so a parse can be repeated for ever.

    ``series`` names what is asked for (a symbol, a series id, a product); high-water marks are kept per series.
    ``first`` and ``last`` are the observation dates that the answer claims to cover. ``asked_at`` (UTC) is the moment
    the question stands for: unfinished bars after it are dropped and as-of-now adjustments are undone with it.
    ``required``: without this answer the step fails (only for sources of criticality ``required``).
    """

    series: str
    url: str
    first: date
    last: date
    asked_at: datetime
    headers: tuple[tuple[str, str], ...] = ()
    required: bool = False
    whole: bool = False  # True when the answer replaces all that was known of the series (full history, snapshot)


@dataclass(frozen=True, slots=True)
class Covered:
    """What landing already holds of one series: the days its answers covered, and when the newest was fetched.

    ``outcome`` is ``data`` once there ever was some, else that of the newest answer: ``empty`` (nothing in the window)
    or ``missing`` (unknown series). Failed questions cover nothing. ``data_to`` is the last day an answer with data
    covered (None: not told, take ``last``), ``nothings`` how many answers since then, or ever, held nothing, and ``hole``
    the oldest expected observation that the newest answer about its day did not have, seen first at ``hole_since``.
    """

    first: date
    last: date
    fetched_at: datetime
    outcome: Literal["data", "empty", "missing"] = "data"
    data_to: date | None = None
    nothings: int = 0
    hole: date | None = None
    hole_since: datetime | None = None


@dataclass(frozen=True)
class FetchState:
    """All that ``requests`` may know."""

    tier: Tier
    # The seeds that ``Source.seeds`` names: columns are text, rows are those of the world of the run.
    seeds: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    covered: Mapping[str, Covered] = field(default_factory=dict)  # by request series, of this dataset
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)  # newest parsed answer of each dataset in `needs`
    # By request series, of each dataset in `beside`.
    beside: Mapping[str, Mapping[str, Covered]] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """One dataset of one vendor. Declared once: raw DDL and Dagster metadata follow from it, and ``ingestion.registry``
    renders dbt's sources, the staging model, its health row and its arm of ``int_observations_known``.

    ``requests(state, as_of)`` yields the questions to ask as of a UTC moment, already reduced to what is not covered.
    ``parse(body, request)`` is pure and returns exactly ``columns`` (names, order, dtypes), or raises
    :class:`ShapeError`, :class:`NoSuchSeries` or :class:`EmptyAnswer`; it never returns an empty frame.
    ``known_at(frame)`` gives a UTC timestamp series: when each row became public (first version of a fact).
    ``follow_up(frame, request)`` may ask once more (e.g. the whole history because a split lies in the overlap).
    """

    dataset: str
    vendor: str
    title: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    observed: str  # the column that dates the observation
    cadence: Literal["session", "daily", "weekly", "monthly", "snapshot", "event"]
    tier: Tier
    criticality: Criticality
    licence: str
    known_at: Callable[[pl.DataFrame], pl.Series]
    parse: Callable[[bytes, Request], pl.DataFrame]
    requests: Callable[[FetchState, datetime], Iterable[Request]] | None = None  # None: reads another's landing
    reads: str | None = None  # dataset whose landing this one parses
    needs: tuple[str, ...] = ()  # datasets whose newest answer `requests` must see
    beside: tuple[str, ...] = ()  # datasets asked before it, of which `requests` must see what is covered
    hosts: tuple[str, ...] = ()  # the only hosts this source may talk to, redirects included
    # The environment variable that holds a key (it ends in _API_KEY; http.py blanks its value everywhere). Without the key
    # nothing is asked. Only the client puts it into a question, as ``key_parameter``.
    key_variable: str = ""
    key_parameter: str = "api_key"
    needs_contact: bool = False  # the vendor wants an address (CONTACT) in the User-Agent; without one nothing is asked
    pace_seconds: float = 0.0  # minimum distance between two questions to one live host
    pace_is_the_vendors: bool = False  # … to all hosts of this vendor together
    max_bytes: int = 64 * 2**20  # cap on the decompressed body
    series_column: str | None = None  # the column that holds the request's series, where one does
    known_at_kind: KnownAtKind = "lag_rule"
    rules: tuple[RowRule, ...] = ()
    plausible: Plausible | None = None  # what is judged against seed bounds.csv at load
    snapshot: bool = (
        False  # each answer is the complete list: a key that vanishes becomes a row with is_present = false
    )
    # Answers hold all facts of their window, this long after its first day (its edge may hold no session): one that an
    # earlier answer had and this one has not was withdrawn, and becomes a row with is_present = false.
    complete_after: timedelta | None = None
    # Status and words by which the vendor says, beside 404, that a file is not there (yet): the host is well then, and the
    # parser tells it as an empty answer.
    absent: tuple[int, bytes] | None = None
    follow_up: Callable[[pl.DataFrame, Request], Request | None] | None = None
    # The oldest observation an answer should have had, or the next one it cannot have yet.
    hole: Callable[[pl.DataFrame, Request], date | None] | None = None
    # Whether it is properly nothing that the vendor does not know this series: it drops those that ended, or a company need
    # not have the line. That is then an empty answer.
    forgotten: Callable[[Request], bool] | None = None
    # Health, in sessions of the exchange: the ordinary delay of the newest observation, and the age beyond which it is
    # stale. None where the dataset has no regular newest observation.
    lag_sessions: int | None = None
    stale_after_sessions: int | None = None
    # None: no days are expected, or int_holes.sql says by hand which.
    grid: Grid | None = None
    reach: str | None = None  # the column that says how far the data reach, where that is not ``observed``
    versions: Literal["newest", "all"] = "newest"  # what the staging model gives of each key, as known at as_of
    # SQL over its columns: the name by which ``inputs`` of seeds/indicators.csv calls a row's series. A trace of a reading
    # then names the rows of its series only.
    input_id: str | None = None
    own_staging: bool = False  # stg_<dataset>.sql is written by hand, because it has logic of its own
    seeds: tuple[str, ...] = ()  # seeds of dbt_project/seeds that ``requests`` must see
    domain: Literal["market", "macro", "flow", "crypto", "reference"] = "market"

    @property
    def tells_absence(self) -> bool:
        """Whether a missing key means something: raw then has the column ``is_present``."""
        return self.snapshot or self.complete_after is not None
