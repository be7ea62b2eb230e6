"""The command line: run, why, claims, trace, status, verify, doctor, publish-lake, lake, manifest.

Belongs here: options and exit codes. Does not: words, which are in ``show``.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from orchestration.settings import Settings, SettingsError

app = typer.Typer(
    name="updraft",
    help="Why are stocks going back up, and will it last? A warehouse that answers with evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Vendors = Annotated[
    str,
    typer.Option(
        "--vendors",
        envvar="UPDRAFT_VENDORS",
        help="sample (built in), live, or a base URL such as http://127.0.0.1:8099",
    ),
]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of",
        envvar="UPDRAFT_AS_OF",
        help="What may be known: a date (its 20:00 New York) or an ISO time. Default: the last session.",
    ),
]


def _settings(**values: str) -> Settings:
    for name, value in values.items():
        os.environ[name] = value
    try:
        return Settings.from_env()
    except SettingsError as error:
        _stop(str(error))


def _day(text: str) -> date:
    """A session as it is typed. Stops with exit code 2 at anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        _stop(f"{text!r} is no date; type it as 2025-12-11", 2)


def _stop(message: str, code: int = 1) -> NoReturn:
    from orchestration.show import stderr

    stderr().print(f"[bold red]updraft:[/] {message}", highlight=False, soft_wrap=True)
    raise typer.Exit(code)


@app.command()
def run(
    vendors: Vendors = "sample",
    tier: Annotated[
        str,
        typer.Option(
            "--tier",
            envvar="UPDRAFT_TIER",
            help="core (indices, funds, yields, VIX, crypto) or full (also every stock)",
        ),
    ] = "full",
    as_of: AsOf = "",
    clock: Annotated[
        str,
        typer.Option(
            "--clock",
            envvar="UPDRAFT_CLOCK",
            help="Stands in for the wall clock with sample and base-URL vendors; stamped in the receipt.",
        ),
    ] = "",
    publish_to: Annotated[
        Path | None, typer.Option("--publish-to", help="Keep the generation in this folder instead of serving it.")
    ] = None,
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild",
            help="Make every table anew, also where the last build could be begun on. The result is the same.",
        ),
    ] = False,
) -> None:
    """Ask every vendor for what is new, compute, judge, publish, and print the answer.

    Exit code 0: published, or nothing new. 1: a required vendor failed or the gate refused; what was served stays served.
    """
    settings = _settings(
        UPDRAFT_VENDORS=vendors, UPDRAFT_TIER=tier, UPDRAFT_AS_OF=as_of, UPDRAFT_CLOCK=clock,
        UPDRAFT_PUBLISH_TO=str(publish_to.absolute()) if publish_to else "", UPDRAFT_REBUILD="1" if rebuild else "",
    )  # fmt: skip
    from orchestration.job import run_job

    raise typer.Exit(run_job(settings, time.monotonic()))


@app.command()
def why(
    vendors: Vendors = "sample",
    as_of: Annotated[
        str, typer.Option("--as-of", help="The answer of an earlier session, YYYY-MM-DD, as it was given then.")
    ] = "",
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Below it drivers with the readings that decide, figures, every gap.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON, with the rows it stands in.")] = False,
    as_markdown: Annotated[bool, typer.Option("--md", help="To quote: Markdown with its citation.")] = False,
) -> None:
    """Why are stocks going back up, and will it last? The answer of the published generation."""
    from orchestration import answer, show
    from warehouse.errors import HomeError
    from warehouse.report.conclusion import to_markdown

    settings = _settings(UPDRAFT_VENDORS=vendors)
    day = _day(as_of) if as_of else None
    if day is not None and evidence:
        _stop("--evidence shows the newest session; without --as-of, or ask the file: marts.driver_evidence", 2)
    try:
        if as_markdown or day is not None:
            told, receipt = answer.past(settings.home, day)
        else:
            found = answer.read(settings.home)
    except HomeError as error:
        _stop(str(error), 2)
    if as_markdown:
        print(to_markdown(told, receipt), end="")
    elif as_json:
        print(answer.to_json(told if day is not None else found))
    elif day is not None:
        show.past(told, receipt)
    else:
        show.answer(found, evidence=evidence)


