"""The steps of a run, as plain functions: fetch, load, compute, publish. Dagster and the command line call these.

Belongs here: the order inside one step and its lease. Does not: how any of it is shown.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import duckdb
import polars as pl

import updraft_engine
from ingestion import registry, seeds
from ingestion.fetch import FetchReport, fetch
from ingestion.http import Client, lacking
from ingestion.registry import all_sources
from ingestion.source import FetchState, Request, Source
from orchestration import dbt, evening
from orchestration.manifest import marts, parsed_manifest, read_manifest, reads
from orchestration.progress import Progress, silent
from orchestration.settings import Settings, code_version
from warehouse import (
    candidate,
    changes,
    content,
    crash_points,
    decisions,
    gate,
    generations,
    loaded,
    publish,
    raw,
    rulebook,
)
from warehouse.database import build_session, sealing
from warehouse.files import atomic_write
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.lease import writing

WAITING_ROWS = 200_000  # answers that wait for their load in memory, in rows: an evening has a tenth of it


class StepFailed(Exception):
    """A required input failed. What was fetched is kept; the previous generation is still served."""


def fetch_dataset(settings: Settings, source: Source, progress: Progress = silent) -> FetchReport:
    """Ask what is new of one dataset and land it. Opens no database. Raises StepFailed for a required source."""
    settings.within_the_world()
    home = settings.home
    home.prepare(str(settings.vendors))
    landing = Landing(home.landing)
    questions = _questions(settings, source)
    if not questions:
        return FetchReport(source.dataset, lacks=lacking(source, settings.vendors) if source.requests else "")

    def keep(received: list[Any]) -> None:
        landing.write(source.dataset, received)
        if not home.build.exists():
            dbt.warm()  # a first build follows, which is dbt's
        gate.warm()  # something new came, so a build will follow, and a judgement
        crash_points.reach("fetch.landed")

    with Client(settings.vendors, settings.now) as client:
        report = fetch(
            client,
            source,
            questions,
            keep,
            settings.now,
            lambda done, total: progress(f"fetch {source.dataset}", done, total),
        )
    if report.errors:
        progress(f"answered {source.dataset}", report.requested - len(report.errors), report.requested)
    if problem := report.failure(source):
        raise StepFailed(f"{problem.rstrip('.')}. What was answered is kept in {home.landing}; nothing was published.")
    return report


def _questions(settings: Settings, source: Source) -> list[Request]:
    """What would be asked of one dataset's vendor now. Reads landing, asks nobody."""
    if source.requests is None or lacking(source, settings.vendors):
        return []
    if source.tier == "full" and settings.tier == "core":
        return []
    landing = Landing(settings.home.landing)
    state = FetchState(
        tier=settings.tier,
        seeds={name: seeds.of_world(name, settings.vendors.world) for name in source.seeds},
        covered=landing.covered(source.dataset),
        frames={name: frame for name in source.needs if (frame := _newest(landing, name)) is not None},
        beside={name: landing.covered(name) for name in source.beside},
    )
    return list(source.requests(state, settings.now()))


def load_dataset(
    settings: Settings, source: Source, report: FetchReport | None = None, progress: Progress = silent
) -> raw.LoadReport:
    """Load what landing holds and the build file does not, under the lease; with nothing new the file stays closed."""
    return load_datasets(settings, [(source, report)], progress)[source.dataset]


def ask_and_load(
    settings: Settings, sources: Sequence[Source], progress: Progress = silent
) -> Iterator[tuple[Source, FetchReport, raw.LoadReport]]:
    """Ask for each dataset in turn, then load what came, many in one session: to open the build file and to close it in
    order takes longer than most loads.

    Raises StepFailed when a required source failed, after the others were asked and loaded, without those that need it.
    """
    waiting: list[tuple[Source, FetchReport]] = []
    failures: list[StepFailed] = []
    failed: set[str] = set()
    for source in sources:
        if failed & {*source.needs, *source.beside, source.reads}:
            failed.add(source.dataset)
            continue
        try:
            waiting.append((source, fetch_dataset(settings, source, progress)))
        except StepFailed as error:
            failures.append(error)
            failed.add(source.dataset)
        if sum(frame.height for _, report in waiting for frame in report.parsed.values()) > WAITING_ROWS:
            yield from _loaded(settings, waiting, progress)
            waiting = []
    yield from _loaded(settings, waiting, progress)
    if failures:
        raise failures[0]


