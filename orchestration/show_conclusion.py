"""How the conclusion looks in a terminal: at most 24 lines of 80 columns. Belongs here: its lines. Does not: sentences, reading,
printing, the evidence below it (``show_answer``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.text import Text

from orchestration.show_answer import prose
from warehouse.report.conclusion import LAMPS, VERDICTS, Check, Conclusion, Lamp, Part, band, in_hundred, of_hundred
from warehouse.report.wording import counted, number, quantity, reason, short_day, signed

MOST = 24  # lines of a terminal that shows all of it at once
_INDENT = 7  # width of a line's head
_MARKS = {"lit": ("●", "green"), "half": ("◐", "yellow"), "out": ("○", "red"), "dark": ("·", "dim")}


def lines(found: Conclusion, width: int, *, is_sample: bool, gaps: Sequence[str], generation: str) -> list[Text]:
    """The conclusion: sentence, why, who, when, whether it lasts, what would flip it, what is missing, as of when."""
    made: list[Text] = []
    if is_sample:
        made.append(
            Text.assemble((" SAMPLE DATA ", "black on yellow"), " invented market: every figure below is made up")
        )
    made += [Text(line.plain, "bold") for line in prose(found.sentence, width)]
    body = [*_why(found), *_who(found, width), *_when(found, width), *_lasts(found, width), *_flips(found, width)]
    tail = _missing(found, gaps, width)
    end = Text(f"AS OF  {short_day(found.session)}, 20:00 New York · {generation} · more: why --evidence", "dim")
    return [*made, *body, *tail, end]


def _head(name: str, said: Text | str) -> Text:
    return Text.assemble((f"{name:<{_INDENT}}", "bold"), said)


def _wrapped(name: str, said: str, width: int, most: int = 2) -> list[Text]:
    """``said`` behind its head, broken between words; more than ``most`` lines end with how to see the rest."""
    body = prose(said, width - _INDENT)
    shown = [line.plain for line in body[:most]]
    if len(body) > most:
        more = " … (--evidence)"
        shown[-1] = shown[-1][: width - _INDENT - len(more)].rsplit(" ", 1)[0] + more
    return [_head(name if n == 0 else "", line) for n, line in enumerate(shown)]


def _why(found: Conclusion) -> list[Text]:
    if not found.shocks:
        return [_head("WHY", Text(f"not told: {reason(found.status_cause)}"))] if found.state == "RALLY" else []
    made = [
        _head(
            "WHY",
            Text(
                f"of {signed(found.move or 0, 1)} points of log return; band: what the signs leave open, 5 to 95%",
                "dim",
            ),
        )
    ]
    wide = max(len(part.name) for part in found.shocks)
    for part in found.shocks:
        mark, style = ("▲", "green") if part.points >= 0 else ("▼", "red")
        named = (mark, style) if part.is_named else ("·", "dim")
        tail = "named" if part.is_named else "not identified"
        made.append(
            Text.assemble(
                "  ",
                named,
                f" {part.name:<{wide}}  {signed(part.points, 1):>6}  {band(part):>14}  ",
                (tail, "" if part.is_named else "dim"),
            )
        )
    rest = [part for part in found.rest if abs(part.points) >= 0.05]
    if rest:
        made.append(Text("    " + ", ".join(f"{part.name.lower()} {signed(part.points, 1)}" for part in rest), "dim"))
    return made


def _few(parts: Sequence[Part], n: int, unit: str = "") -> str:
    return ", ".join(f"{part.name} {signed(part.points, 1)}{unit}" for part in parts[:n])


def _who(found: Conclusion, width: int) -> list[Text]:
    if found.state != "RALLY":
        return []
    if not found.carriers:
        return [_head("WHO", Text("not told: no weights of members are held for this window", "dim"))]
    sectors = [part for part in found.sectors if part.component != "residual"]
    said = _few(found.carriers, 3, "\N{NO-BREAK SPACE}pp") + (
        f"; sectors: {_few(sectors, 2, ' pp')}" if sectors else ""
    )
    return _wrapped("WHO", said, width)


def _when(found: Conclusion, width: int) -> list[Text]:
    if not found.events:
        return []
    rest = "" if found.untagged is None else f"; {signed(found.untagged, 1)} points on no dated event"
    named = [part for part in found.events if part.is_named]
    said = f"{_few(named, 3)}, beyond chance" if named else "no kind of event moved it beyond chance"
    return _wrapped("WHEN", said + rest, width)


def _lamp(lamp: Lamp) -> tuple[str, tuple[str, str], str]:
    score = f" {100 * lamp.score:.0f}" if lamp.score is not None else " –"
    return "  ", _MARKS[lamp.state], f" {lamp.name.lower()}{score}"


def _lasts(found: Conclusion, width: int) -> list[Text]:
    if found.state != "RALLY":
        return []
    if found.verdict is None:
        said = f"no verdict: {reason(found.status_verdict)}"
    elif found.verdict == "abstains":
        said = f"the checklist abstains: {found.tests_told} of {found.tests} tests can be told"
    else:
        said = f"{VERDICTS[found.verdict]}: {found.tests_passed} of {found.tests_told} tests hold ({found.tests} asked)"
    made = [_head("LAST?", Text(said))]
    legend = " ".join(f"{_MARKS[state][0]} {words}" for state, words in LAMPS)
    made.append(
        Text.assemble(
            *(piece for lamp in found.lamps for piece in _lamp(lamp)), (f"   {legend}" if width >= 110 else "", "dim")
        )
    )
    c = found.chances
    if c is None:
        return [*made, Text(f"  no chances: {reason(found.status_chances)}", "dim")]
    counts = f"low held {of_hundred(c.trough_holds, c.n)}, higher {of_hundred(c.higher, c.n)}, sustained {of_hundred(c.sustained, c.n)}"
    made += [
        Text(f"  {line.plain}") for line in prose(f"of 100 past rallies at this age: {counts} (n {c.n})", width - 2)
    ]
    skill = "has no proven skill" if c.kind != "model" else "speaks: its gate is open"
    brier = "" if c.brier is None else f", Brier {number(c.brier, 3)}"
    chance = f"chance {in_hundred(c.p_sustained)} ({c.kind.replace('_', ' ')}{brier})"
    return [*made, Text(f"  {chance}; the checklist {skill}", "dim")]


def _flips(found: Conclusion, width: int) -> list[Text]:
    if found.state != "RALLY" or not found.flips:
        return []
    return _wrapped("FLIPS", "; ".join(_flip(test) for test in found.flips[:2]), width)


def _flip(test: Check) -> str:
    now = "holds" if test.is_passed else "fails"
    value = quantity(test.value, test.unit) if test.value is not None else "–"
    return f"{test.label} ({now}: {value}, needs {test.needs})"


def _missing(found: Conclusion, gaps: Sequence[str], width: int) -> list[Text]:
    why = (
        Counter(reason(test.status) for test in found.checks if test.is_passed is None)
        if found.state == "RALLY"
        else Counter()
    )
    counts = ", ".join(f"{n} {words}" for words, n in why.most_common())
    said = [*([f"{counted(why.total(), 'test')} of the checklist ({counts})"] if why else []), *gaps]
    return _wrapped("LACKS", "; ".join(said), width) if said else []
