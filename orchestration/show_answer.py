"""How the evidence looks in a terminal. Belongs here: its lines at a width. Does not: the conclusion above it
(``show_conclusion``), figures, sentences, printing.

80 columns come first: one line per driver and per figure (label, value with its unit, note), what a group shares in its
head. Nothing is cut and nothing left to the terminal to break: prose breaks between words, evidence between name, value and
thresholds, and a date stays whole.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.text import Text

from orchestration.answer import Answer, Driver, Figure
from warehouse.report.drivers import Reading
from warehouse.report.wording import NONE, RECONSTRUCTED, signed, with_unit

_LABEL, _VALUE, _NOTE = 36, 12, 28  # columns of a figure's line
_PLACE = 130  # from this width on the line ends with the place in a mart
_MARKS = {"bullish": ("▲", "green"), "bearish": ("▼", "red"), "neutral": ("●", "yellow")}
_UNCOUNTED = "○"
_DATE = re.compile(
    r"\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
)
_WHOLE = "\N{NO-BREAK SPACE}"


def lines(found: Answer, width: int) -> list[Text]:
    """The evidence as lines of at most ``width`` columns: where the index stands, drivers with the readings that decide, figures,
    what is missing.
    """
    made: list[Text] = [Text("WHERE IT STANDS", "bold"), *prose(found.headline, width), Text()]
    made += [Text.assemble((f"{what:<16}", "bold"), said) for what, said in found.in_short]
    return [*made, Text(), *_drivers(found.drivers, width), *_figures(found, width), *_missing(found, width)]


def prose(text: str, width: int, first: str = "", rest: str = "") -> list[Text]:
    """``text`` broken between words, dates whole; the first line begins with ``first``, the others with ``rest``."""
    kept = _DATE.sub(lambda date: date[0].replace(" ", _WHOLE), text)
    broken = textwrap.wrap(
        kept, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return [Text(line.replace(_WHOLE, " ")) for line in broken]


def _flow(items: Iterable[Text], width: int, first: Text, separator: str) -> list[Text]:
    """``items`` whole, as many to a line as fit; further lines begin where the first item stood."""
    indent, made, line, is_empty = first.cell_len, [], first, True
    for item in items:
        if not is_empty and line.cell_len + len(separator) + item.cell_len > width:
            made.append(line)
            line, is_empty = Text(" " * indent), True
        line = Text.assemble(line, "" if is_empty else separator, item)
        is_empty = False
    return [*made, line]


def _drivers(drivers: Sequence[Driver], width: int) -> list[Text]:
    """Scored drivers, each with its readings below it, then on one line those without a score."""
    scored = [d for d in drivers if d.score is not None]
    wide = max((len(d.short_name) for d in drivers), default=0)
    legend = (
        f"  {_UNCOUNTED} {RECONSTRUCTED}, not counted"
        if any(_is_uncounted(r) for d in scored for r in d.readings)
        else ""
    )
    made = [Text.assemble(("DRIVERS", "bold"), (f"  ▲ up  ▼ down  ● neutral{legend}", "dim"))]
    for d in scored:
        mark, style = _MARKS.get(d.direction or "", (" ", ""))
        made.append(Text.assemble("  ", (f"{mark} {signed(d.score or 0.0, 2):>5}", style), f"  {d.short_name}"))
        for reading in d.readings:
            made += _reading(reading, width)
    if silent := [d.short_name.lower() for d in drivers if d.score is None]:
        head = Text(f"  {NONE:<7}  {'Not scored':<{wide}}  ")
        made += _flow([Text(name + "," * (name != silent[-1])) for name in silent], width, head, " ")
    return [*made, Text()]


def _is_uncounted(reading: Reading) -> bool:
    return reading.is_reconstructed and reading.value is not None


def _reading(reading: Reading, width: int) -> list[Text]:
    """A reading by its whole name: where it points, its value or why there is none, and what decides."""
    mark, style = (_UNCOUNTED, "dim") if _is_uncounted(reading) else _MARKS.get(reading.direction or "", (NONE, "dim"))
    said = reading.measure if reading.value is not None else reading.said
    parts = [Text(reading.label), Text(said, "bold" if reading.value is not None else "dim")]
    if reading.rule:
        parts.append(Text(f"({reading.rule})", "dim"))
    return _flow(parts, width, Text.assemble("    ", (mark, style), " "), "  ")


def _figures(found: Answer, width: int) -> list[Text]:
    made: list[Text] = []
    for group, members in groupby(found.figures, lambda figure: figure.group):
        shown = list(members)
        made.append(
            Text.assemble((group.upper(), "bold"), (f"  {found.shared[group]}" if group in found.shared else "", "dim"))
        )
        for _, together in groupby(shown, lambda figure: figure.line or figure):
            made += _together(list(together), width)
        made.append(Text())
    return made


def _together(figures: Sequence[Figure], width: int) -> list[Text]:
    """One figure, or neighbours on one line; a change that is missing while its figure is not has a line of its own."""
    first, *_ = figures
    values = " / ".join(with_unit(f.value, f.unit) for f in figures if not f.brief)
    said = [f.brief for f in figures if f.brief and f.value is not None]
    apart = [f for f in figures if f.brief and f.value is None and f.note != first.note]
    return [
        _line(
            first.line or first.label,
            values,
            said[0] if said and first.value is not None else first.note,
            first.where,
            width,
        ),
        *(_line(f.label, with_unit(f.value, f.unit), f.note, f.where, width) for f in apart),
    ]


def _line(label: str, value: str, note: str, place: str, width: int) -> Text:
    """Label and value on their columns; a long value takes room that its label leaves."""
    said = f"  {label}{value:>{max(_LABEL + _VALUE - len(label), len(value) + 1)}}  {note:<{_NOTE}}"
    return Text.assemble(said, (f"  {place}", "dim")) if width >= _PLACE else Text(said.rstrip())


def _missing(found: Answer, width: int) -> list[Text]:
    """What is missing beside the drivers that the list of drivers already calls not scored; then the gate's warnings,
    and, apart from both, what is not asked for want of a key.
    """
    built = {d.name: d.status != "NOT_AVAILABLE" for d in found.drivers}
    gaps = [gap for gap in found.missing if built.get(gap.what, True)]
    made = [Text("MISSING", "bold")] if gaps or found.warnings else []
    for gap in gaps:
        made += prose(f"{gap.what}: {gap.why}", width, "  ", "    ")
    for rule in found.warnings:
        made += prose(f"warning of the gate: {rule}", width, "  ", "    ")
    if found.no_key:
        made += [Text(), *prose(f"Not asked, no key is set: {', '.join(found.no_key)}", width)]
    return made
