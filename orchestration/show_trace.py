"""How a trace looks in a terminal and as JSON. Belongs here: layout. Does not: finding anything (``trace``)."""

from __future__ import annotations

import json
import textwrap
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from rich.text import Text

from orchestration.show import stderr, stdout
from orchestration.trace import Input, Trace
from warehouse.report.wording import counted

_SHORT = 12  # of a hash: enough to find it


def show(found: Trace, rows: int) -> None:
    """The cell, its formula, the models it went through and its input rows, newest first."""
    out = stdout()
    for line in lines(found, rows, out.width):
        out.print(line, soft_wrap=True)


def lines(found: Trace, rows: int, width: int) -> list[Text]:
    """The same as lines of at most ``width`` columns; only a row of many columns, broken once, may be longer."""
    value = f"{found.value:,.9g}" if isinstance(found.value, float) else _cell(found.value)
    key = [_cell(value) for name, value in found.key.items() if name not in ("reading_id", "session_date")]
    made = [Text.assemble((found.name, "bold"), "  ", ", ".join([*key, str(found.session_date)]))]
    for head, text in (
        ("what", found.title),
        ("value", f"{value} {found.unit}, status {found.status}"),
        ("formula", found.formula),
        ("known at", f"{found.known_at:%Y-%m-%d %H:%M} UTC"),
        ("published", f"{found.generation}, as of {found.as_of:%Y-%m-%d %H:%M} UTC, world {found.world}, code {found.code_version}"),
        ("models", " → ".join(found.models)),
        ("seeds", "calendars, instruments and thresholds are part of the code version"),
    ):  # fmt: skip
        made += _wrapped(text, width, f"  {head:<11}", " " * 13)
    for item in found.inputs:
        made += [Text(), *_input(item, rows, width)]
    return made


def _wrapped(text: str, width: int, first: str, rest: str, style: str = "") -> list[Text]:
    broken = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return [Text(line, style) for line in broken]


def _input(item: Input, rows: int, width: int) -> list[Text]:
    if not item.count:
        return [Text.assemble((f"raw.{item.dataset}", "bold"), f"  {item.title}: no row counts")]
    made = [Text.assemble((f"raw.{item.dataset}", "bold"), f"  {item.count:,} rows, {item.first} … {item.last}")]
    made += _wrapped(f"{item.title}; {counted(len(item.answers), 'answer')} of {item.vendor}", width, "  ", "    ")
    made += _wrapped(
        f"which rows: {item.narrowed_by if item.narrowed_by != 'TRUE' else 'all of the dataset'}",
        width,
        "  ",
        "    ",
        "dim",
    )
    own = range(len(item.columns) - 4)
    same = [i for i in own if i > 0 and len({row[i] for row in item.rows}) == 1]
    if same:
        shared = ", ".join(f"{item.columns[i]} {_cell(item.rows[0][i])}" for i in same)
        made += _wrapped(f"the same in every row: {shared}", width, "  ", "    ", "dim")
    shown = item.rows if rows == 0 else item.rows[:rows]
    head = [*(item.columns[i] for i in own if i not in same), "known at (UTC)", "how", "fetched at (UTC)", "landing"]
    cells = [
        [*(_cell(row[i]) for i in own if i not in same), *(_cell(v) for v in row[-4:-1]), str(row[-1])[:_SHORT]]
        for row in shown
    ]
    wide = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    fits = sum(wide) + 2 * len(wide) <= width
    for nth, row in enumerate([head, *cells]):
        padded = [f"{cell:<{w}}" for cell, w in zip(row, wide, strict=True)]
        parts = [padded] if fits else [padded[:-4], ["  ", *padded[-4:]]]
        made += [Text("  " + "  ".join(part).rstrip(), "bold" if nth == 0 else "") for part in parts]
    if len(shown) < item.count:
        made.append(Text(f"  … and {item.count - len(shown):,} earlier rows (--rows 0 or --json shows all)", "dim"))
    return made


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return "–" if value is None else str(value)


def proof(same: bool) -> None:
    """What computing again said."""
    if same:
        stderr().print("[green]recomputed[/] from exactly these rows: the same cell")
    else:
        stderr().print(
            "[bold red]recomputed[/] from exactly these rows: ANOTHER cell. Report this; run: updraft verify"
        )


def to_json(found: Trace) -> str:
    """All of it; hashes in full, times in ISO 8601."""

    def plain(value: Any) -> Any:
        if isinstance(value, date | datetime):
            return value.isoformat()
        return sorted(value) if isinstance(value, frozenset) else str(value)

    told = asdict(found)
    for item in told["inputs"]:
        del item["scope"], item["values"]
    return json.dumps(told, indent=1, default=plain)
