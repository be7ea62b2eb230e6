"""The whole write path on a tiny home: real lease, landing, load, gate, publish; a vendor and a dbt of a few lines.

Belongs here: what stands in for the vendors and for dbt, and what a reader of such a home sees. Edition ``n`` is what
the tiny vendor says on the nth minute; every row of both marts carries it, so a mixed read shows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import facts

from ingestion.http import Response
from ingestion.source import FetchState, Request, Source
from orchestration import steps
from orchestration.dbt import NodeDone
from orchestration.settings import Settings, code_version
from warehouse import changes, gate, rulebook
from warehouse.candidate import MartColumn, MartSpec
from warehouse.database import build_session, reader
from warehouse.home import Home
from warehouse.lease import writing

FIRST_MINUTE = datetime(2026, 1, 16, 1, tzinfo=UTC)
RULES = Path(__file__).parent / "rules"
LINES = 5000
SESSIONS = 600  # before the one of edition 1
MARTS = [
    MartSpec(name, f"Tiny {name}", (MartColumn("edition", "[count] Which edition"),), ("raw.facts",), key=(key,))
    for name, key in (("edition", "day"), ("lines", "line"), ("sessions", "session_date"))
]
SEEN = """
SELECT (SELECT max(edition) FROM marts.edition), (SELECT min(edition) FROM marts.lines),
    (SELECT max(edition) FROM marts.lines), (SELECT count(*) FROM marts.lines), (SELECT generation FROM meta.receipt),
    (SELECT max(edition) FROM marts.sessions), (SELECT count(*) FROM marts.sessions)
"""


def _questions(state: FetchState, now: datetime) -> Iterable[Request]:
    held = state.covered.get("A")
    if held is None or held.fetched_at < now:
        yield Request("A", "https://vendor.example/facts", date(2026, 1, 1), date(2026, 1, 15), now, required=True)


def source() -> Source:
    """Facts whose newest value is the edition; the others fill the pack with bytes that do not compress away."""
    return facts.source(requests=_questions, hosts=("vendor.example",))


def _body(edition: int) -> bytes:
    rows = [
        (hashlib.sha256(f"{edition}{n}".encode()).hexdigest() if n else "A", "2026-01-15", edition) for n in range(400)
    ]
    return json.dumps(rows).encode()


class Vendor:
    """Stands in for the client: always answers, with the edition of the clock."""

    def __init__(self, _: object, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def __enter__(self) -> Vendor:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, _: Source, request: Request) -> Response:
        minute = int((self._clock() - FIRST_MINUTE) / timedelta(minutes=1))
        return Response(request.url, 200, {}, _body(minute), self._clock())


@dataclass(frozen=True)
class Outcome:
    """What dbt's result object shows."""

    success: bool = True
    exception: None = None


def make_marts(path: Path, build_id: str, edition: int | None = None) -> None:
    """All marts of an edition (None: of the newest fact held), marked as rebuilt by ``build_id``."""
    with build_session(Home(path.parent), path) as con:
        _make_marts(con, build_id, edition)


def _make_marts(con: duckdb.DuckDBPyConnection, build_id: str, edition: int | None = None) -> None:
    con.execute("CREATE SCHEMA IF NOT EXISTS marts; CREATE SCHEMA IF NOT EXISTS build_log")
    con.execute("CREATE OR REPLACE TABLE build_log.marts (mart VARCHAR, build_id VARCHAR)")
    value = str(edition) if edition else "(SELECT CAST(max(value) AS INTEGER) FROM raw.facts)"
    columns = f"{value} AS edition, TIMESTAMPTZ '2026-01-15 20:00:00+00' AS known_at"
    con.execute(f"CREATE OR REPLACE TABLE marts.edition AS SELECT DATE '2026-01-15' AS day, {columns}")
    con.execute(
        f"CREATE OR REPLACE TABLE marts.lines AS SELECT range AS line, md5(range::VARCHAR) AS text, {columns} FROM range({LINES})"
    )
    con.execute(
        f"CREATE OR REPLACE TABLE marts.sessions AS SELECT DATE '2024-05-01' + CAST(n AS INTEGER) AS session_date,"
        f" CAST(n - {SESSIONS} AS INTEGER) AS edition, TIMESTAMPTZ '2026-01-15 20:00:00+00' AS known_at"
        f" FROM range({SESSIONS} + {value} + 1) t(n)"
    )
    con.execute("INSERT INTO build_log.marts SELECT unnest(['edition', 'lines', 'sessions']), ?", [build_id])


def _by_dbt(args: list[str], on_node: Callable[[NodeDone], None], _: object) -> Outcome:
    make_marts(Path(os.environ["UPDRAFT_BUILD"]), json.loads(args[args.index("--vars") + 1])["build_id"])
    on_node(NodeDone("model.tiny", "success", "", 0.0))
    return Outcome()


