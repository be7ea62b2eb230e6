"""An evening: the models as dbt compiled them for the last whole build, made again where they can differ, without dbt.

dbt takes three seconds to be imported and 40 ms for each of 400 models, however little there is to do, and the SQL it would
compile is that of the last build but for the moment it is as of. So a whole build is dbt's, and leaves its compiled models
in the build file (``changes.models``); an evening runs those.

A table of whose inputs none changed is kept. One that is made ``by_session`` is made from the first session that can
differ on; any other is made whole. Either is compared with what it was, and only rows from the first session that
really differs are exchanged; that session is what its readers are told.

Belongs here: what is due, making it, finding where it differs. Does not: whether a build may begin on the last one
(``warehouse.changes``), whole builds (``dbt``).
"""

from __future__ import annotations

import json
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from orchestration.dbt import DbtFailed, NodeDone, moment_text
from warehouse.changes import AS_OF, EVERYTHING, Reads
from warehouse.database import quoted


@dataclass(frozen=True)
class Model:
    """A compiled model: what computes it, and as what it is kept (``view``, ``table`` or ``by_session``)."""

    unique_id: str
    relation: str
    kept_as: str
    language: str
    code: str
    meta: Mapping[str, Any]

    @property
    def quoted(self) -> str:
        """Its relation as it stands in SQL."""
        return ".".join(map(quoted, self.relation.split(".")))


@dataclass(frozen=True)
class Change:
    """From which session on a relation differs from what it was; None: nowhere.

    ``reaches`` leaves out columns that speak of the newest state only (``meta.now_columns``).
    """

    since: date | None
    reaches: date | None


def keep_models(con: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], compiled: Path, as_of: datetime) -> None:
    """Note in the build file the models that dbt has just run, in an order that works, as of ``as_of``.

    ``compiled`` is the folder of dbt's compiled files.
    """
    models = {k: n for k, n in manifest["nodes"].items() if n["resource_type"] == "model"}
    graph = {k: [p for p in n["depends_on"]["nodes"] if p in models] for k, n in models.items()}
    rows: list[tuple[Any, ...]] = []
    for unique_id in TopologicalSorter(graph).static_order():
        node = models[unique_id]
        kept_as = node["config"]["materialized"]
        if kept_as == "ephemeral":
            continue  # its SQL stands in that of the models that read it
        code = (compiled / node["original_file_path"]).read_text()
        relation = f"{node['schema']}.{node['name']}"
        meta = json.dumps(node["config"]["meta"])
        rows.append((len(rows), unique_id, relation, kept_as, node["language"], code, meta, moment_text(as_of)))
    names = ["place", "unique_id", "relation", "kept_as", "language", "code", "meta", "as_of"]
    con.register("models", pl.DataFrame(rows, schema=names, orient="row").to_arrow())
    con.execute("CREATE OR REPLACE TABLE changes.models AS SELECT * FROM models")
    con.unregister("models")


def run(
    con: duckdb.DuckDBPyConnection,
    as_of: datetime,
    build_id: str,
    reads: Mapping[str, Reads],
    on_node: Callable[[NodeDone], None] = lambda node: None,
) -> None:
    """Make what is due, as of a moment. Raises DbtFailed naming the model; the caller drops what was written till then.

    ``con`` is the session of the build file in which ``changes.begin`` noted what came to each dataset.
    """
    models = _models(con, moment_text(as_of))
    con.execute("SET GLOBAL TimeZone = 'UTC'; SET GLOBAL asof_loop_join_threshold = 0")
    # of an evening most queries are small: several at a time with a thread each cost a fifth less than one with several
    (threads,) = con.execute("SELECT current_setting('threads')").fetchall()[0]
    con.execute("SET threads = 1")
    for model in models:
        if model.kept_as == "view":
            con.execute(f"CREATE OR REPLACE VIEW {model.quoted} AS {model.code}")
            on_node(NodeDone(model.unique_id, "success", "made", 0))
    tables = {model.relation: model for model in models if model.kept_as != "view"}
    evening = _Evening(con, reads)
    graph = TopologicalSorter({relation: set(reads[relation].tables) & tables.keys() for relation in tables})
    graph.prepare()
    running: dict[Future[tuple[Change, float]], Model] = {}
    made: dict[str, Change] = {}

    def done(model: Model, change: Change, seconds: float) -> None:
        made[model.relation] = evening.changes[model.relation] = change
        graph.done(model.relation)
        on_node(NodeDone(model.unique_id, "success", "made" if seconds else "kept", seconds))

    with ThreadPoolExecutor(threads, thread_name_prefix="evening") as pool:
        try:
            while graph.is_active():
                for relation in graph.get_ready():
                    model = tables[relation]
                    due = evening.due(model)
                    if due is None:
                        done(model, Change(None, None), 0)
                    else:
                        running[pool.submit(evening.make, model, due)] = model
                if not running:
                    continue
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    model = running.pop(future)
                    try:
                        done(model, *future.result())
                    except Exception as error:
                        on_node(NodeDone(model.unique_id, "error", str(error), 0))
                        raise DbtFailed(f"the evening stopped:\n  {model.unique_id}: {error}") from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            while any(not future.done() for future in running):
                interrupt()
                wait(running, timeout=0.1)
            raise
    _note(con, made, build_id)


