"""Is what is served fresh, undamaged and mendable? Belongs here: status, verify, doctor. Does not: mending anything."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, datetime

from ingestion.calendar import NEW_YORK, last_snapshot, sessions
from ingestion.registry import source
from orchestration import attempts
from orchestration.settings import Settings
from warehouse import content, generations, refusals
from warehouse.database import read_build, reader
from warehouse.errors import HomeError
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.lease import lease_owner


@dataclass(frozen=True)
class InputStatus:
    """One input as the published generation saw it."""

    dataset: str
    criticality: str
    last: str
    expected: str
    age: str
    state: str
    attempted: str


@dataclass(frozen=True)
class Status:
    """code: 0 fresh; 1 stale, altered, or the last attempt failed; 2 nothing published. ``notes``: the last attempt."""

    code: int
    headline: str
    rows: tuple[InputStatus, ...] = ()
    notes: tuple[str, ...] = ()


def status_of(settings: Settings) -> Status:
    """Compare the published generation with the last session whose snapshot has passed on the clock of this home.

    A last attempt that was held or interrupted, and a file that was changed after it was published, are not fresh.
    """
    try:
        now = generations.published(settings.home)
        notes, is_well = _last_attempt(settings.home)
        if now is None:
            return Status(2, f"nothing is published in {settings.home.root}. Run: updraft run", notes=notes)
        con = reader(settings.home.door)
    except HomeError as error:
        return Status(2, str(error))
    altered = generations.altered(now)
    if altered:  # what was changed may not be readable any more
        con.close()
        said = f"altered: {', '.join(altered)} of {now.name} changed after it was published. See: updraft verify"
        return Status(1, said, (), notes)
    try:
        found = con.execute(
            "SELECT h.dataset, h.criticality, h.last_observation, h.expected_observation, h.staleness_sessions, h.state,"
            " CAST(f.last_fetched_at AS DATE) FROM marts.source_health h LEFT JOIN meta.freshness f USING (dataset)"
            " WHERE h.session_date = (SELECT max(session_date) FROM marts.source_health) ORDER BY h.dataset"
        ).fetchall()
    finally:
        con.close()
    rows = tuple(InputStatus(*("–" if value is None else str(value) for value in row)) for row in found)
    as_of = datetime.fromisoformat(now.receipt["as_of"])
    due = last_snapshot(settings.now())
    behind = sum(as_of.date() < day <= due.date() for day in sessions()) if due > as_of else 0
    bad = [
        row.dataset for row in rows if row.criticality == "required" and row.state in ("stale", "failed", "not_held")
    ]
    told = f"{now.name} is as of {as_of:%Y-%m-%d %H:%M} UTC"
    failed = "" if is_well else f"{told}, and the last attempt did not replace it"
    wrong = (
        f"stale: {told}, {max(behind, 1)} session(s) behind. Run: updraft run" if due > as_of
        else f"stale: {', '.join(bad)} did not keep up in {now.name}. Run: updraft run" if bad
        else failed
    )  # fmt: skip
    fresh = f"fresh: {told}, vendors {now.receipt['vendors']}"
    return Status(1 if wrong else 0, wrong or fresh, rows, notes)


def _last_attempt(home: Home) -> tuple[tuple[str, ...], bool]:
    """Lines about the last attempt, and whether it ended well."""
    last = attempts.last(home)
    if last is None:
        return (), True
    if last.is_interrupted:
        return (
            f"last attempt: {last.began_at}, as of {last.as_of}: interrupted",
            f"  its process {last.pid} is gone and did not finish. Nothing is lost. Run: updraft run",
        ), False
    lines = [f"last attempt: {last.ended_at or last.began_at}, as of {last.as_of}: {last.outcome}"]
    if last.words:
        lines.append(f"  {last.words}")
    return tuple(lines), last.outcome != "held"


@dataclass(frozen=True)
class Freshness:
    """How far the data of a dataset reach, measured by the dates in them and the exchange calendar."""

    is_fresh: bool
    newest: date | None
    expected: date | None
    sessions_behind: int | None
    limit: int


def freshness_limit(dataset: str) -> tuple[int, int] | None:
    """(sessions of ordinary delay, sessions after which it is stale), as the source declares; None where it does not."""
    declared = source(dataset)
    if declared.stale_after_sessions is None:
        return None
    return declared.lag_sessions or 0, declared.stale_after_sessions


def data_freshness(dataset: str, newest: date | None, now: datetime) -> Freshness:
    """Judge by data date, not by when a run last happened. Raises KeyError for a dataset without a limit."""
    rule = freshness_limit(dataset)
    if rule is None:
        raise KeyError(f"the source of {dataset} declares no stale_after_sessions")
    lag, limit = rule
    today = last_snapshot(now).astimezone(NEW_YORK).date()
    passed = [day for day in sessions() if day <= today]
    expected = passed[-1 - lag] if len(passed) > lag else None
    behind = None if newest is None else sum(day > newest for day in passed)
    return Freshness(behind is not None and behind <= limit, newest, expected, behind, limit)


def verify_home(home: Home) -> list[str]:
    """Every damaged byte that can be found: landing packs, generations against receipts and their rows against content hashes, the build file."""
    problems = Landing(home.landing).verify() if home.landing.exists() else []
    for folder in generations.all_generations(home) if home.generations.exists() else []:
        problems += generations.check(folder) or content.check(folder)
    problems += _links(home)
    return problems + read_build(home)


def _links(home: Home) -> list[str]:
    found = []
    if home.current.is_symlink() and not home.current.resolve().exists():
        found.append(f"{home.current} points to nothing; run again: updraft run")
    if home.door.exists() and not home.door.is_symlink():
        found.append(f"{home.door} is a file, not a link to current/updraft.duckdb; move it away and run again")
    for wal in [*home.root.glob("*.duckdb.wal"), *home.generations.glob("*/*.wal")]:
        if wal.name != home.build.name + ".wal":
            found.append(
                f"{wal} lies beside a published file; somebody opened it for writing. Delete it, then: updraft verify"
            )
    return found


def _refused(home: Home) -> list[str]:
    """The refusal that stands: each rule with its rows, the answers behind them, and the commands that release it."""
    refusal = refusals.standing(home)
    if refusal is None:
        return []
    found = []
    for rule in refusal.rules:
        rows = [", ".join(f"{k} {v}" for k, v in row.items() if k not in ("pack",)) for row in rule.get("rows") or ()]
        lines = [f"refused as of {refusal.as_of}: {rule['rule_id']}: {rule['because']}"]
        lines += [f"seen: {rule['error'] or rule['observed']}", *rows[:4]]
        if len(rows) > 4:
            lines.append(f"… all in {refusal.path}")
        first: dict[str, object] = next((row for row in rule.get("rows") or () if "answer" in row), {})
        dataset, series = first.get("dataset", "DATASET"), first.get("entity", "SERIES")
        lines += [
            "If the vendor has it right by now, ask for the whole series anew:",
            f"  updraft refetch {dataset} '{series}' --reason '…'",
            "If the answer is wrong, set it aside (it is kept, and not used):",
            f"  updraft set-aside {dataset} {first.get('answer', 'SHA256')} --reason '…'",
        ]
        if not rule["error"]:
            lines += [
                "If it is right, accept exactly this; the reason is published:",
                f"  updraft accept {rule['rule_id']} {rule['evidence']} --reason '…'",
            ]
        found.append("\n    ".join([*lines, "Then: updraft run"]))
    return found


def examine(settings: Settings) -> list[str]:
    """What a careful operator would look at, each with how to mend it."""
    home = settings.home
    if not home.root.exists():
        return [f"{home.root} does not exist yet. Run: updraft run"]
    found = _links(home) + _refused(home)
    if (owner := lease_owner(home)) is not None:
        found.append(f"a writer is at work: {owner}. If it hangs, end that process; the lease frees itself.")
    for leftover in home.generations.glob(".new-*"):
        found.append(f"{leftover} was left by an interrupted publish; the next run removes it")
    broken = home.root / "broken"
    if broken.exists():
        found.append(f"{broken} holds build files that could not be opened; look at them or delete the folder")
    free = shutil.disk_usage(home.root).free
    if free < 2 * 2**30:
        found.append(f"only {free / 2**30:.1f} GiB free on the disk of {home.root}; a full run needs about 2")
    try:
        now = generations.published(home)
    except HomeError as error:
        return [*found, str(error)]
    if now is None:
        found.append("nothing is published. Run: updraft run")
    else:
        found += generations.check(now.path)
    return found