@app.command()
def claims(
    claim: Annotated[
        str, typer.Argument(help="One claim, with everything known of it: C01. Default: all, as a table.")
    ] = "",
    vendors: Vendors = "sample",
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
) -> None:
    """What the press and you have claimed, true or false: on the day of the report, and today.

    Your own claims are files $UPDRAFT_HOME/claims/NAME.yml, each about the rows of one published table:

    \b
      claim_id: my_first
      reported_on: 2026-01-15
      outlet: my notes                  (may be missing)
      statement: The VIX closed below 20.
      facts: indicator_readings         (a table of schema marts)
      rows: reading_id = 'VS01' and session_date = date '2026-01-15'
      predicate: bool_and(value < 20)   (an aggregate: true, false or null)
      found: format('VIX {:.2f}', max(value))            (may be missing)
      settles_on: 2026-01-15            (else reported_on)

    They are judged on the published file, read-only, without files or network, within 5 seconds each.

    Exit code 0: all are judged. 1: a claim of yours cannot be judged; it says why. 2: nothing published, or no such claim.
    """
    from orchestration import claims as judge
    from orchestration import show_claims
    from warehouse.errors import HomeError

    settings = _settings(UPDRAFT_VENDORS=vendors)
    try:
        found = judge.all_claims(settings.home)
    except HomeError as error:
        _stop(str(error), 2)
    if claim:
        _one_of("claim", claim, [one.claim_id for one in found])
        found = [one for one in found if one.claim_id == claim][:1]
    if as_json:
        print(judge.to_json(found))
    else:
        show_claims.show(found, whole=bool(claim))
    raise typer.Exit(1 if any(one.error for one in found) else 0)


@app.command()
def trace(
    reading: Annotated[
        str, typer.Argument(help="A reading (MP05_2s10s) or a column of a mart (breadth_daily.members)")
    ],
    day: Annotated[str, typer.Option("--date", help="Session, YYYY-MM-DD. Default: the newest.")] = "",
    entity: Annotated[
        str, typer.Option("--entity", help="Which row of that day, by any value of its key: universe, index, series.")
    ] = "",
    rows: Annotated[int, typer.Option("--rows", help="Input rows shown per dataset, newest first; 0 shows all.")] = 8,
    keys: Annotated[
        list[str], typer.Option("--key", help="Which row of a mart: COLUMN=VALUE, as often as needed.")
    ] = [],  # noqa: B006
    again: Annotated[
        bool, typer.Option("--recompute", help="Prove it: compute the cell again from exactly these rows.")
    ] = False,
    vendors: Vendors = "sample",
    as_json: Annotated[bool, typer.Option("--json", help="Everything, every row, as JSON.")] = False,
) -> None:
    """Where a published cell comes from: formula, every input row, vendor, landing hashes, fetched and known times.

    Exit code 0: traced (and, with --recompute, equal). 1: computing it again gave another cell. 2: nothing to trace.
    """
    from orchestration import show_trace
    from orchestration.trace import TraceError, recompute
    from orchestration.trace import trace as follow
    from warehouse.errors import HomeError

    settings = _settings(UPDRAFT_VENDORS=vendors)
    try:
        found = follow(
            settings, reading, date.fromisoformat(day) if day else None, entity or None,
            None if as_json or not rows else rows, dict(pair.split("=", 1) for pair in keys),
        )  # fmt: skip
    except ValueError:
        _stop(f"--date {day!r} is not YYYY-MM-DD, or a --key is not COLUMN=VALUE: {' '.join(keys) or 'none'}", 2)
    except (TraceError, HomeError) as error:
        _stop(str(error), 2)
    if as_json:
        print(show_trace.to_json(found))
    else:
        show_trace.show(found, rows)
    if again:
        same = recompute(settings, found) == (found.value, found.status)
        show_trace.proof(same)
        raise typer.Exit(0 if same else 1)


@app.command()
def status(vendors: Vendors = "sample") -> None:
    """Is what is served fresh, and how did the last attempt end?

    Exit code 0: fresh. 1: stale, altered after publishing, or the last attempt was held or interrupted. 2: nothing published.
    """
    from orchestration import show
    from orchestration.health import status_of

    found = status_of(_settings(UPDRAFT_VENDORS=vendors))
    show.status(found)
    raise typer.Exit(found.code)


@app.command()
def verify(
    vendors: Vendors = "sample",
    against_rebuild: Annotated[
        bool,
        typer.Option(
            "--against-rebuild",
            help="Also build everything anew, aside, and compare it with what is published. Takes as long as a first run.",
        ),
    ] = False,
) -> None:
    """Check every byte that is kept: landing, build file, published generations. Exit code 1 if anything is damaged."""
    from orchestration import show
    from orchestration.health import verify_home

    settings = _settings(UPDRAFT_VENDORS=vendors)
    problems = verify_home(settings.home)
    sound = "every pack and generation is what was written"
    if against_rebuild and not problems:
        from orchestration import steps
        from orchestration.job import bars_of
        from warehouse.errors import HomeError

        try:
            with bars_of(show.stderr()) as bars:
                problems = steps.against_rebuild(settings, bars.show)
        except (HomeError, steps.StepFailed) as error:
            _stop(str(error), 2)
        sound += ", and a rebuild makes the same"
    show.problems(problems, sound, settings.home.root)
    raise typer.Exit(1 if problems else 0)


