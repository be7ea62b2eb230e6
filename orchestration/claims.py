"""Claims: ours as they were audited, and those a user wrote down, judged on the published file.

Belongs here: the form of a user's claim, its statement, and the bounds within which it runs. Does not: the audit of the
press (mart ``claims_audit``), layout (``show_claims``).

A user's claim is a file ``$UPDRAFT_HOME/claims/<name>.yml``. It reads one published table: which rows (``rows``), and an
aggregate over them that is true, false or null (``predicate``). Nothing else gets through: the statement is parsed
before it runs, and must have that shape without any query inside. It runs in a process of its own, through the hardened
reader, with bounds on memory and time.
"""

from __future__ import annotations

import difflib
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.render import FACTS
from warehouse.database import quoted, reader
from warehouse.errors import HomeError
from warehouse.home import Home

FOLDER = "claims"
SECONDS = 5.0  # one claim may take
MEMORY = "512MB"
NEEDED = ("claim_id", "reported_on", "statement", "facts", "predicate")
OPTIONAL = ("outlet", "title", "rows", "found", "settles_on")
LONGEST = 2_000  # letters of a fragment
TEMPLATE = """claim_id: my_first
reported_on: 2026-01-15
outlet: my notes
statement: The VIX closed below 20.
facts: indicator_readings
rows: reading_id = 'VS01' and session_date = date '2026-01-15'
predicate: bool_and(value < 20)
found: format('VIX {:.2f}', max(value))
settles_on: 2026-01-15
"""
_OURS = """
    SELECT claim_id, reported_on, outlet, title, statement, basis, verdict_then, verdict_now, found_text, found_text_now,
           judged_until, settles_on, predicate_sql
    FROM marts.claims_audit
    ORDER BY reported_on, claim_id
"""


class ClaimError(Exception):
    """A user's claim cannot be judged. Says which file, which field, which rule, and what to do."""


@dataclass(frozen=True)
class Claim:
    """One claim with its verdicts. ``by`` is ``press`` or ``you``; ``error`` says why there is no verdict."""

    claim_id: str
    by: str
    reported_on: date | None
    outlet: str
    title: str
    statement: str
    basis: str
    verdict_then: str
    verdict_now: str
    found_then: str
    found_now: str
    judged_until: date | None
    settles_on: date | None
    predicate_sql: str
    error: str = ""


@dataclass(frozen=True)
class Written:
    """A user's claim as it was read."""

    file: str
    claim_id: str
    reported_on: date
    outlet: str
    title: str
    statement: str
    facts: str
    rows: str
    predicate: str
    found: str
    settles_on: date

    def sql(self, until: date | None) -> str:
        """The statement over rows known by ``until``; without a day the one a reader can run as it stands."""
        share = f"CASE WHEN count(*) > 0 THEN CAST(({self.predicate}\n) AS DOUBLE) END AS share_true"
        if until is None:
            return f"SELECT {share} FROM marts.{self.facts} WHERE ({self.rows}\n)".replace("\n)", ")")
        known_by = FACTS.get(self.facts, "f.session_date")
        return (
            f"SELECT {share}, CAST(({self.found or 'NULL'}\n) AS VARCHAR) AS found FROM marts.{quoted(self.facts)} AS f"
            f" WHERE ({self.rows}\n) AND {known_by} <= DATE '{until}'"
        )


@dataclass
class Answer:
    """What a question came to, as it crosses the border of the process."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    error: str = ""


def all_claims(home: Home) -> list[Claim]:
    """Ours by date, then the user's by file. Raises HomeError when nothing is published, or by other code."""
    con = reader(home.door)
    try:
        ours = con.execute(_OURS).fetchall()
        newest, sessions = _sessions(con)
        tables = _tables(con)
        read = _read(home.root / FOLDER, tables, con)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        what = str(error).splitlines()[0]
        raise HomeError(
            f"{home.door} was published by another version of the code ({what}). Run: updraft run"
        ) from error
    finally:
        con.close()
    return [_of_press(row) for row in ours] + _of_user(home.door, read, tables, newest, sessions)


