"""Publishing: candidate → gate → generation → flip. One operation; nothing else makes readers see something new.

Belongs here: the order of the steps and the refusal. Does not: SQL about marts (``candidate``), rules (``gate``),
links (``generations``). A refused or killed publish leaves the previous generation served.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion.source import Source
from warehouse import candidate, changes, content, crash_points, decisions, gate, generations, meta, refusals, twin
from warehouse.database import attach, connect
from warehouse.errors import HomeError
from warehouse.files import atomic_write, file_sha256
from warehouse.home import Home
from warehouse.rulebook import Rule

CHANGED = "the candidate changed after it was judged; nothing was published. Run again."


class PublishRefused(Exception):
    """The gate said no. ``verdicts`` holds every outcome; the previous generation is still served."""

    def __init__(self, verdicts: Sequence[gate.Verdict], kept: str, reasons_at: Path) -> None:
        """``kept`` names the generation that stays."""
        self.verdicts = tuple(verdicts)
        failed = [v for v in verdicts if v.refuses]
        lines = "\n".join(f"  {v.rule_id}: {v.because} Seen: {v.error or v.observed}" for v in failed[:12])
        more = f"\n  … and {len(failed) - 12} more" if len(failed) > 12 else ""
        super().__init__(
            f"refused by {len(failed)} critical rule(s):\n{lines}{more}\nServed as before: {kept}. "
            f"What to do: updraft doctor. All verdicts: {reasons_at}"
        )


@dataclass(frozen=True)
class Candidate:
    """What asks to be published: the marts in a build file, what is known about the build, and what judges it."""

    build: Path
    facts: candidate.BuildFacts
    marts: Sequence[candidate.MartSpec]
    sources: Sequence[Source]
    rules: Mapping[str, Sequence[Rule]]

    @property
    def names(self) -> list[str]:
        """Names of the marts."""
        return [spec.name for spec in self.marts]


@dataclass
class Published:
    """The outcome of a publish that was not refused."""

    generation: str
    path: Path
    is_new: bool
    verdicts: list[gate.Verdict] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Former:
    """The generation that a candidate begins on, and by mart from which session on it differs (``changes.Since``)."""

    path: Path
    changed_from: Mapping[str, date | None]
    files: Mapping[str, str]


@dataclass(frozen=True)
class _Judged:
    """Verdicts on the tables, and what was judged: the bytes of the file, and of each mart its months and their hash.

    ``touched``: the first session of each mart that was written, not taken over from ``former``.
    """

    verdicts: list[gate.Verdict]
    file_sha256: str
    months: Mapping[str, content.Months]
    hashes: dict[str, str]
    touched: Mapping[str, date | None]
    former: _Former | None


def nothing_new(home: Home, facts: candidate.BuildFacts) -> generations.Generation | None:
    """The published generation, if it was made from these inputs by this code as of this moment and is undamaged; else None."""
    now = made_from(home, facts)
    return now if now and not generations.check(now.path) else None


def made_from(home: Home, facts: candidate.BuildFacts) -> generations.Generation | None:
    """The published generation, if its receipt says that it was made from these inputs by this code as of this moment."""
    now = generations.published(home)
    same = ("as_of", "vendors", "tier", "code_version", "inputs_sha256")
    return now if now and all(now.receipt[name] == str(getattr(facts, name)) for name in same) else None


def publish(
    home: Home,
    new: Candidate,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    publish_to: Path | None = None,
) -> Published:
    """Publish a candidate. The caller holds the lease.

    Raises PublishRefused when a critical rule fails, CandidateError when a mart was not rebuilt by this build, HomeError
    when a stray WAL lies where readers open. A build as of an earlier moment than the published one never becomes
    current; it is kept in ``publish_to``, else in ``home.earlier`` until the next such build. What the new one is
    compared with is the newest generation that is still what was published and was not as of a later moment.
    """
    stray = home.door.with_name(home.door.name + ".wal")
    if stray.exists():
        raise HomeError(f"{stray} lies beside what readers open; some clients would merge it. Delete it and run again.")
    generations.sweep(home)
    before = generations.published(home)
    facts = new.facts
    sound = generations.newest_sound(home, facts.as_of)
    folder = home.generations / f".new-{facts.build_id}"
    folder.mkdir()
    try:
        judged = _write_and_judge(home, new, folder, before, sound, progress)
        name = f"{generations.next_counter(home):06d}-{content.combined(judged.hashes)[:8]}"
        _finish(home, new, folder, judged, name, before)
    except BaseException:
        generations.discard(folder)
        raise
    if publish_to is None and before and datetime.fromisoformat(before.receipt["as_of"]) > facts.as_of:
        publish_to = _emptied(home.earlier)
    if publish_to is not None:
        publish_to.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder, publish_to / name)
        generations.discard(folder)
        return Published(name, publish_to / name, False, judged.verdicts, judged.hashes)
    finished = home.generations / name
    folder.chmod(0o755)
    folder.rename(finished)
    finished.chmod(0o555)
    crash_points.reach("publish.named")
    generations.flip(home, finished)
    generations.prune(home)
    return Published(name, finished, True, judged.verdicts, judged.hashes)


def _emptied(folder: Path) -> Path:
    """A folder without what an earlier run left there."""
    if folder.exists():
        generations.discard(folder)
    return folder


def _write_and_judge(
    home: Home,
    new: Candidate,
    folder: Path,
    before: generations.Generation | None,
    sound: Path | None,
    progress: Callable[[str, int, int], None],
) -> _Judged:
    file = folder / "updraft.duckdb"
    wal = file.with_name(file.name + ".wal")
    facts = new.facts
    previous = sound / "updraft.duckdb" if sound else None
    decided = decisions.read(home.root)
    former = _former(home, new, sound)
    con = candidate.begin_on(home, file, former.path / file.name) if former else candidate.open_candidate(home, file)
    try:
        touched = candidate.write_marts(
            con, new.build, new.marts, facts.build_id, former.changed_from if former else None
        )
        meta.write_before_gate(con, new.build, new.sources, facts, decided, previous)
        con.execute("CHECKPOINT")
    finally:
        con.close()
    crash_points.reach("publish.written")
    if wal.exists():
        raise HomeError(f"{wal} lies beside the candidate; it was not closed cleanly. Run again.")
    written = file_sha256(file)
    con = connect(home, file, read_only=True)
    try:
        if previous is not None:
            attach(con, previous, "previous")
        crash_points.reach("gate.begun")
        with ThreadPoolExecutor(1, "hash candidate") as beside:  # DuckDB hashes while great-expectations thinks
            hashing = beside.submit(_hashed, con.cursor(), touched, former is not None)
            verdicts = gate.judge(
                con, new.rules, new.names, facts.as_of, previous is not None, lambda d, t: progress("rules judged", d, t),
                {pair: one.reason for pair, one in decisions.accepted(decided).items()},
            )  # fmt: skip
            months, hashes = hashing.result()
        if any(v.refuses for v in verdicts):
            attach(con, new.build, "build")
            verdicts = [refusals.with_bytes(con, v) if v.refuses else v for v in verdicts]
    finally:
        con.close()
    if any(v.refuses for v in verdicts) or not verdicts:
        kept = before.name if before else "nothing (no generation yet)"
        raise PublishRefused(verdicts, kept, refusals.keep(home, facts, kept, verdicts))
    crash_points.reach("gate.passed")
    return _Judged(verdicts, written, months, hashes, touched, former)


def _former(home: Home, new: Candidate, sound: Path | None) -> _Former | None:
    """What the candidate may begin on: only the generation that was published from the build that this build began on."""
    if sound is None:
        return None
    with connect(home, new.build, read_only=True) as con:
        since = changes.since(con, new.facts.build_id)
    receipt = json.loads((sound / "receipt.json").read_text())
    told = (receipt.get("build_id"), receipt.get("code_version"), receipt.get("duckdb"))
    if since is None or told != (since.build_id, new.facts.code_version, duckdb.__version__):
        return None
    if candidate.is_bloated(home, sound / "updraft.duckdb"):
        return None
    return _Former(sound, since.changed_from, receipt["files"])


def _hashed(
    con: duckdb.DuckDBPyConnection, touched: Mapping[str, date | None], has_former: bool
) -> tuple[dict[str, content.Months], dict[str, str]]:
    """Months and content hash of each mart, on a connection of their own (the zone is not inherited by a cursor)."""
    with con:
        con.execute("SET TimeZone = 'UTC'")
        former = content.told(con, "previous") if has_former else {}
        months = content.months_since(con, touched, former)
        return months, content.hashes(con, months)


def _finish(
    home: Home,
    new: Candidate,
    folder: Path,
    judged: _Judged,
    name: str,
    before: generations.Generation | None,
) -> dict[str, Any]:
    """Meta, Parquet twin, page, calendar and receipt; every mart must still be what was judged."""
    from warehouse.report.page import render_page
    from warehouse.report.week import render_week

    receipt: dict[str, Any] = {
        "generation": name,
        **{k: str(v) for k, v in asdict(new.facts).items()},
        "previous": before.name if before else None,
        "begun_on": judged.former.path.name if judged.former else None,
        "duckdb": duckdb.__version__,
        "content": dict(judged.hashes),
        "verdicts": {o: sum(v.outcome == o for v in judged.verdicts) for o in gate.OUTCOMES},
        "warnings": [v.rule_id for v in judged.verdicts if v.outcome == "failed"],
    }
    file = folder / "updraft.duckdb"
    if file_sha256(file) != judged.file_sha256:
        raise HomeError(CHANGED)
    con = candidate.open_candidate(home, file)
    try:
        meta.write_after_gate(con, new.marts, judged.verdicts, receipt, judged.hashes, judged.months)
        con.execute("CHECKPOINT")
        crash_points.reach("publish.meta")
        if content.months_since(con, judged.touched, judged.months) != judged.months:
            raise HomeError(CHANGED)
        former = twin.Former(judged.former.path, judged.former.files) if judged.former else None
        linked = twin.write(con, folder, name, new.marts, judged.months, judged.touched, former)
        crash_points.reach("publish.parquet")
        atomic_write(folder / "index.html", render_page(con, receipt).encode())
        atomic_write(folder / "week.ics", render_week(con, receipt).encode())
    finally:
        con.close()
    files = {str(p.relative_to(folder)): p for p in sorted(folder.rglob("*")) if p.is_file()}
    receipt["files"] = {path: linked.get(path) or file_sha256(file) for path, file in files.items()}
    receipt["stamps"] = generations.stamps(folder)
    receipt["receipt_sha256"] = generations.receipt_hash(receipt)
    atomic_write(folder / "receipt.json", generations.receipt_text(receipt))
    generations.seal(folder)
    crash_points.reach("publish.receipt")
    return receipt
