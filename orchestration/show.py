"""How things look in a terminal. Belongs here: layout and words around figures. Does not: reading or computing them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from orchestration import show_answer, show_conclusion
from orchestration.answer import Answer
from orchestration.attempts import Outcome
from orchestration.health import Status
from warehouse.home import Home
from warehouse.report.conclusion import Conclusion


def stdout() -> Console:
    """For results."""
    return Console(highlight=False)


def stderr() -> Console:
    """For progress and errors."""
    return Console(stderr=True, highlight=False)


def answer(found: Answer, *, evidence: bool = False) -> None:
    """The conclusion; with ``evidence`` also drivers with their readings, figures and all that is missing."""
    out = stdout()
    _print(out, conclusion_lines(found, out.width))
    if evidence:
        _print(out, [Text(), *show_answer.lines(found, out.width)])


def conclusion_lines(found: Answer, width: int) -> list[Text]:
    """The conclusion of the newest session, with the drivers that have no score among what is missing."""
    silent = [d.short_name.lower() for d in found.drivers if d.score is None]
    gaps = [f"drivers without a score: {', '.join(silent)}"] if silent else []
    gaps += [f"warnings of the gate: {len(found.warnings)}"] if found.warnings else []
    return show_conclusion.lines(
        found.conclusion, width, is_sample=found.is_sample, gaps=gaps, generation=found.generation
    )


def past(found: Conclusion, receipt: Mapping[str, str]) -> None:
    """The conclusion of an earlier session, as the served generation holds it."""
    out = stdout()
    is_sample, generation = receipt["world"] == "sample", receipt["generation"]
    _print(out, show_conclusion.lines(found, out.width, is_sample=is_sample, gaps=[], generation=generation))


def _print(out: Console, lines: list[Text]) -> None:
    """Lines that fit already: the terminal breaks none of them."""
    for line in lines:
        out.print(line, soft_wrap=True)


def footer(home: Home, seconds: float, outcome: Outcome, made: str = "") -> None:
    """Where things are, how long it took, and how much of it was ``made``."""
    err = stderr()
    said = "nothing new: the published generation already is the answer" if outcome == "nothing new" else outcome
    err.print(f"\n[bold green]{said}[/] in {seconds:.0f} s")
    if made:
        err.print(f"  made     {made}", soft_wrap=True)
    err.print(f"  query    duckdb -readonly {home.door}", soft_wrap=True)
    err.print(f"  page     {home.current / 'index.html'}", soft_wrap=True)
    err.print(f"  dates    {home.current / 'week.ics'}", soft_wrap=True)
    err.print(f"  parquet  {home.current / 'parquet'}", soft_wrap=True)
    err.print("  again    updraft why · updraft status · make ui (Dagster)", soft_wrap=True)


def status(found: Status) -> None:
    """Freshness per input, one line each, and the verdict."""
    out = stdout()
    if found.rows:
        _print(out, [*status_lines(found), Text()])
    colour = {0: "green", 1: "red", 2: "yellow"}[found.code]
    out.print(f"[bold {colour}]{found.headline}[/]", soft_wrap=True)
    for line in found.notes:
        out.print(line, soft_wrap=True)


def status_lines(found: Status) -> list[Text]:
    """One line per input. The longest name of a dataset decides the width: 23 letters fit into 80 columns."""
    wide = max(len("input"), *(len(row.dataset) for row in found.rows))
    made = [
        Text(f"{'':<{wide}}  {'':<10}  {'':<10}  sessions             last", "bold"),
        Text(f"{'input':<{wide}}  {'newest':<10}  {'expected':<10}  {'old':>8}  {'state':<9}  attempt", "bold"),
    ]
    for row in found.rows:
        style = {"ok": "green", "partial": "yellow", "no_key": "dim", "no_contact": "yellow"}.get(row.state, "red")
        star = " *" if row.criticality == "required" else ""
        made.append(
            Text.assemble(
                f"{row.dataset:<{wide}}  {row.last:<10}  {row.expected:<10}  {row.age:>8}  ",
                (row.state.replace("_", " "), style), f"{star:<{max(11 - len(row.state), len(star))}}", row.attempted,
            )
        )  # fmt: skip
    made.append(Text("* required: a run without it is held. –: events and lists keep no schedule.", "dim"))
    if any(row.state == "no_key" for row in found.rows):
        made.append(Text("no key: asked once you set its key (README, Real data); nothing is missing.", "dim"))
    if any(row.state == "no_contact" for row in found.rows):
        made.append(Text("no contact: asked in the full tier once UPDRAFT_CONTACT is your mail address.", "dim"))
    return made


def plain(lines: list[str]) -> None:
    """Lines as they are, unbroken: some are to be copied."""
    for line in lines:
        stdout().print(line, soft_wrap=True, markup=False)


def problems(found: list[str], fine: str, where: Path | str) -> None:
    """A list of problems, or that there are none."""
    out = stdout()
    if not found:
        out.print(f"[green]ok[/]: {fine} ({where})", soft_wrap=True)
    for line in found:
        out.print(f"[red]•[/] {line}", soft_wrap=True)