def interrupt() -> None:
    """Stop the queries of an evening that are under way on other threads of this process."""
    with _ending:
        for cursor in _under_way:
            cursor.interrupt()


_under_way: set[duckdb.DuckDBPyConnection] = set()
_ending = threading.Lock()  # a connection that is being closed must not be interrupted


def _models(con: duckdb.DuckDBPyConnection, moment: str) -> list[Model]:
    rows = con.execute(
        "SELECT unique_id, relation, kept_as, language, replace(code, as_of, ?), meta FROM changes.models ORDER BY place",
        [moment],
    ).fetchall()
    return [Model(*row, json.loads(meta)) for *row, meta in rows]  # type: ignore[call-arg]


def _note(con: duckdb.DuckDBPyConnection, made: Mapping[str, Change], build_id: str) -> None:
    """What every table hands on, and that this build made the marts: as dbt's hooks note it (macros/build_log.sql)."""
    names = ["relation", "changed_from", "reaches_from"]
    rows = [(relation, change.since, change.reaches) for relation, change in made.items()]
    types = {"relation": pl.String(), "changed_from": pl.Date(), "reaches_from": pl.Date()}
    con.register("made", pl.DataFrame(rows, schema=types, orient="row").to_arrow())
    con.execute(f"INSERT INTO changes.found SELECT {', '.join(names)} FROM made")
    con.unregister("made")
    con.execute("UPDATE build_log.marts SET build_id = ?", [build_id])


_KNOWN = "CAST(known_at - INTERVAL 1 DAY AS DATE)"


