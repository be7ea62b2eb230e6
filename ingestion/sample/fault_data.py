"""Faults in the values and rows of an answer that is well formed: what a parser cannot see and a gate should.

Belongs here: what each kind does to a table, to a chart's events or to a list of members. Does not: how a fault is
written (``faults``), faults of the connection (``fault_wire``). ``n`` is a number of newest rows.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping

from ingestion.sample.answer import Answer
from ingestion.sample.fault_tables import MARK, PRICES, Cell, Table, shifted, table_of, weekday
from ingestion.sample.fault_text import Fault

Edit = Callable[[Fault, Table], None]


def _times(value: Cell, factor: float) -> Cell:
    return round(value * factor, 6) if isinstance(value, float) else value


def _scale(fault: Fault, table: Table) -> None:
    last = int(fault.number("n", 1)) or len(table.rows)
    for row in table.rows[-last:]:
        for n in table.named(fault.options.get("column", "")):
            row[n] = _times(row[n], fault.number("factor", 100))


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
    table.rows.append([shifted(newest[0], (5 - weekday(newest[0])) % 7 or 7), *newest[1:]])


def _future(fault: Fault, table: Table) -> None:
    newest = table.rows[-1]
    table.rows.append([shifted(newest[0], int(fault.number("days", 7))), *newest[1:]])


def _date_shift(fault: Fault, table: Table) -> None:
    for row in table.rows:
        row[0] = shifted(row[0], int(fault.number("days", 1)))


def _literal(fault: Fault, table: Table) -> None:
    text = fault.options.get("text", "Infinity")
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
}


def edit(fault: Fault, answer: Answer) -> Answer:
    """The answer with the table edit ``fault.kind``; an answer without rows stays as it is."""
    table = table_of(answer)
    if table is None or not table.rows:
        return answer
    EDITS[fault.kind](fault, table)
    return answer[0], answer[1], table.write(table)


def _of_chart(change: Callable[[Fault, dict[str, object]], None]) -> Callable[[Fault, Answer], Answer]:
    def act(fault: Fault, answer: Answer) -> Answer:
        status, headers, body = answer
        if not body.startswith(b'{"chart"') or b'"timestamp"' not in body:
            return answer
        chart = json.loads(body)
        change(fault, chart["chart"]["result"][0])
        return status, headers, json.dumps(chart, separators=(",", ":")).encode()

    return act


def _split_lost(fault: Fault, result: dict[str, object]) -> None:
    """Without the event nothing says that older prices were divided; without a split, divide them as for one."""
    events: dict[str, object] = result.get("events", {})  # type: ignore[assignment]
    if events.pop("splits", None) is None:
        quote = result["indicators"]["quote"][0]  # type: ignore[index]
        last, factor = int(fault.number("n", 20)), fault.number("factor", 2)
        for name in PRICES:
            quote[name] = [round(v / factor, 4) for v in quote[name][:-last]] + quote[name][-last:]


def _dividend(fault: Fault, result: dict[str, object]) -> None:
    events: dict[str, dict[str, dict[str, float]]] = result.get("events", {})  # type: ignore[assignment]
    paid = events.get("dividends", {})
    for key in sorted(paid)[-int(fault.number("n", 1)) :]:
        paid[key]["amount"] = round(paid[key]["amount"] * fault.number("factor", 10), 6)


def _event(fault: Fault, result: dict[str, object]) -> None:
    """One event more, on a recent bar; ``copies`` of it stand under other keys, as the vendor sometimes lists it."""
    kind, value = fault.options.get("kind", "dividends"), fault.number("value", 1)
    at = int(result["timestamp"][-int(fault.number("n", 1))])  # type: ignore[index]
    ratio = {"numerator": value, "denominator": 1.0, "splitRatio": f"{value:g}:1"}
    entry = {"date": at, **(ratio if kind == "splits" else {"amount": value})}
    events: dict[str, dict[str, object]] = result.setdefault("events", {})  # type: ignore[assignment]
    for copy in range(int(fault.number("copies", 1))):
        events.setdefault(kind, {})[str(at + copy)] = entry


def _no_events(fault: Fault, result: dict[str, object]) -> None:
    result.pop("events", None)


def _intraday(fault: Fault, result: dict[str, object]) -> None:
    """The last bar as it stood in mid-session, under the stamp of a finished one; only ``meta`` says how old it is."""
    quote, meta = result["indicators"]["quote"][0], result["meta"]  # type: ignore[index]
    middle = round((quote["high"][-1] + quote["low"][-1]) / 2, 2)
    quote["close"][-1] = middle
    quote["volume"][-1] = quote["volume"][-1] // 2
    meta["regularMarketPrice"] = middle  # type: ignore[index]
    meta["regularMarketTime"] -= int(fault.number("hours", 3) * 3600)  # type: ignore[index]


def _lines(keep: Callable[[int, str], bool]) -> Callable[[Fault, Answer], Answer]:
    def act(fault: Fault, answer: Answer) -> Answer:
        status, headers, body = answer
        first, *rest = body.decode().splitlines()
        kept = [line for n, line in enumerate(rest) if keep(n, line)]
        return status, headers, ("\n".join([first, *kept]) + "\n").encode()

    return act


def _cell(fault: Fault, answer: Answer) -> Answer:
    status, headers, body = answer
    rows = list(csv.reader(body.decode().splitlines(keepends=True)))
    at = rows[0].index(fault.options.get("column", rows[0][0]))
    row = int(fault.number("row", 1))
    for spoilt in rows[1:] if row == 0 else [rows[row]]:
        spoilt[at] = fault.options.get("text", "")
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return status, headers, out.getvalue().encode()


def _row_gone(fault: Fault, answer: Answer) -> Answer:
    return _lines(lambda n, line: not line.startswith(fault.options.get("text", "\0")))(fault, answer)


SPOILERS: Mapping[str, Callable[[Fault, Answer], Answer]] = {
    **dict.fromkeys(EDITS, edit),
    "split_lost": _of_chart(_split_lost),
    "dividend": _of_chart(_dividend),
    "event": _of_chart(_event),
    "no_events": _of_chart(_no_events),
    "intraday": _of_chart(_intraday),
    "survivors": _lines(lambda n, line: line.endswith(",")),
    "cell": _cell,
    "row_gone": _row_gone,
    "half_list": _lines(lambda n, line: n % 2 == 0),
}