def _loaded(
    settings: Settings, asked: Sequence[tuple[Source, FetchReport]], progress: Progress
) -> Iterator[tuple[Source, FetchReport, raw.LoadReport]]:
    done = load_datasets(settings, asked, progress)
    for source, report in asked:
        yield source, report, done[source.dataset]


def load_datasets(
    settings: Settings, asked: Sequence[tuple[Source, FetchReport | None]], progress: Progress = silent
) -> dict[str, raw.LoadReport]:
    """Load several datasets in one session under the lease; the file stays closed where nothing is new. By dataset."""
    home = settings.home
    done = {source.dataset: held for source, _ in asked if (held := loaded.nothing_new(home, source)) is not None}
    todo = [(source, report) for source, report in asked if source.dataset not in done]
    if not todo:
        return done
    with writing(home, f"load {todo[0][0].dataset}" if len(todo) == 1 else f"load {len(todo)} datasets"):
        with build_session(home) as con:
            raw.ensure(con, tuple(source for source, _ in todo))
            landing = Landing(home.landing)
            for source, report in todo:
                crash_points.reach("load.begun")
                done[source.dataset] = raw.load(
                    con,
                    source,
                    landing,
                    report.parsed if report else None,
                    partial(progress, f"load {source.dataset}"),
                )
        for source, _ in todo:
            loaded.remember(home, source, done[source.dataset])
    crash_points.reach("load.committed")
    return done