@app.command()
def doctor(vendors: Vendors = "sample") -> None:
    """Find what could go wrong: home, lease, stray files, links, space, versions. Says how to mend each."""
    from orchestration import show
    from orchestration.health import examine

    settings = _settings(UPDRAFT_VENDORS=vendors)
    problems = examine(settings)
    show.problems(problems, "nothing to mend", settings.home.root)
    raise typer.Exit(1 if problems else 0)


Reason = Annotated[str, typer.Option("--reason", help="Why. It is published in meta.revisions.")]


@app.command()
def refetch(
    dataset: Annotated[str, typer.Argument(help="Such as yahoo_bars; a table of schema raw.")],
    series: Annotated[str, typer.Argument(help="What is asked for: a symbol, a series id.")],
    reason: Reason,
    vendors: Vendors = "sample",
) -> None:
    """Ask a vendor for the whole of a series once more at the next run. What was answered before is kept."""
    from ingestion.registry import all_sources
    from warehouse.landing import Landing

    settings = _settings(UPDRAFT_VENDORS=vendors)
    _one_of("dataset", dataset, [s.dataset for s in all_sources() if s.reads is None])
    _one_of("series", series, sorted(set(Landing(settings.home.landing).envelopes(dataset)["series"])))
    _decide(settings, "ask_anew", dataset, series, reason)


@app.command()
def set_aside(
    dataset: Annotated[str, typer.Argument(help="Such as yahoo_bars; a table of schema raw.")],
    answer: Annotated[str, typer.Argument(help="sha256 of the answer's body (landing_sha256; the first 8 digits do).")],
    reason: Reason,
    vendors: Vendors = "sample",
    undo: Annotated[bool, typer.Option("--undo", help="Use the answer again.")] = False,
) -> None:
    """Set one answer of a vendor aside: its bytes are kept, its rows go to quarantine, nothing is computed from them."""
    from ingestion.registry import all_sources
    from warehouse.landing import Landing

    settings = _settings(UPDRAFT_VENDORS=vendors)
    _one_of("dataset", dataset, [s.dataset for s in all_sources() if s.reads is None])
    held = Landing(settings.home.landing).envelopes(dataset)["sha256"].drop_nulls().unique().to_list()
    found = [sha256 for sha256 in held if len(answer) >= 8 and sha256.startswith(answer)]
    if len(found) != 1:
        _stop(
            f"{len(found)} answers of {dataset} begin with {answer!r}; give the sha256 of one (updraft trace, updraft doctor)",
            2,
        )
    _decide(settings, "restored" if undo else "set_aside", dataset, found[0], reason)


@app.command()
def accept(
    rule: Annotated[str, typer.Argument(help="The rule that refused, such as market_daily.past_unchanged.")],
    evidence: Annotated[str, typer.Argument(help="What it saw: the short name that `updraft doctor` gives.")],
    reason: Reason,
    vendors: Vendors = "sample",
) -> None:
    """Release one refusal of the gate: this rule with exactly this evidence. Anything else it sees still refuses."""
    from warehouse import refusals

    settings = _settings(UPDRAFT_VENDORS=vendors)
    refusal = refusals.standing(settings.home)
    seen = {v["rule_id"]: v for v in refusal.rules} if refusal else {}
    _one_of("rule", rule, sorted(seen))
    if seen[rule]["error"]:
        _stop(f"{rule} could not be judged ({seen[rule]['error']}); that is not accepted", 2)
    _one_of("evidence", evidence, [seen[rule]["evidence"]])
    _decide(settings, "accepted", rule, evidence, reason)


def _one_of(what: str, given: str, allowed: list[str]) -> None:
    if given in allowed:
        return
    import difflib

    near = difflib.get_close_matches(given, allowed, 3, 0.4) or allowed[:3]
    _stop(
        f"no {what} {given!r} here" + (f"; did you mean {' or '.join(near)}?" if near else ": nothing was refused"), 2
    )


