"""How a trace looks in a terminal and as JSON. Belongs here: layout. Does not: finding anything (``trace``)."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from rich.table import Table

from orchestration.show import stderr, stdout
from orchestration.trace import Input, Trace

_SHORT = 12  # of a hash: enough to find it


def show(found: Trace, rows: int) -> None:
    """The reading, its formula, the models it went through and its input rows, newest first."""
    out = stdout()
    value = "–" if found.value is None else f"{found.value:,.9g}"
    out.print(f"[bold]{found.reading_id}[/]  {found.name}, {found.entity_id}, {found.session_date}")
    out.print(f"  value      [bold]{value}[/] {found.unit}   status {found.status}")
    out.print(f"  formula    {found.formula}")
    out.print(f"  known at   {found.known_at:%Y-%m-%d %H:%M} UTC")
    out.print(
        f"  published  {found.generation}, as of {found.as_of:%Y-%m-%d %H:%M} UTC, world {found.world}, code {found.code_version}"
    )
    out.print(f"  models     {' → '.join(found.models)}")
    out.print("  seeds      calendars, instruments and thresholds are part of the code version\n", style="dim")
    for item in found.inputs:
        _input(item, rows)


def _input(item: Input, rows: int) -> None:
    out = stdout()
    span = f"{item.first} … {item.last}" if item.first else "nothing"
    out.print(
        f"[bold]raw.{item.dataset}[/]  {item.title} (vendor {item.vendor}): {item.count:,} rows, {span}, from"
        f" {len(item.answers)} answers of the vendor"
    )
    out.print(f"  which rows: {item.narrowed_by or 'all of the dataset'}", style="dim", soft_wrap=True)
    if not item.rows:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    same = [i for i, name in enumerate(item.columns[:-4]) if i > 0 and len({row[i] for row in item.rows}) == 1]
    told = [i for i in range(len(item.columns[:-4])) if i not in same]
    names = [*(item.columns[i] for i in told), "known at (UTC)", "how", "fetched at (UTC)", "landing"]
    for name in names:
        table.add_column(name, no_wrap=True)
    shown = item.rows if rows == 0 else item.rows[:rows]
    for row in shown:
        table.add_row(*(_cell(row[i]) for i in told), *(_cell(v) for v in row[-4:-1]), str(row[-1])[:_SHORT])
    if same:
        out.print(
            "  the same in every row: " + ", ".join(f"{item.columns[i]} {_cell(item.rows[0][i])}" for i in same),
            style="dim",
        )
    out.print(table)
    if len(shown) < item.count:
        out.print(f"  … and {item.count - len(shown):,} earlier rows (--rows 0 or --json shows all)", style="dim")
    out.print()


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return "–" if value is None else str(value)


def proof(same: bool) -> None:
    """What computing again said."""
    if same:
        stderr().print("[green]recomputed[/] from exactly these answers: the same cell")
    else:
        stderr().print(
            "[bold red]recomputed[/] from exactly these answers: ANOTHER cell. Report this; run: updraft verify"
        )


def to_json(found: Trace) -> str:
    """All of it; hashes in full, times in ISO 8601."""

    def plain(value: Any) -> Any:
        if isinstance(value, date | datetime):
            return value.isoformat()
        return sorted(value) if isinstance(value, frozenset) else str(value)

    return json.dumps(asdict(found), indent=1, default=plain)