def _load_what_is_behind(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Every table that models read is there and holds all of its landing, also after the build file was lost."""
    landing = Landing(home.landing)
    raw.ensure(con, all_sources())
    for source in raw.behind(con, all_sources(), landing):
        raw.load(con, source, landing)


@dataclass(frozen=True)
class Build:
    """A finished compute step: the file with the candidate marts, its facts, how long each node took, and on what it began."""

    path: Path
    facts: candidate.BuildFacts
    nodes: tuple[dbt.NodeDone, ...]
    plan: changes.Plan


def facts_of(settings: Settings) -> candidate.BuildFacts:
    """What a build started now would say of itself."""
    landing = Landing(settings.home.landing)
    packs = [(s.dataset, pack.name) for s in all_sources() if s.reads is None for pack in landing.packs(s.dataset)]
    decided = [asdict(one) for one in decisions.read(settings.home.root) if one.kind != "ask_anew"]
    return candidate.BuildFacts(
        build_id=f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}",
        as_of=settings.as_of_moment(),
        vendors=str(settings.vendors),
        world=settings.vendors.world,
        tier=settings.tier,
        clock="wall" if settings.vendors.mode == "live" else str(settings.now()),
        code_version=code_version(),
        inputs_sha256=hashlib.sha256(json.dumps([sorted(packs), decided], default=str).encode()).hexdigest(),
        built_at=datetime.now(UTC),
    )


def unchanged(settings: Settings) -> generations.Generation | None:
    """The published generation, if a run now could only reproduce it; None where a rebuild was asked for."""
    if settings.rebuild:
        return None
    return publish.nothing_new(settings.home, facts_of(settings))


def is_the_same(settings: Settings) -> bool:
    """Whether what is published was made from what landing holds now, by this code, as of this moment: by its receipt."""
    return not settings.rebuild and publish.made_from(settings.home, facts_of(settings)) is not None


def nothing_to_do(settings: Settings) -> generations.Generation | None:
    """The published generation, if a run now would ask nobody, load nothing and could only reproduce it; else None.

    Cheapest first: on a new evening the receipt alone tells that there is something to do.
    """
    home = settings.home
    if not is_the_same(settings):
        return None
    if any(loaded.nothing_new(home, source) is None or _questions(settings, source) for source in all_sources()):
        return None
    return unchanged(settings)


def computing(
    settings: Settings, progress: Progress = silent, facts: candidate.BuildFacts | None = None
) -> Generator[dbt.NodeDone, None, Build]:
    """Compute, and yield the nodes as they finish: whoever shows them works while the database does. Returns the build.

    Raises what ``compute`` raises. Who stops reading, or is interrupted, stops the queries under way; the thread that
    computes has ended when this ends.
    """
    done: SimpleQueue[dbt.NodeDone | None] = SimpleQueue()
    result: Future[Build] = Future()

    def work() -> None:
        try:
            result.set_result(compute(settings, progress, done.put, facts))
        except BaseException as error:
            result.set_exception(error)
        finally:
            done.put(None)

    thread = threading.Thread(target=work, name="compute", daemon=True)
    thread.start()
    try:
        while (node := done.get()) is not None:
            yield node
    finally:
        while thread.is_alive():
            if not result.done():
                dbt.interrupt()  # again and again: what is begun after the first one must stop too
                evening.interrupt()
                updraft_engine.interrupt()
            thread.join(0.1)
    return result.result()


def compute(
    settings: Settings,
    progress: Progress = silent,
    on_node: Callable[[dbt.NodeDone], None] = lambda node: None,
    facts: candidate.BuildFacts | None = None,
    aside: Path | None = None,
) -> Build:
    """Compute in the build file (or, as of an earlier moment than published, in a copy). Raises dbt.DbtFailed.

    Made are the tables and sessions that can differ from the last build; all of them, by dbt, where that may not be relied
    on. ``aside``: a copy of the build file to compute in instead; nothing of it is published.
    """
    home, facts = settings.home, facts or facts_of(settings)
    gate.warm()  # where nothing was landed: it will judge what is computed here
    done: list[dbt.NodeDone] = []
    total = 0

    def node(item: dbt.NodeDone) -> None:
        done.append(item)
        progress("compute", len(done), total)
        on_node(item)

    with updraft_engine.engaged(), writing(home, "compute"):
        path = aside or _build_path(home, facts)
        decided = [one for one in decisions.read(home.root) if one.kind != "ask_anew"]
        with sealing(home):
            with build_session(home, path) as con:
                if aside is None:
                    _load_what_is_behind(con, home)
                plan = changes.begin(con, facts, all_sources(), reads(), decided, settings.rebuild)
                total = _node_count(with_seeds=plan.is_whole)
                if not plan.is_whole:
                    # what does not finish leaves the file as it was: a later session begins at the last checkpoint
                    con.execute("SET checkpoint_threshold = '1TB'; PRAGMA disable_checkpoint_on_shutdown")
                    crash_points.reach("dbt.begun")
                    evening.run(con, facts.as_of, facts.build_id, reads(), node)
                    changes.end(con, facts, decided)
            if plan.is_whole:
                crash_points.reach("dbt.begun")
                _by_dbt(home, path, facts, node)
                with build_session(home, path) as con:
                    evening.keep_models(con, read_manifest(), home.temp / "dbt" / "compiled" / "updraft", facts.as_of)
                    changes.end(con, facts, decided)
        crash_points.reach("dbt.done")
        build = Build(path, facts, tuple(done), plan)
        if aside is not None:
            return build
        note = {"path": str(path), "facts": {k: str(v) for k, v in asdict(facts).items()}, "plan": asdict(plan)}
        atomic_write(home.temp / "last_build.json", json.dumps(note).encode())
    return build


def _by_dbt(home: Home, path: Path, facts: candidate.BuildFacts, on_node: Callable[[dbt.NodeDone], None]) -> None:
    """Make every seed and model. Raises dbt.DbtFailed."""
    done: list[dbt.NodeDone] = []

    def node(item: dbt.NodeDone) -> None:
        done.append(item)
        on_node(item)

    variables = dbt.variables(facts.as_of, facts.world, facts.build_id)
    folder = str(home.temp / "dbt")
    with dbt.environment(UPDRAFT_BUILD=str(path)):
        outcome = dbt.invoke(
            ["build", "--fail-fast", "--resource-type", "model", "--resource-type", "seed", "--vars", variables,
             "--target-path", folder, "--log-path", folder],
            node,
            parsed_manifest(),
        )  # fmt: skip
    if not outcome.success:
        # the first error interrupts what runs beside it: that is no error of its own
        failed = [n for n in done if n.status in ("error", "fail", "runtime error")]
        bad = [f"  {n.unique_id}: {n.message}" for n in failed if "INTERRUPT Error" not in n.message]
        raise dbt.DbtFailed("dbt stopped:\n" + ("\n".join(bad[:10]) or str(outcome.exception)))


def last_build(settings: Settings) -> Build:
    """The build that the last compute step of this home finished. Raises StepFailed when there is none."""
    note = settings.home.temp / "last_build.json"
    if not note.exists():
        raise StepFailed(
            f"no build to publish in {settings.home.root}: run the whole job `refresh` (updraft run) first"
        )
    found = json.loads(note.read_text())
    facts = found["facts"]
    for name in ("as_of", "built_at"):
        facts[name] = datetime.fromisoformat(facts[name])
    return Build(Path(found["path"]), candidate.BuildFacts(**facts), (), changes.Plan(**found["plan"]))


def publish_build(settings: Settings, build: Build, progress: Progress = silent) -> publish.Published:
    """Judge and publish a build under the lease. Raises publish.PublishRefused."""
    specs = marts()
    new = publish.Candidate(build.path, build.facts, specs, all_sources(), rulebook.load_rules(specs))
    with writing(settings.home, "publish"):
        return publish.publish(settings.home, new, progress, settings.publish_to)


def refresh(settings: Settings, progress: Progress = silent) -> publish.Published | None:
    """The whole path without Dagster, in the order of the job; None when there is nothing new.

    What the job ``refresh`` does asset by asset; for tests and for machines whose Dagster storage is unusable.
    """
    for _ in ask_and_load(settings, all_sources(), progress):
        pass
    if unchanged(settings) is not None:
        return None
    return publish_build(settings, compute(settings, progress), progress)


def against_rebuild(settings: Settings, progress: Progress = silent) -> list[str]:
    """Build everything anew in a copy, as of the published generation, and compare; one line per mart that differs.

    Raises StepFailed where the two cannot be compared: nothing is published, or other code or other answers made it.
    """
    home = settings.home
    now = generations.published(home)
    if now is None:
        raise StepFailed(f"nothing is published in {home.root}. Run: updraft run")
    as_of = datetime.fromisoformat(now.receipt["as_of"])
    wanted = replace(settings, as_of=as_of, rebuild=True)
    facts = facts_of(wanted)
    for name, means in (("code_version", "other code"), ("inputs_sha256", "other answers of vendors")):
        if now.receipt[name] != getattr(facts, name):
            raise StepFailed(f"{now.name} was made by {means} than are here now. Run: updraft run, then verify again")
    aside = home.temp / "rebuilt"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        shutil.copyfile(home.build, aside / home.build.name)
        build = compute(wanted, progress, facts=facts, aside=aside / home.build.name)
        with build_session(home, build.path) as con:
            found = content.content_hashes(con, sorted(spec.name for spec in marts()))
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    published = now.receipt["content"]
    return [
        f"marts.{name}: {now.name} does not hold what a rebuild makes. Run: updraft run --rebuild"
        for name in sorted(found.keys() | published.keys())
        if found.get(name) != published.get(name)
    ]


def _build_path(home: Home, facts: candidate.BuildFacts) -> Path:
    before = generations.published(home)
    if before is None or datetime.fromisoformat(before.receipt["as_of"]) <= facts.as_of:
        return home.build
    with build_session(home) as con:
        _load_what_is_behind(con, home)
    aside = home.temp / "asof"
    if aside.exists():
        shutil.rmtree(aside)
    aside.mkdir()
    shutil.copyfile(home.build, aside / home.build.name)  # same stem: it is the catalog name in the manifest
    return aside / home.build.name


def _node_count(with_seeds: bool) -> int:
    # data tests and unit tests belong to the suite; the gate judges what is published
    kinds = ("model", "seed") if with_seeds else ("model",)
    return sum(
        node["resource_type"] in kinds and node["config"]["materialized"] != "ephemeral"
        for node in read_manifest()["nodes"].values()
    )


def _newest(landing: Landing, dataset: str) -> pl.DataFrame | None:
    found = landing.newest_body(dataset)
    return registry.source(dataset).parse(found[1], found[0]) if found else None
