"""The thirteen drivers as rows: score, direction in word and sign, evidence, or why a driver abstains.

Belongs here: the layout of drivers. Does not: reading them (``drivers``).
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from warehouse.report.charts import score_bar
from warehouse.report.drivers import Driver, Reading
from warehouse.report.markup import tag
from warehouse.report.wording import signed

_SAYS = {"bullish": ("▲", "points up"), "bearish": ("▼", "points down"), "neutral": ("●", "neutral")}
_ROLES = (
    ("driver", "Drivers", "what could be moving prices"),
    ("confirmation", "Confirmations", "whether the move is shared"),
)


def scorecard(found: Sequence[Driver]) -> list[Element]:
    """Scored drivers first, then those that abstain, each group in reading order."""
    made = []
    for role, name, meaning in _ROLES:
        mine = [d for d in found if d.role == role]
        made.append(tag("h3", name, tag("span", f" {meaning}", class_="soft")))
        if spoken := [d for d in mine if d.score is not None]:
            made.append(tag("ul", *(_row(d) for d in spoken), class_="drivers"))
        if quiet := [d for d in mine if d.score is None]:
            made.append(tag("p", f"{len(quiet)} of {len(mine)} abstain", class_="quiet-head"))
            made.append(tag("ul", *(_abstaining(d) for d in quiet), class_="quiet"))
    return made


def _row(driver: Driver) -> Element:
    sign, word = _SAYS.get(driver.direction or "", ("", ""))
    class_ = driver.direction or ""
    return tag(
        "li",
        tag("div", tag("h4", driver.name), tag("p", driver.description, class_="soft small"), class_="who"),
        tag(
            "div",
            tag("p", tag("span", f"{sign} ", aria_hidden="true"), word, class_=f"says {class_}".strip()),
            score_bar(driver.score, class_),
            tag("p", f"score {signed(driver.score or 0, 2)}", class_="soft small"),
            class_="gauge",
        ),
        tag("ul", *(_evidence(r) for r in driver.readings), class_="evidence"),
    )


def _evidence(reading: Reading) -> Element:
    silent = ("\N{EN DASH}", "no value" if reading.value is None else "not counted")
    sign, word = _SAYS.get(reading.points or "", silent)
    return tag(
        "li",
        tag("span", sign, class_=f"sign {reading.points or ''}".strip(), aria_hidden="true"),
        tag(
            "span",
            tag("span", f"{word}: ", class_="unseen"),
            f"{reading.label} ",
            tag("span" if reading.value is None else "b", reading.said),
            tag("span", f" {reading.rule}", class_="soft small") if reading.rule else None,
        ),
    )


def _abstaining(driver: Driver) -> Element:
    return tag("li", tag("b", driver.name), tag("span", f" \N{EN DASH} {driver.why}", class_="soft"))
