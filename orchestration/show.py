"""How things look in a terminal. Belongs here: layout and words around figures. Does not: reading or computing them."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from orchestration.answer import Answer, Driver, Figure
from orchestration.attempts import Outcome
from orchestration.health import Status
from warehouse.report.wording import NONE, amount, signed
from warehouse.store import Home

_MARK = {"bullish": "[green]▲ up[/]", "bearish": "[red]▼ down[/]", "neutral": "[yellow]● neutral[/]"}


def stdout() -> Console:
    """For results."""
    return Console(highlight=False)


def stderr() -> Console:
    """For progress and errors."""
    return Console(stderr=True, highlight=False)


def answer(found: Answer) -> None:
    """The answer with figures, drivers and what is missing."""
    out = stdout()
    if found.is_sample:
        out.print("[black on yellow] SAMPLE DATA [/] invented market, real machinery: every figure below is made up\n")
    out.print(
        f"[bold]Why are stocks going back up, and will it last?[/]   session {found.session_date}, generation {found.generation}"
    )
    out.print(f"\n{found.headline}\n{found.verdict}\n", soft_wrap=False)
    out.print(_figures(found.figures, out.width))
    out.print()
    out.print(_drivers(found.drivers))
    out.print()
    if found.missing:
        out.print("[bold]Missing, and why[/]")
        for line in found.missing:
            out.print(f"  {line}")
    for rule in found.warnings:
        out.print(f"[yellow]warning of the gate:[/] {rule}")


def _figures(figures: tuple[Figure, ...], width: int) -> Table:
    """Figures with their place; on a narrow terminal the place is left out rather than everything squeezed."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("figure", no_wrap=True, max_width=44, overflow="ellipsis")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("note", overflow="fold")
    if width >= 130:
        table.add_column("mart", style="dim", no_wrap=True)
    for f in figures:
        row = (f.label, amount(f.value, f.unit), f.unit, f.note, f.where)
        table.add_row(*row[: len(table.columns)])
    return table


def _drivers(drivers: tuple[Driver, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("driver", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("points", no_wrap=True)
    table.add_column("evidence", overflow="fold")
    for d in drivers:
        score = signed(d.score, 2) if d.score is not None else NONE
        mark = _MARK.get(d.direction or "", "[dim]abstains[/]")
        table.add_row(d.name, score, mark, "\n".join(d.evidence) or f"[dim]{d.why}[/]")
    return table


def footer(home: Home, seconds: float, outcome: Outcome) -> None:
    """Where things are, and how long it took."""
    err = stderr()
    said = "nothing new: the published generation already is the answer" if outcome == "nothing new" else outcome
    err.print(f"\n[bold green]{said}[/] in {seconds:.0f} s")
    err.print(f"  query    duckdb -readonly {home.door}", soft_wrap=True)
    err.print(f"  page     {home.current / 'index.html'}", soft_wrap=True)
    err.print(f"  parquet  {home.current / 'parquet'}", soft_wrap=True)
    err.print("  again    updraft why · updraft status · make ui (Dagster)", soft_wrap=True)


def status(found: Status) -> None:
    """Freshness per input, one line each, and the verdict."""
    out = stdout()
    if found.rows:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for name in ("input (* required)", "newest", "expected", "old", "state"):
            table.add_column(name, no_wrap=True, justify="right" if name == "old" else "left")
        for row in found.rows:
            mark = {"ok": "[green]ok[/]", "partial": "[yellow]partial[/]"}.get(row.state, f"[red]{row.state}[/]")
            star = " *" if row.criticality == "required" else ""
            table.add_row(f"{row.dataset}{star}", row.last, row.expected, row.age, mark)
        out.print(table)
        out.print("old: sessions since the newest observation\n", style="dim")
    colour = {0: "green", 1: "red", 2: "yellow"}[found.code]
    out.print(f"[bold {colour}]{found.headline}[/]", soft_wrap=True)
    for line in found.notes:
        out.print(line, soft_wrap=True)


def problems(found: list[str], fine: str, where: Path) -> None:
    """A list of problems, or that there are none."""
    out = stdout()
    if not found:
        out.print(f"[green]ok[/]: {fine} ({where})", soft_wrap=True)
    for line in found:
        out.print(f"[red]•[/] {line}", soft_wrap=True)