def to_json(claims: Sequence[Claim]) -> str:
    """The claims as JSON, dates as ISO text."""
    plain = lambda value: value.isoformat() if isinstance(value, (date, datetime)) else str(value)  # noqa: E731
    return json.dumps([asdict(claim) for claim in claims], indent=1, default=plain, ensure_ascii=False)


def _of_press(row: tuple[Any, ...]) -> Claim:
    claim_id, reported, outlet, title, statement, basis, then, now, found_then, found_now, until, settles, sql = row
    return Claim(
        claim_id, "press", reported, outlet or "", title or "", statement, basis, then, now, found_then, found_now, until,
        settles, sql or "",
    )  # fmt: skip


def _sessions(con: duckdb.DuckDBPyConnection) -> tuple[date, list[date]]:
    days = [
        day for (day,) in con.execute("SELECT date FROM marts.dim_calendar WHERE is_session ORDER BY date").fetchall()
    ]
    (newest,) = con.execute("SELECT max(date) FROM marts.dim_calendar WHERE is_latest").fetchone() or (None,)
    if newest is None:
        raise HomeError("the published file has no newest session; run updraft doctor")
    return newest, [day for day in days if day <= newest]


def _tables(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Published tables that have sessions, with their columns."""
    rows = con.execute("""
        SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()
        WHERE schema_name = 'marts' GROUP BY table_name HAVING list_contains(list(column_name), 'session_date')
    """).fetchall()
    return dict(rows)


def _read(folder: Path, tables: dict[str, list[str]], con: duckdb.DuckDBPyConnection) -> list[Written | Claim]:
    """The user's claims by file; one that has not the form stands there with its error."""
    read: list[Written | Claim] = []
    for path in sorted(p for p in folder.glob("*") if p.suffix in (".yml", ".yaml")):
        try:
            read.append(written(path, tables, con))
        except ClaimError as error:
            read.append(
                Claim(path.stem, "you", None, "", "", "", "", "ERROR", "ERROR", "", "", None, None, "", str(error))
            )
    return read


def _of_user(
    file: Path, read: Sequence[Written | Claim], tables: dict[str, list[str]], newest: date, sessions: list[date]
) -> list[Claim]:
    """The user's claims, judged. One that cannot be judged says why; the others are not harmed."""
    ids = [claim.claim_id for claim in read]
    made: list[Claim] = []
    questions = {}
    for n, claim in enumerate(read):
        if isinstance(claim, Written):
            until = max((day for day in sessions if day <= claim.reported_on), default=date.min)
            questions[n] = (claim.sql(until), claim.sql(newest))
    answers = dict(zip(questions, _asked(file, list(questions.values())), strict=True))
    for n, claim in enumerate(read):
        if isinstance(claim, Claim):
            made.append(claim)
        elif ids.count(claim.claim_id) > 1:
            made.append(
                _with_error(claim, f"{claim.file}: claim_id {claim.claim_id!r} is given twice. Name each claim once.")
            )
        else:
            made.append(_judged(claim, answers[n], newest, sessions, tables))
    return made


def written(path: Path, tables: dict[str, list[str]], con: duckdb.DuckDBPyConnection) -> Written:
    """A claim as its file tells it; ``con`` parses. Raises ClaimError where it has not the form, or asks for more than one table's rows."""
    where = f"{FOLDER}/{path.name}"
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ClaimError(
            f"{where}: cannot be read ({' '.join(str(error).split())}). A claim looks so:\n{TEMPLATE}"
        ) from error
    if not isinstance(told, dict):
        raise ClaimError(f"{where}: must be fields with values. A claim looks so:\n{TEMPLATE}")
    for name in told:
        if name not in NEEDED + OPTIONAL:
            near = difflib.get_close_matches(str(name), NEEDED + OPTIONAL, 1)
            hint = f"did you mean {near[0]}?" if near else f"fields are {', '.join(NEEDED + OPTIONAL)}."
            raise ClaimError(f"{where}, {name}: no such field; {hint}")
    for name in NEEDED:
        if told.get(name) in (None, ""):
            raise ClaimError(f"{where}, {name}: is missing. A claim looks so:\n{TEMPLATE}")
    days: dict[str, date] = {}
    for name in ("reported_on", "settles_on"):
        day = told.get(name) or told["reported_on"]
        if not isinstance(day, date) or isinstance(day, datetime):
            raise ClaimError(f"{where}, {name}: {day!r} is no day. Write it as 2026-01-15, without quotes.")
        days[name] = day
    text = {name: str(told.get(name) or "").strip() for name in (*NEEDED, *OPTIONAL) if name not in days}
    if text["facts"].removeprefix("marts.") not in tables:
        near = difflib.get_close_matches(text["facts"].removeprefix("marts."), tables, 3) or sorted(tables)[:3]
        raise ClaimError(
            f"{where}, facts: {text['facts']!r} is no published table with sessions. Did you mean {' or '.join(near)}?"
            " All are listed by: SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts'"
        )
    text["rows"] = text["rows"] or "true"
    for name in ("rows", "predicate", "found"):
        if text[name]:
            _one_expression(con, where, name, text[name])
    return Written(
        where, text["claim_id"], days["reported_on"], text["outlet"], text["title"], " ".join(text["statement"].split()),
        text["facts"].removeprefix("marts."), text["rows"], text["predicate"], text["found"], days["settles_on"],
    )  # fmt: skip


def _one_expression(con: duckdb.DuckDBPyConnection, where: str, name: str, text: str) -> None:
    """Refuse a fragment that is not exactly one expression without a query inside.

    The fragment is parsed as the one argument of a function: what closes the bracket early, adds a statement or a
    second argument gives another tree. Queries inside would reach other tables, files and days.
    """
    if len(text) > LONGEST:
        raise ClaimError(f"{where}, {name}: {len(text):,} letters. Rule: at most {LONGEST:,}. Say it shorter.")
    (told,) = con.execute("SELECT json_serialize_sql(?)", [f"SELECT the_one({text}\n)"]).fetchone() or ("{}",)
    tree = json.loads(told)
    if tree.get("error"):
        raise ClaimError(
            f"{where}, {name}: is no SQL expression ({tree.get('error_message', 'unknown')}). Rule: one expression, no"
            " statement. Try it in duckdb -readonly updraft.duckdb, then write it here without SELECT and WHERE."
        )
    node = tree["statements"][0]["node"] if len(tree["statements"]) == 1 else {}
    asked = node.get("select_list") or [{}]
    is_one = (
        node.get("type") == "SELECT_NODE" and len(asked) == 1
        and asked[0].get("function_name") == "the_one" and len(asked[0].get("children", ())) == 1
        and not asked[0].get("filter") and not asked[0].get("distinct") and not asked[0]["order_bys"]["orders"]
        and node["from_table"]["type"] == "EMPTY" and not node["modifiers"] and not node["cte_map"]["map"]
        and not any(node[part] for part in ("where_clause", "group_expressions", "having", "qualify", "sample"))
    )  # fmt: skip
    if not is_one:
        raise ClaimError(
            f"{where}, {name}: is more than one expression. Rule: one expression over the rows of `facts`."
        )
    for inner in _nodes(asked):
        if inner.get("class") in ("SUBQUERY", "PARAMETER", "WINDOW"):
            raise ClaimError(
                f"{where}, {name}: holds a {inner['class'].lower()}. Rule: a claim reads the rows of one table and nothing"
                " else. Choose the rows in `rows`, the table in `facts`."
            )


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from _nodes(part)


def _judged(
    claim: Written, answers: Sequence[Answer], newest: date, sessions: list[date], tables: dict[str, list[str]]
) -> Claim:
    for answer in answers:
        if answer.error:
            return _with_error(claim, f"{claim.file}: {_explained(answer.error, claim, tables)}")
    reported = max((day for day in sessions if day <= claim.reported_on), default=None)
    verdicts, found = [], []
    for until, answer in zip((reported, newest), answers, strict=True):
        share, text = answer.rows[0]
        verdicts.append(_word(share, claim.settles_on, until))
        found.append(text or "")
        if share is not None and not 0 <= share <= 1:
            return _with_error(
                claim, f"{claim.file}, predicate: gives {share:g}. Rule: true, false, or a share between 0 and 1."
                " Compare the figure with something.",
            )  # fmt: skip
    return Claim(
        claim.claim_id, "you", claim.reported_on, claim.outlet, claim.title, claim.statement, "computed", verdicts[0],
        verdicts[1], found[0], found[1], newest, claim.settles_on, claim.sql(None),
    )  # fmt: skip


def _word(share: float | None, settles_on: date, until: date | None) -> str:
    """The verdict as ``claims_audit`` words it."""
    if until is None:
        return "NO_DATA"
    if settles_on > until:
        return "OPEN"
    return {None: "NO_DATA", 1.0: "TRUE", 0.0: "FALSE"}.get(share, "PARTLY")


def _with_error(claim: Written, error: str) -> Claim:
    return Claim(
        claim.claim_id, "you", claim.reported_on, claim.outlet, claim.title, claim.statement, "computed", "ERROR", "ERROR", "",
        "", None, claim.settles_on, "", error,
    )  # fmt: skip


def _explained(error: str, claim: Written, tables: dict[str, list[str]]) -> str:
    """The database's own words, and what to do about them."""
    first = " ".join(error.splitlines()[:1])
    if "Referenced column" in error:
        return f"{first} Columns of {claim.facts}: {', '.join(tables[claim.facts])}."
    if "must appear in the GROUP BY" in error or "GROUP BY clause" in error:
        return f"{first} Rule: predicate and found are aggregates; write bool_and(...), max(...) or count(*) around columns."
    return first


def _asked(file: Path, questions: Sequence[tuple[str, ...]]) -> list[list[Answer]]:
    """The rows of each question's statements, asked in a process of its own that ends when one takes too long."""
    answers: list[list[Answer]] = []
    while len(answers) < len(questions):
        answers += _asked_until_one_hangs(file, questions[len(answers) :])
    return answers


def _asked_until_one_hangs(file: Path, questions: Sequence[tuple[str, ...]]) -> list[list[Answer]]:
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    child = context.Process(target=_answering, args=(file, theirs), daemon=True)
    child.start()
    theirs.close()
    answers: list[list[Answer]] = []
    try:
        _received(mine, 60)  # it is there: what follows is the time of the statements alone
        for statements in questions:
            mine.send(statements)
            answer = _received(mine, SECONDS)
            answers.append(answer)
            if answer[0].error.startswith("Ended"):
                break
    finally:
        mine.close()
        child.kill()
        child.join()
    return answers


def _received(pipe: Connection, seconds: float) -> list[Answer]:
    try:
        if pipe.poll(seconds):
            return list(pipe.recv())
    except EOFError:
        return [Answer(error=f"Ended: it needed more than {MEMORY} of memory. Choose fewer rows, compute less.")]
    return [Answer(error=f"Ended after {seconds:g} s. Rule: a claim takes no longer. Choose fewer rows, compute less.")]


def _answering(file: Path, pipe: Connection) -> None:
    """In the other process: one connection, statement after statement, at most one row and one more to see that it is one."""
    con = reader(file, memory=MEMORY)
    pipe.send([])
    while True:
        try:
            statements = pipe.recv()
        except EOFError:
            return
        answers = []
        for sql in statements:
            try:
                rows = con.execute(sql).fetchmany(2)
                answers.append(
                    Answer(rows) if len(rows) == 1 else Answer(error="gives more than one row. Rule: one aggregate.")
                )
            except duckdb.Error as error:
                answers.append(Answer(error=str(error)))
        pipe.send(answers)
