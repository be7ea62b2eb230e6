"""Faults in the values and rows of an answer that is well formed: what a parser cannot see and a gate should.

Belongs here: what each kind does to a table or to the lines of a CSV file. Does not: how a fault is written (``text``),
faults of the connection (``wire``), any vendor's layout. ``n`` is a number of newest rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import replace

from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import Reply
from ingestion.sample.table import MARK, PRICES, Cell, Table

Edit = Callable[[Fault, Table], None]


def _times(value: Cell, factor: float) -> Cell:
    return round(value * factor, 6) if isinstance(value, float) else value


def _scale(fault: Fault, table: Table) -> None:
    last = int(fault.number("n", 1)) or len(table.rows)
    for row in table.rows[-last:]:
        for n in table.named(fault.options.get("column", "")):
            row[n] = _times(row[n], fault.number("factor", 100))


def _price_x10(fault: Fault, table: Table) -> None:
    _scale(replace(fault, options={"factor": "10", **fault.options, "column": "+".join(PRICES)}), table)


def _unit(fault: Fault, table: Table) -> None:
    for row in table.rows:
        for n in table.named(fault.options.get("column", "")):
            row[n] = _times(row[n], fault.number("factor", 100))


def _sign(fault: Fault, table: Table) -> None:
    for row in table.rows[-int(fault.number("n", 1)) :]:
        for n in table.named(fault.options.get("column", "")):
            value = row[n]
            row[n] = -value if isinstance(value, float) else value


def _duplicate(fault: Fault, table: Table) -> None:
    table.rows.append(list(table.rows[-1]))


def _flat(fault: Fault, table: Table) -> None:
    last = table.rows[-int(fault.number("n", 5)) :]
    for row in last:
        for n in table.named(fault.options.get("column", "")):
            row[n] = last[0][table.columns.index("close")] if "close" in table.columns else last[0][n]


def _swap(fault: Fault, table: Table) -> None:
    a, b = table.named(f"{fault.options.get('a', 'high')}+{fault.options.get('b', 'low')}")
    for row in table.rows[-int(fault.number("n", 1)) :]:
        row[a], row[b] = row[b], row[a]


def _drop(fault: Fault, table: Table) -> None:
    last = int(fault.number("n", 1))
    skip = int(fault.number("skip", 0))  # newest rows that stay
    del table.rows[len(table.rows) - last - skip : len(table.rows) - skip]


def _weekend(fault: Fault, table: Table) -> None:
    newest = table.rows[-1]
    table.rows.append([table.later(newest[0], (5 - table.weekday(newest[0])) % 7 or 7), *newest[1:]])


def _future(fault: Fault, table: Table) -> None:
    newest = table.rows[-1]
    table.rows.append([table.later(newest[0], int(fault.number("days", 7))), *newest[1:]])


def _date_shift(fault: Fault, table: Table) -> None:
    for row in table.rows:
        row[0] = table.later(row[0], int(fault.number("days", 1)))


def _literal(fault: Fault, table: Table) -> None:
    text = "NaN" if fault.kind == "nan" else fault.options.get("text", "Infinity")
    for n in table.named(fault.options.get("column", "close" if "close" in table.columns else ""))[:1]:
        table.rows[-1][n] = f"{MARK}{text}{MARK}"


EDITS: Mapping[str, Edit] = {
    "scale": _scale,
    "unit": _unit,
    "sign": _sign,
    "duplicate": _duplicate,
    "flat": _flat,
    "swap": _swap,
    "drop": _drop,
    "weekend": _weekend,
    "future": _future,
    "date_shift": _date_shift,
    "literal": _literal,
    "nan": _literal,
    "price_x10": _price_x10,
}


def lines_kept(keep: Callable[[int, str], bool]) -> Callable[[Fault, Reply], Reply]:
    """A spoiler that keeps the header of a CSV file and the lines (by number and text) that ``keep`` wants."""

    def act(fault: Fault, answer: Reply) -> Reply:
        status, headers, body = answer
        first, *rest = body.decode().splitlines()
        kept = [line for n, line in enumerate(rest) if keep(n, line)]
        return status, headers, ("\n".join([first, *kept]) + "\n").encode()

    return act


def _cell(fault: Fault, answer: Reply) -> Reply:
    status, headers, body = answer
    rows = list(csv.reader(body.decode().splitlines(keepends=True)))
    at = rows[0].index(fault.options.get("column", rows[0][0]))
    row = int(fault.number("row", 1))
    for spoilt in rows[1:] if row == 0 else [rows[row]]:
        spoilt[at] = fault.options.get("text", "")
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return status, headers, out.getvalue().encode()


def _row_gone(fault: Fault, answer: Reply) -> Reply:
    return lines_kept(lambda n, line: not line.startswith(fault.options.get("text", "\0")))(fault, answer)


LINES: Mapping[str, Callable[[Fault, Reply], Reply]] = {
    "cell": _cell,
    "row_gone": _row_gone,
    "half_list": lines_kept(lambda n, line: n % 2 == 0),
}
