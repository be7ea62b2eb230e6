"""The first screen: the move, the shocks with what their signs leave open, five lamps, and past rallies as a hundred dots.

Belongs here: putting the conclusion into four panels. Does not: reading marts (``conclusion``), further pictures.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from warehouse.report.conclusion import LAMPS, VERDICTS, Chances, Conclusion, Lamp, Part, band, in_hundred, of_hundred
from warehouse.report.markup import Child, tag
from warehouse.report.wording import counted, number, reason, short_day, signed

_KINDS = {
    "age_matched": "past rallies of this age",
    "barrier": "a random walk from here",
    "model": "the checklist's model",
}
_DOTS, _ACROSS = 100, 10


def strip(found: Conclusion) -> list[Element]:
    """Four panels while a rally is open; else one that says why there is nothing to explain."""
    if found.state != "RALLY":
        return [tag("p", found.sentence, class_="headline")]
    return [
        tag("p", found.sentence, class_="headline"),
        tag("div", _move(found), _why(found), _lamps(found), _dots(found), class_="answer-strip"),
    ]


def hatch() -> Element:
    """The pattern of uncertainty, defined once for the page."""
    line = tag("path", d="M-1 5l6-6M0 8l8-8M3 9l6-6", class_="hatching")
    pattern = tag("pattern", line, id="hatch", width="8", height="8", patternUnits="userSpaceOnUse")
    return tag("svg", tag("defs", pattern), width="0", height="0", aria_hidden="true", class_="unseen")


def _panel(title: str, *content: Child, class_: str = "") -> Element:
    return tag("section", tag("h2", title), *content, class_=f"panel {class_}".rstrip())


def _move(found: Conclusion) -> Element:
    rise = "–" if found.gain is None else f"{signed(found.gain, 1)}%"
    low = short_day(found.low_date) if found.low_date else ""
    return _panel(
        "The move",
        tag("p", rise, class_="big"),
        tag("p", f"{found.index_name} in {counted(found.age or 0, 'session')} since its low of {low}", class_="small"),
        tag("p", f"close {number(found.close)} on {short_day(found.session)}", class_="small soft")
        if found.close
        else None,
        class_="move",
    )


def _why(found: Conclusion) -> Element:
    if not found.shocks:
        return _panel("Why", tag("p", f"Not told: {reason(found.status_cause)}.", class_="absent"), class_="why")
    edge = max(max(abs(part.low or 0), abs(part.high or 0)) for part in found.shocks) or 1.0
    rest = ", ".join(f"{part.name.lower()} {signed(part.points, 1)}" for part in found.rest if abs(part.points) >= 0.05)
    named = len(found.named)
    title = "Why: not identified" if not named else f"Why: {counted(named, 'cause')} named"
    return _panel(
        title,
        tag("ul", *(_shock(part, edge) for part in found.shocks), class_="shocks"),
        tag(
            "p", f"Points of {signed(found.move or 0, 1)} (100 x log return). Hatched: what the signs leave open, 5 to 95%."
            f"{' Rest: ' + rest + '.' if rest else ''}", class_="small soft",
        ),
        class_="why",
    )  # fmt: skip


def _shock(part: Part, edge: float) -> Element:
    """One shock: name, median, and the bar with its hatched band; 0 is the middle."""

    def at(points: float) -> float:
        return 50 + 48 * points / edge

    left, right = at(part.low or 0), at(part.high or 0)
    start, end = sorted((at(0), at(part.points)))
    way = "bullish" if part.points >= 0 else "bearish"
    drawn = tag(
        "svg",
        tag("rect", x=f"{left:.1f}%", y="2", width=f"{right - left:.1f}%", height="14", class_="open"),
        tag("rect", x=f"{start:.1f}%", y="5", width=f"{end - start:.1f}%", height="8", class_=way if part.is_named else "unnamed"),
        tag("line", x1="50%", x2="50%", y1="0", y2="18", class_="middle"),
        class_="bar", width="100%", height=18, aria_hidden="true",
    )  # fmt: skip
    said = tag("b", part.name) if part.is_named else tag("span", part.name, class_="soft")
    tail = "named" if part.is_named else "not identified"
    return tag(
        "li",
        tag("span", said, tag("span", f" {tail}, {band(part)}", class_="unseen")),
        tag("span", signed(part.points, 1), class_="n"),
        drawn,
    )


def _lamps(found: Conclusion) -> Element:
    if found.verdict is None:
        title = "Will it last: no verdict"
        said = reason(found.status_verdict)
    elif found.verdict == "abstains":
        title = "Will it last: the checklist abstains"
        said = f"{found.tests_told} of {found.tests} tests can be told"
    else:
        title = f"Will it last: {VERDICTS[found.verdict]}"
        said = f"{found.tests_passed} of {found.tests_told} tests hold, {found.tests} are asked"
    legend = dict(LAMPS)
    return _panel(
        title,
        tag("ul", *(_lamp(lamp, legend) for lamp in found.lamps), class_="lamps"),
        tag("p", f"{said[:1].upper()}{said[1:]}. A rule, not a forecast.", class_="small soft"),
        class_="lasts",
    )


def _lamp(lamp: Lamp, legend: dict[str, str]) -> Element:
    score = lamp.why if lamp.score is None else f"{100 * lamp.score:.0f} of 100, {legend[lamp.state]}"
    return tag("li", tag("span", class_=f"lamp {lamp.state}", aria_hidden="true"), tag("b", lamp.name), f" {score}")


def _dots(found: Conclusion) -> Element:
    c = found.chances
    if c is None or not c.n:
        return _panel(
            "How often", tag("p", f"Not told: {reason(found.status_chances)}.", class_="absent"), class_="dots"
        )
    skill = "The checklist has shown no skill yet." if c.kind != "model" else "The checklist's gate is open."
    brier = f" (Brier {number(c.brier, 3)})" if c.brier is not None else ""
    return _panel(
        f"{c.sustained} of {c.n} past rallies of this age lasted",
        _hundred(c),
        tag(
            "ul",
            tag("li", tag("span", class_="swatch kept"), f"lasted: low held and no lower after 126 sessions, {of_hundred(c.sustained, c.n)} of 100"),
            tag("li", tag("span", class_="swatch held"), f"low held, {of_hundred(c.trough_holds, c.n)} of 100 in all"),
            tag("li", tag("span", class_="swatch broke"), f"fell through its low, {of_hundred(c.n - c.trough_holds, c.n)} of 100"),
            class_="key",
        ),
        tag(
            "p", f"Higher after 126 sessions: {of_hundred(c.higher, c.n)} of 100. Chance of lasting {in_hundred(c.p_sustained)}, by"
            f" {_KINDS[c.kind]}{brier}. {skill}", class_="small soft",
        ),
        class_="dots",
    )  # fmt: skip


def _hundred(c: Chances) -> Element:
    kept, held = round(100 * c.sustained / c.n), round(100 * c.trough_holds / c.n)
    dots = []
    for i in range(_DOTS):
        name = "kept" if i < kept else "held" if i < held else "broke"
        dots.append(tag("circle", cx=8 + 16 * (i % _ACROSS), cy=8 + 16 * (i // _ACROSS), r="5.4", class_=name))
    said = f"Of 100 past rallies {kept} lasted, in {held - kept} more the low held, {_DOTS - held} fell through it."
    return tag(
        "svg", tag("title", "Past rallies as a hundred dots", id="dots-title"), tag("desc", said, id="dots-desc"), *dots,
        viewBox="0 0 160 160", class_="hundred", role="img", aria_labelledby="dots-title", aria_describedby="dots-desc",
    )  # fmt: skip