def _decide(settings: Settings, kind: Literal["ask_anew", "set_aside", "restored", "accepted"], scope: str, target: str,
            reason: str) -> None:  # fmt: skip
    from orchestration.show import stderr
    from warehouse import decisions
    from warehouse.errors import HomeError

    try:
        decisions.add(settings.home.root, kind, scope, target, reason, settings.now())
    except HomeError as error:
        _stop(str(error), 2)
    stderr().print(f"noted in {settings.home.root / decisions.FILE}. Now: updraft run", soft_wrap=True)


Pipeline = Annotated[
    str,
    typer.Option(
        "--pipeline",
        envvar="UPDRAFT_LAKE_PIPELINE",
        help="What this home is called in the lake. Default: its vendors mode (sample, live).",
    ),
]


@app.command()
def publish_lake(
    vendors: Vendors = "sample",
    pipeline: Pipeline = "",
    check: Annotated[
        bool, typer.Option("--verify", help="Commit nothing; hash every row in the lake against what was published.")
    ] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Also where another home wrote this pipeline: go on from there.")
    ] = False,
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="Write every row anew, also where nothing differs: mends a damaged lake.")
    ] = False,
) -> None:
    """Commit the published generation to the shared lake of UPDRAFT_LAKE: all tables in one transaction, or none.

    \b
    UPDRAFT_LAKE        postgresql://USER:PASSWORD@HOST:5432/DATABASE   the catalog
    UPDRAFT_LAKE_FILES  /shared/folder, or s3://BUCKET/PREFIX           the rows
                        S3: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION,
                        AWS_ENDPOINT_URL, AWS_SESSION_TOKEN

    Exit code 0: the lake has it (with --verify: row by row). 1: it does not; the message says what to do.
    """
    from orchestration import lake, show
    from warehouse.errors import HomeError, LakeError

    settings = _settings(UPDRAFT_VENDORS=vendors)
    try:
        from warehouse.lake import commit, verify

        where, name = lake.lake(), lake.pipeline(settings, pipeline)
        if check:
            newest, problems = verify(settings.home, where, name)
            sound = (
                f"every row of {newest.told['generation']} in the lake (snapshot {newest.number}) is what was published"
            )
            show.problems(problems, sound, where.shown)
            raise typer.Exit(1 if problems else 0)
        done = commit(settings.home, where, name, take_over=take_over, rewrite=rewrite)
    except (HomeError, LakeError) as error:
        _stop(str(error))
    show.plain(lake.committed_lines(done, where))


@app.command("lake")
def show_lake(vendors: Vendors = "sample", pipeline: Pipeline = "") -> None:
    """What the shared lake of UPDRAFT_LAKE holds, and the SQL that reads it from any DuckDB, now and as it was."""
    from orchestration import lake, show
    from warehouse.errors import HomeError, LakeError

    settings = _settings(UPDRAFT_VENDORS=vendors)
    try:
        from warehouse.lake import listed
        from warehouse.lake_catalog import how_to_read

        where = lake.lake()
        held = listed(settings.home, where)
        named = lake.pipeline(settings, pipeline)
    except (HomeError, LakeError) as error:
        _stop(str(error))
    show.plain(lake.listed_lines(held))
    if held:
        own = [one for one in held if one.pipeline == named] or held
        show.plain(["", *how_to_read(where, own[0])])


@app.command()
def manifest() -> None:
    """Parse the dbt project if it changed, so that Dagster and tests load fast."""
    from orchestration.manifest import ManifestError, ensure_manifest

    try:
        print(ensure_manifest())
    except ManifestError as error:
        _stop(str(error))


@app.command(hidden=True)
def port_is_free(port: Annotated[int, typer.Argument()]) -> None:
    """Ask the port of `make ui` before Dagster does, which starts all it has first. Exit code 1: somebody listens there."""
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            _stop(
                f"port {port} of 127.0.0.1 cannot be had ({error.strerror}). If it is a `make ui` of yours, use"
                f" http://127.0.0.1:{port}; else: make ui PORT={port + 1 if port < 65535 else 3001}"
            )


@app.command(hidden=True)
def ui_home(vendors: Vendors = "sample") -> None:
    """Prepare DAGSTER_HOME for `make ui` and print it."""
    from orchestration.job import prepare_dagster

    settings = _settings(UPDRAFT_VENDORS=vendors)
    settings.home.prepare(str(settings.vendors))
    try:
        print(prepare_dagster(settings.home))
    except SettingsError as error:
        _stop(str(error))


def main() -> None:
    """The console script."""
    # dbt must be found beside this interpreter even when the environment is not activated.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    app()


if __name__ == "__main__":
    main()