class _Evening:
    """What changed so far, and how a table is made."""

    def __init__(self, con: duckdb.DuckDBPyConnection, reads: Mapping[str, Reads]) -> None:
        self._con = con
        self._reads = reads
        self._lock = threading.Lock()  # cursors are made one at a time
        found = con.execute("SELECT relation, min(changed_from), min(reaches_from) FROM changes.found GROUP BY ALL")
        self.changes = {relation: Change(*dates) for relation, *dates in found.fetchall()}
        self._columns: dict[str, list[tuple[str, str]]] = {}
        for relation, name, kind in con.execute(
            "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns()"
            " WHERE database_name = current_database() ORDER BY ALL"
        ).fetchall():
            self._columns.setdefault(relation, []).append((name, kind))
        days = con.execute("SELECT date FROM seeds.calendar WHERE is_session ORDER BY date").fetchall()
        self._sessions: list[date] = [day for (day,) in days]

    def due(self, model: Model) -> date | None:
        """The first session whose rows can differ; ``EVERYTHING`` where no session bounds it, None where none can."""
        made_of = self._reads[model.relation]
        inputs = (*made_of.tables, *(f"raw.{name}" for name in made_of.datasets), *((AS_OF,) if made_of.as_of else ()))
        changes = [self.changes.get(name, Change(EVERYTHING, EVERYTHING)) for name in inputs]
        any_change = min((change.since for change in changes if change.since), default=None)
        first = min((change.reaches for change in changes if change.reaches), default=None)
        if model.kept_as != "by_session":
            return any_change and EVERYTHING
        if first is None or first == EVERYTHING or "looks_ahead" not in model.meta:
            return first
        return self._earlier(first, model.meta["looks_ahead"])

    def _earlier(self, day: date, sessions: int) -> date:
        """The session so many before the first on or after ``day``."""
        place = bisect_left(self._sessions, day) - sessions
        return self._sessions[place] if place >= 0 else EVERYTHING

    def make(self, model: Model, due: date) -> tuple[Change, float]:
        """Make its rows from ``due`` on beside it, exchange those from the first session that differs on.

        Tells that session, and how many seconds it took.
        """
        began = time.perf_counter()
        first = None if due == EVERYTHING else due
        variables = {"evening": True, "first_made": first}
        if first is not None and "look_back" in model.meta:
            variables["first_read"] = self._earlier(first, model.meta["look_back"])
        cursor = self._cursor(variables)
        with _ending:
            _under_way.add(cursor)
        try:
            cursor.execute(f"BEGIN; CREATE TEMP TABLE fresh AS FROM {model.quoted} LIMIT 0")
            self._fill(cursor, model, first, variables)
            change = self._difference(cursor, model, first)
            if change.since is not None:
                since = self._since(model, None if change.since == EVERYTHING else change.since)
                cursor.execute(f"DELETE FROM {model.quoted} AS t{since}")
                cursor.execute(f"INSERT INTO {model.quoted} BY NAME SELECT * FROM fresh AS t{since}")
            cursor.execute("DROP TABLE fresh; COMMIT")
            return change, time.perf_counter() - began
        finally:
            with _ending:
                _under_way.discard(cursor)
                cursor.close()

    def _cursor(self, variables: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        """A connection of its own on which models find what they are told (dbt_project/macros/changes.sql)."""
        with self._lock:
            cursor = self._con.cursor()
        for name, value in variables.items():
            if value is not None:
                cursor.execute(f"SET VARIABLE {name} = {f'DATE {str(value)!r}' if isinstance(value, date) else value}")
        return cursor

    def _fill(
        self, cursor: duckdb.DuckDBPyConnection, model: Model, first: date | None, variables: Mapping[str, Any]
    ) -> None:
        since = self._since(model, first)
        if model.language == "sql":
            rows = f"SELECT * FROM ({model.code}\n) AS t{since}" if since else model.code
            cursor.execute(f"INSERT INTO fresh BY NAME {rows}")
            return
        names: dict[str, Any] = {}
        exec(compile(model.code, model.unique_id, "exec"), names)
        # inputs come on connections of their own: a model may still read while its rows are written
        read = [self._cursor(variables)]

        def relation(name: str) -> Any:
            read.append(self._cursor(variables))
            return read[-1].query(f"SELECT * FROM {name}")

        try:
            cursor.register("made", names["model"](names["dbtObj"](relation), read[0]))
            cursor.execute(f"INSERT INTO fresh BY NAME SELECT * FROM made AS t{since}")
            cursor.unregister("made")
        finally:
            for one in read:
                one.close()

    def _session(self, model: Model) -> str:
        """The day from which on a row can matter: that of its session, else when it was known (20:00 New York is the next
        day in UTC, so a day earlier) or began to hold, else that of its observation. Names of things have none.
        """
        names = {name for name, _ in self._columns[model.relation]}
        days = {
            "session_date": "session_date",
            "known_at": f"least({_KNOWN}, valid_from)" if "valid_from" in names else _KNOWN,
            "session_no": "(SELECT c.session_date FROM intermediate.int_calendar AS c WHERE c.session_no = t.session_no)",
            "observation_date": "observation_date",
        }
        has = None if model.meta.get("undated") else next((name for name in days if name in names), None)
        if model.kept_as == "by_session" and has in ("session_date", "known_at"):
            return days[has]  # is never null there
        return f"coalesce({days[has] if has else 'NULL'}, DATE '{EVERYTHING}')"

    def _since(self, model: Model, first: date | None) -> str:
        """The condition on rows that matter from ``first`` on, of a relation called t; none where that is None."""
        if first is None:
            return ""
        day = self._session(model)
        if day == _KNOWN and model.kept_as == "by_session":
            return (
                f" WHERE known_at >= TIMESTAMPTZ '{first + timedelta(1)} 00:00:00+00'"  # the same, asked of the storage
            )
        return f" WHERE {day} >= DATE '{first}'"

    def _difference(self, cursor: duckdb.DuckDBPyConnection, model: Model, first: date | None) -> Change:
        """The first session whose rows differ between the table and ``fresh``.

        Rows are compared by sums of hashes, as content hashes are; the hash does not tell the sign of zero, so it is added.
        """
        now_columns = model.meta.get("now_columns", [])
        cells, lasting = [], []
        for name, kind in self._columns[model.relation]:
            told = [quoted(name)] + ([f"signbit({quoted(name)})"] if kind in ("DOUBLE", "FLOAT") else [])
            cells += told
            lasting += [] if name in now_columns else told
        since = self._since(model, first)
        sides = " UNION ALL ".join(
            f"SELECT {self._session(model)} AS s, {sign}1 AS n, {sign}CAST(hash({', '.join(cells)}) AS HUGEINT) AS h,"
            f" {sign}CAST(hash({', '.join(lasting)}) AS HUGEINT) AS k FROM {side} AS t{since}"
            for side, sign in ((model.quoted, "-"), ("fresh", ""))
        )
        row = cursor.execute(
            "SELECT min(s), min(s) FILTER (differs) FROM (SELECT s, sum(n) <> 0 OR sum(k) <> 0 AS differs"
            f" FROM ({sides}) GROUP BY s HAVING sum(n) <> 0 OR sum(h) <> 0)"
        ).fetchone()
        assert row is not None
        return Change(*row)
