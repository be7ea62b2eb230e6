"""Evening after evening on a tiny home: answers landed, loaded, computed, judged and published by the product's own code.

dbt builds the first evening; the others run the SQL that it compiled (``e2e/compiled.py``), which costs a third. Belongs
here: one evening, and what changed between two generations without being told. Does not: what vendors say (``vendors``).
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from compiled import Compiled
from point_in_time import NOW_COLUMNS, RESTATED, downstream
from vendors import EVENINGS, Told, Vendors, at_nine, history

from ingestion.calendar import snapshot_at
from ingestion.registry import all_sources, source
from orchestration import steps
from orchestration.manifest import marts
from orchestration.settings import Settings
from warehouse import publish, raw
from warehouse.database import attach, build_session, connect, quoted
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.rulebook import load_rules

# Marts that tell of the asking itself: every answer changes them, and their day is the day of asking.
OF_THE_ASKING = frozenset(("source_health",))


@dataclass
class Evening:
    """One evening: what happened, what was published, and cells of past sessions that changed without being told."""

    day: date
    told_by: list[Told]
    warnings: list[str]
    kinds: Counter[tuple[str, str]]
    changed: Counter[str] = field(default_factory=Counter)
    untold: list[str] = field(default_factory=list)


class TinyHome:
    """A home whose vendors are ``vendors.Vendors``. ``prepared`` is a home on which dbt has built the first evening."""

    def __init__(self, root: Path, prepared: Path | None = None) -> None:
        if prepared is not None:
            shutil.copytree(prepared, root, symlinks=True)
        self.home = Home(root)
        self.settings = replace(Settings.from_env(), tier="full")
        self.excused: frozenset[str] = frozenset()
        if prepared is not None:
            self.excused = frozenset((root / "excused").read_text().split())

    @classmethod
    def prepare(cls, root: Path) -> None:
        """The first evening, by dbt, and the rules that a market of twelve stocks cannot pass."""
        tiny, day = cls(root), EVENINGS[0]
        tiny.home.prepare("sample")
        tiny.load(Vendors.at_rest(0), day, whole=True)
        settings = replace(tiny.settings, as_of=snapshot_at(day), clock=at_nine(day))
        build = steps.compute(settings)
        history_rules = {r.rule_id for own in load_rules(marts()).values() for r in own if r.needs_previous}
        excused: set[str] = set()
        try:
            steps.publish_build(settings, build)
        except publish.PublishRefused as refused:
            excused = {v.rule_id for v in refused.verdicts if v.refuses}
        assert not excused & history_rules
        (root / "excused").write_text("\n".join(sorted(excused)))
        if excused:
            tiny.excused = frozenset(excused)
            tiny.publish(build.facts.as_of)

    @cached_property
    def compiled(self) -> Compiled:
        """What dbt ran on the first evening."""
        return Compiled.of(self.home, snapshot_at(EVENINGS[0]))

    def load(self, vendors: Vendors, day: date, *, whole: bool = False) -> None:
        """Land and load what the vendors say on an evening."""
        landing = Landing(self.home.landing)
        for dataset, received in vendors.answers(day, whole=whole).items():
            for one in received:
                source(dataset).parse(one.answer.body, one.request)
            landing.write(dataset, received)
        with build_session(self.home) as con:
            raw.ensure(con, all_sources())
            for each in all_sources():
                raw.load(con, each, landing)

    def publish(self, as_of: datetime) -> publish.Published:
        """Compute and publish what is loaded. Raises PublishRefused."""
        rules = {m: [r for r in rs if r.rule_id not in self.excused] for m, rs in load_rules(marts()).items()}
        return self.compiled.publish(replace(self.settings, as_of=as_of), rules)

    def evening(self, vendors: Vendors, day: date, told_by: list[Told]) -> Evening:
        """One whole evening, and the comparison with the generation before."""
        before = self.home.current.resolve()
        self.load(vendors, day)
        done = self.publish(snapshot_at(day))
        assert done.is_new
        con = connect(self.home, done.path / "updraft.duckdb", read_only=True)
        try:
            attach(con, before / "updraft.duckdb", "previous")
            told = con.execute(
                "SELECT dataset, kind, count(*) FROM meta.revisions WHERE kind <> 'new' GROUP BY ALL"
            ).fetchall()
            made = Evening(
                day, told_by, [v.rule_id for v in done.verdicts if v.outcome == "failed"],
                Counter({(dataset, kind): count for dataset, kind, count in told}),
            )  # fmt: skip
            for spec in marts():
                if spec.name not in RESTATED and spec.name not in OF_THE_ASKING:
                    _compare(con, spec.name, made)
        finally:
            con.close()
        return made


def _compare(con, mart: str, made: Evening) -> None:  # type: ignore[no-untyped-def]
    """Rows of past sessions that differ from the generation before; each needs a revision of something it is made of."""
    names = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = 'previous' AND schema_name = 'marts' AND table_name = ?"
        " ORDER BY column_index",
        [mart],
    ).fetchall()
    kept = [n for (n,) in names if not n.endswith("_final") and n not in NOW_COLUMNS.get(mart, ())]
    shared = ", ".join(quoted(n) for n in kept)
    upstream = [s.dataset for s in all_sources() if mart in downstream(s.dataset)]
    query = f"SELECT {shared} FROM {{}}marts.{quoted(mart)}"
    past = f"(SELECT max(session_date) FROM previous.marts.{quoted(mart)})"
    found = con.execute(
        f"""
        WITH moved AS (
            (({query.format("previous.")}) EXCEPT ALL ({query.format("")} WHERE session_date <= {past}))
            UNION ALL
            (({query.format("")} WHERE session_date <= {past}) EXCEPT ALL ({query.format("previous.")}))
        )
        SELECT m.session_date, count(*), bool_or(EXISTS (
            SELECT 1 FROM meta.revisions r WHERE r.kind <> 'new' AND list_contains(CAST(? AS VARCHAR[]), r.dataset)
            AND (r.observed IS NULL OR r.observed <= m.session_date OR r.dataset IN ('sp500_spells', 'sp500_constituents'))))
        FROM moved m GROUP BY 1 ORDER BY 1
        """,
        [upstream],
    ).fetchall()
    made.changed[mart] += sum(count for _, count, _ in found)
    made.untold += [f"{mart} {day}: {count} rows" for day, count, is_told in found if not is_told]


def live(tiny: TinyHome, seed: int, most: int | None = None) -> list[Evening]:
    """A random history on a prepared home, evening by evening."""
    draw, vendors = random.Random(seed), Vendors.at_rest(0)
    evenings = []
    for n, events in enumerate(history(seed)[:most]):
        if n == 0:
            continue
        told_by = [event(vendors, n, draw) for event in events]
        evenings.append(tiny.evening(vendors, EVENINGS[n], told_by))
    return evenings


def untold_kinds(lived: list[Evening]) -> list[str]:
    """Events that no generation of the next four evenings tells by their kind (the last evenings are too young)."""
    return [
        f"{one.day}: {told}"
        for n, one in enumerate(lived[:-4])
        for told in one.told_by
        if told is not None and not any(later.kinds[told] for later in lived[n : n + 5])
    ]