def _evening(
    con: duckdb.DuckDBPyConnection, _: datetime, build_id: str, __: object, on_node: Callable[[NodeDone], None]
) -> None:
    before = con.execute("SELECT max(session_date) FROM marts.sessions").fetchone()
    _make_marts(con, build_id)
    con.execute(
        "INSERT INTO changes.found SELECT 'marts.sessions', min(session_date), min(session_date) FROM marts.sessions WHERE session_date > ?",
        before,
    )
    on_node(NodeDone("model.tiny", "success", "", 0.0))


def _page(con: duckdb.DuckDBPyConnection, receipt: dict[str, Any]) -> str:
    return (
        f"<p>edition {con.execute('SELECT max(edition) FROM marts.edition').fetchall()} of {receipt['generation']}</p>"
    )


@contextlib.contextmanager
def tiny() -> Iterator[None]:
    """Within, ``orchestration.steps`` asks the tiny vendor and computes the tiny marts; all else is the real path."""
    with (
        patch.multiple(
            steps, all_sources=lambda: (source(),), Client=Vendor, marts=lambda: MARTS, reads=dict,
            _node_count=lambda with_seeds: 1, parsed_manifest=lambda: None, read_manifest=dict,
        ),
        patch("orchestration.dbt.invoke", _by_dbt),
        patch("orchestration.evening.run", _evening),
        patch("orchestration.evening.keep_models", lambda *_: None),
        patch("warehouse.rulebook.load_rules", partial(rulebook.load_rules, folder=RULES)),
        patch("warehouse.gate.warm", lambda: None),
        patch("warehouse.report.page.render_page", _page),
        patch("warehouse.report.week.render_week", _page),
    ):  # fmt: skip
        yield


def settings(root: Path, edition: int) -> Settings:
    """Settings of the tiny home at the minute of an edition."""
    os.environ["UPDRAFT_HOME"] = str(root)
    os.environ["UPDRAFT_CLOCK"] = (FIRST_MINUTE + timedelta(minutes=edition)).isoformat()
    return Settings.from_env()


def refresh(root: Path, edition: int) -> str | None:
    """The whole path for one edition; the generation's name, None when there is nothing new."""
    with tiny():
        done = steps.refresh(settings(root, edition))
    return done.generation if done else None


@contextlib.contextmanager
def ungated() -> Iterator[None]:
    """Within, one passing rule stands for the gate, where not the gate but what surrounds it is tested."""
    passed = gate.Verdict("lines.rows", "lines", "critical", "passed", "", "{}", "So that this is fast.")
    with patch("warehouse.gate.judge", lambda *_: [passed]):
        yield


def publish_many(root: Path, first: int, last: int) -> int:
    """Edition after edition published; how many became current."""
    new = 0
    with tiny(), ungated():
        for edition in range(first, last + 1):
            at = settings(root, edition)
            build = steps.Build(at.home.build, steps.facts_of(at), (), changes.Plan(None, "it is computed here"))
            with writing(at.home, "edit"):
                make_marts(build.path, build.facts.build_id, edition)
            new += steps.publish_build(at, build).is_new
    return new


def fetch(root: Path, edition: int) -> None:
    """Only ask and land."""
    with tiny():
        steps.fetch_dataset(settings(root, edition), source())


def load(root: Path, edition: int) -> None:
    """Only load what is landed."""
    with tiny():
        steps.load_dataset(settings(root, edition), source())


def compute(root: Path, edition: int) -> None:
    """Only compute the marts of the build."""
    with tiny():
        steps.compute(settings(root, edition))


def publish(root: Path, edition: int) -> str:
    """Only publish the build that the last compute left."""
    with tiny():
        at = settings(root, edition)
        return steps.publish_build(at, steps.last_build(at)).generation


def warm() -> None:
    """Import and compute what every child would, without starting a thread."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations  # noqa: F401
    import pandas  # noqa: F401

    code_version()


def seen(con: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """(edition, generation) a connection reads. Raises AssertionError when its tables disagree."""
    row = con.execute(SEEN).fetchone()
    assert row is not None
    edition, least, most, lines, generation, newest, sessions = row
    assert edition == least == most == newest and lines == LINES, f"a mixed read: {row}"
    assert sessions == SESSIONS + edition + 1, f"a session is missing or told twice: {row}"
    return edition, generation


def served(home: Home) -> int:
    """The edition a new reader sees. Raises HomeError when nothing is served."""
    con = reader(home.door)
    try:
        return seen(con)[0]
    finally:
        con.close()
