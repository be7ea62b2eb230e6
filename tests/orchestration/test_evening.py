"""An evening on a graph small enough to read: what is kept, what is made and from where on, and what stays of a failure."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest

from orchestration import evening
from orchestration.dbt import DbtFailed, NodeDone
from warehouse.changes import AS_OF, Reads

AS_OF_THEN, NOW = "2026-01-07T01:00:00Z", datetime(2026, 1, 8, 1, tzinfo=UTC)
DAYS = [date(2026, 1, day) for day in (2, 5, 6, 7, 8)]
PYTHON = """
def model(dbt, session):
    first = session.execute("select getvariable('first_made')").fetchall()[0][0]
    rows = dbt.ref("prices").order("session_date").fetchall()
    import polars as pl
    made = [(day, price * 10, str(first)) for day, price, *_ in rows]
    return pl.DataFrame(made, schema=["session_date", "tenfold", "asked_from"], orient="row").to_arrow()

class dbtObj:
    def __init__(self, load):
        self.ref = lambda name: load(f"main.{name}")
"""


class Graph:
    """Raw prices by day, and models of them: name to (kept as, code, meta, what it reads)."""

    def __init__(self, models: dict[str, tuple[str, str, dict[str, Any], Reads]]) -> None:
        self.con = duckdb.connect()
        self.con.execute("SET TimeZone = 'UTC'")
        self.con.execute("CREATE SCHEMA raw; CREATE SCHEMA seeds; CREATE SCHEMA changes; CREATE SCHEMA build_log")
        self.con.execute("CREATE TABLE raw.bars (session_date DATE, price INTEGER)")
        self.con.execute("CREATE TABLE seeds.calendar AS SELECT unnest(?) AS date, true AS is_session", [DAYS])
        self.con.execute("CREATE TABLE build_log.marts AS SELECT 'a_mart' AS mart, 'before' AS build_id")
        self.con.executemany("INSERT INTO raw.bars VALUES (?, ?)", [(day, day.day) for day in DAYS[:3]])
        self.reads = {f"main.{name}": told[3] for name, told in models.items() if told[0] != "view"}
        rows = []
        for name, (kept_as, code, meta, _) in models.items():
            language = "python" if "def model" in code else "sql"
            rows.append(
                (len(rows), f"model.{name}", f"main.{name}", kept_as, language, code, json.dumps(meta), AS_OF_THEN)
            )
            if language == "python":
                self.con.execute(f"CREATE TABLE {name} (session_date DATE, tenfold INTEGER, asked_from VARCHAR)")
            else:
                self.con.execute(f"CREATE {'VIEW' if kept_as == 'view' else 'TABLE'} {name} AS {code}")
        self.con.execute(
            "CREATE TABLE changes.models (place INTEGER, unique_id VARCHAR, relation VARCHAR, kept_as VARCHAR,"
            " language VARCHAR, code VARCHAR, meta VARCHAR, as_of VARCHAR)"
        )
        self.con.executemany("INSERT INTO changes.models VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self.nodes: list[NodeDone] = []

    def go(self, **changed_from: date | None) -> dict[str, Any]:
        """An evening; ``changed_from`` is what came, by dataset. What each table hands on."""
        self.con.execute(
            "CREATE OR REPLACE TABLE changes.found (relation VARCHAR, changed_from DATE, reaches_from DATE)"
        )
        for name, day in changed_from.items():
            relation = AS_OF if name == AS_OF else f"raw.{name}"
            self.con.execute("INSERT INTO changes.found VALUES (?, ?, ?)", [relation, day, day])
        self.nodes = []
        evening.run(self.con, NOW, "this build", self.reads, self.nodes.append)
        told = self.con.execute("SELECT relation, changed_from, reaches_from FROM changes.found").fetchall()
        return {relation[5:]: (since, reaches) for relation, since, reaches in told if relation.startswith("main.")}

    def rows(self, table: str) -> list[Any]:
        """Its rows, in order."""
        return self.con.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()

    def made(self) -> set[str]:
        """The tables that were made, not kept."""
        return {node.unique_id[6:] for node in self.nodes if node.message == "made"}


def of(*tables: str, datasets: tuple[str, ...] = (), as_of: bool = False) -> Reads:
    return Reads(tuple(f"main.{table}" for table in tables), datasets, as_of)


PRICES = ("by_session", "SELECT session_date, price FROM raw.bars", {}, of(datasets=("bars",)))
TOTAL = ("table", "SELECT sum(price) AS total FROM prices", {}, of("prices"))
LATEST = ("by_session", "SELECT session_date, price, session_date = (SELECT max(session_date) FROM prices) AS is_latest FROM prices",
          {"now_columns": ["is_latest"]}, of("prices"))  # fmt: skip
AFTER_IT = ("by_session", "SELECT session_date, price + 1 AS more FROM latest", {}, of("latest"))


@pytest.fixture
def graph() -> Iterator[Graph]:
    graph = Graph({"prices": PRICES, "total": TOTAL, "latest": LATEST, "after_it": AFTER_IT})
    yield graph
    graph.con.close()


def test_nothing_came_and_everything_is_kept(graph: Graph) -> None:
    assert set(graph.go(bars=None).values()) == {(None, None)} and not graph.made()
    assert graph.con.execute("SELECT build_id FROM build_log.marts").fetchall() == [("this build",)]


def test_a_new_session_is_made_and_handed_on(graph: Graph) -> None:
    graph.con.execute("INSERT INTO raw.bars VALUES ('2026-01-07', 7)")
    graph.con.execute(
        "UPDATE prices SET price = -4 WHERE session_date = '2026-01-02'"
    )  # whoever is kept is not looked at
    found = graph.go(bars=date(2026, 1, 7))
    assert graph.rows("prices") == [(DAYS[0], -4), (DAYS[1], 5), (DAYS[2], 6), (DAYS[3], 7)]
    assert found["prices"] == (date(2026, 1, 7), date(2026, 1, 7))
    assert graph.rows("total") == [(14,)] and found["total"] == (date(1, 1, 1), date(1, 1, 1))
    assert graph.made() == {"prices", "total", "latest", "after_it"}


def test_what_only_tells_of_the_newest_state_makes_nobody_begin_earlier(graph: Graph) -> None:
    graph.con.execute("INSERT INTO raw.bars VALUES ('2026-01-07', 7)")
    whole = {**graph.reads, "main.latest": Reads(("main.prices", "main.total"), (), False)}
    graph.reads = whole  # by an input without sessions, so made from the beginning
    found = graph.go(bars=date(2026, 1, 7))
    assert found["latest"] == (DAYS[2], DAYS[3]), "6 January is no longer the latest; only the 7th is new otherwise"
    assert found["after_it"] == (DAYS[3], DAYS[3])
    assert [row[2] for row in graph.rows("latest")] == [False, False, False, True]


def test_what_comes_out_the_same_is_not_handed_on(graph: Graph) -> None:
    found = graph.go(bars=date(2026, 1, 5))
    assert graph.made() == {"prices"} and set(found.values()) == {(None, None)}


def test_a_change_that_ends_earlier_than_it_might_is_handed_on_from_where_it_is(graph: Graph) -> None:
    graph.con.execute("UPDATE raw.bars SET price = 60 WHERE session_date = '2026-01-06'")
    found = graph.go(bars=date(2026, 1, 2))
    assert found["prices"] == (DAYS[2], DAYS[2]) and graph.rows("after_it")[-1] == (DAYS[2], 61)


def test_a_row_that_is_gone_is_a_change(graph: Graph) -> None:
    graph.con.execute("DELETE FROM raw.bars WHERE session_date = '2026-01-05'")
    assert graph.go(bars=date(2026, 1, 5))["prices"] == (DAYS[1], DAYS[1])
    assert graph.rows("prices") == [(DAYS[0], 2), (DAYS[2], 6)]


def test_the_sign_of_zero_is_a_change() -> None:
    code = "SELECT session_date, CAST(price AS DOUBLE) * CAST('-0.0' AS DOUBLE) AS zero FROM raw.bars"
    graph = Graph({"zeros": ("by_session", code, {}, of(datasets=("bars",)))})
    graph.con.execute("DELETE FROM zeros WHERE session_date = '2026-01-06'")  # an update would see nothing to update
    graph.con.execute("INSERT INTO zeros VALUES ('2026-01-06', 0)")
    assert graph.go(bars=DAYS[0])["zeros"] == (DAYS[2], DAYS[2])


def test_a_model_is_told_from_where_on_and_how_far_back_it_reads() -> None:
    code = "SELECT session_date, CAST(getvariable('first_made') AS DATE) AS made, CAST(getvariable('first_read') AS DATE) AS read FROM raw.bars"
    told = ("by_session", code, {"look_back": 1, "looks_ahead": 1}, of(datasets=("bars",)))
    graph = Graph({"told": told})
    graph.go(bars=DAYS[2])
    assert graph.rows("told")[1:] == [(DAYS[1], DAYS[1], DAYS[0]), (DAYS[2], DAYS[1], DAYS[0])]


def test_a_python_model_reads_what_is_committed_and_is_cut_like_sql() -> None:
    graph = Graph({"prices": PRICES, "tenfold": ("by_session", PYTHON, {}, of("prices"))})
    graph.con.execute("INSERT INTO raw.bars VALUES ('2026-01-07', 7)")
    graph.go(bars=DAYS[3])
    assert graph.rows("tenfold") == [(DAYS[3], 70, "2026-01-07")]


def test_rows_without_a_session_are_cut_by_when_they_were_known() -> None:
    code = "SELECT CAST(session_date AS TIMESTAMPTZ) + INTERVAL 20 HOUR AS known_at, price FROM raw.bars"
    graph = Graph({"known": ("by_session", code, {}, of(datasets=("bars",)))})
    graph.con.execute("UPDATE raw.bars SET price = price + 10")
    found = graph.go(bars=DAYS[1])
    # what was known on the 6th is the first that surely became known after the session of the 5th
    assert [row[1] for row in graph.rows("known")] == [2, 5, 16] and found["known"] == (DAYS[1], DAYS[1])


def test_the_moment_of_the_build_stands_where_the_last_one_stood() -> None:
    asked = ("table", f"SELECT timestamptz '{AS_OF_THEN}' AS as_of", {}, of(as_of=True))
    graph = Graph({"seen": ("view", f"SELECT timestamptz '{AS_OF_THEN}' AS as_of", {}, of()), "asked": asked})
    graph.go(**{AS_OF: date(2026, 1, 6)})
    assert graph.rows("asked") == graph.rows("seen") == [(NOW,)]


def test_an_input_nobody_tells_of_may_have_changed_anywhere(graph: Graph) -> None:
    graph.con.execute("UPDATE raw.bars SET price = 20 WHERE session_date = '2026-01-02'")
    assert graph.go()["prices"] == (DAYS[0], DAYS[0])


def test_a_model_that_fails_is_named_and_ends_the_evening(graph: Graph) -> None:
    graph.con.execute("UPDATE changes.models SET code = 'SELECT session_date, price / (price - price) || 1 AS price FROM nothing'"
                      " WHERE relation = 'main.latest'")  # fmt: skip
    graph.con.execute("INSERT INTO raw.bars VALUES ('2026-01-07', 7)")
    with pytest.raises(DbtFailed, match=r"model\.latest: .*nothing"):
        graph.go(bars=DAYS[3])
    assert [node.unique_id for node in graph.nodes if node.status == "error"] == ["model.latest"]
    assert graph.con.execute("SELECT build_id FROM build_log.marts").fetchall() == [("before",)]


def test_an_interrupted_evening_stops_its_queries() -> None:
    slow = "SELECT DATE '2026-01-07' AS session_date, count(*) AS n FROM range(100_000_000) a, range(100_000) b"
    graph = Graph({"slow": ("by_session", "SELECT DATE '2026-01-07' AS session_date, 1::BIGINT AS n", {}, of(datasets=("bars",)))})  # fmt: skip
    graph.con.execute("UPDATE changes.models SET code = ?", [slow])
    threading.Timer(0.5, evening.interrupt).start()
    with pytest.raises(DbtFailed, match=r"(?i)interrupt"):
        graph.go(bars=DAYS[0])
