"""One generation as one HTML file that needs nothing else: no script, no network, no other file.

Belongs here: the order of the page. Does not: reading marts, drawing, wording. The same generation and receipt give
the same bytes; there is no clock here.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report import (
    attribution,
    boards,
    carried,
    crypto,
    earnings,
    flows,
    ledger,
    pictures,
    policy,
    provenance,
    sentiment,
    tables,
)
from warehouse.report.answer import QUESTION, Answer, answer_of
from warehouse.report.markup import Child, tag, to_html
from warehouse.report.positioning import positioning
from warehouse.report.precedents import precedents
from warehouse.report.releases import releases
from warehouse.report.scorecard import scorecard
from warehouse.report.standing import Standing, standing
from warehouse.report.strip import hatch, strip
from warehouse.report.wording import day

_PARTS = (
    ("ages", "Past rallies"), ("weekly", "Shocks"), ("carried", "Who carried it"), ("account", "Account"), ("policy", "Policy"),
    ("durability", "Will it last"), ("calendar", "Calendar"), ("price", "Price"), ("breadth", "Breadth"), ("drivers", "Drivers"),
    ("earnings", "Earnings"), ("flows", "Flows"), ("sentiment", "Volatility"), ("crypto", "Crypto"), ("scenarios", "Scenarios"),
    ("claims", "Claims"), ("article", "Article"), ("week", "Week ahead"), ("figures", "Figures"), ("missing", "Missing"),
    ("provenance", "Provenance"),
)  # fmt: skip
_QUERY = """duckdb -readonly updraft.duckdb

SELECT session_date, state, gain, retraced, drawdown
FROM marts.rally_daily
WHERE is_default
ORDER BY session_date DESC
LIMIT 5;"""


def render_page(con: duckdb.DuckDBPyConnection, receipt: Mapping[str, Any]) -> str:
    """The page of the generation that ``con`` reads (schemas ``marts`` and ``meta``), with its receipt, as HTML.

    Raises ReportError when the generation holds no session of a headline index.
    """
    found, now = answer_of(con), standing(con)
    told = found.conclusion
    body = tag(
        "body",
        hatch(),
        _banner() if receipt["world"] == "sample" else None,
        _head(found, now),
        tag("nav", *(tag("a", name, href=f"#{part}") for part, name in _PARTS), aria_label="Parts of this page"),
        tag(
            "main",
            _section("ages", "This rally beside every earlier one", *precedents(con, now)),
            _section("weekly", "Why: the shocks", attribution.weekly(con, told)),
            _section(
                "carried", "Who carried it",
                tag("p", "Contribution is arithmetic: weight of the evening before times return. It says who moved the"
                         " index, not why.", class_="soft"),
                tag(
                    "div",
                    tag("div", *carried.carried(con, now), attribution.sectors(told)), carried.sector_map(con, now),
                    class_="columns",
                ),
            ),
            _section("account", "The account", attribution.account(told)),
            _section(
                "policy", "Policy and macro",
                *policy.path(con, now),
                tag("div", *policy.curve(con, now), class_="columns"),
                tag("details", tag("summary", "Releases and decisions since the low"), releases(con, now)),
            ),
            _section(
                "durability", "Will it last: every test and its threshold",
                tag("p", "Thresholds were fixed before they were tried; each is in the seed with its reason. The dot stands right of the"
                         " middle where the test holds, and the farther from it the more would have to change.", class_="soft"),
                *ledger.ledger(told),
                *ledger.skill(con, told),
            ),
            _section("calendar", "On which days", attribution.half_days(con, told)),
            _section("price", "Where the index stands", pictures.price(con, now)),
            _section(
                "breadth", "Breadth",
                tag("div", *pictures.breadth(con, now), class_="columns"), tables.sectors(con, now),
            ),
            _folded(
                "drivers", "Thirteen drivers" if len(found.drivers) == 13 else "Drivers",
                tag("p", f"{found.evidence} A score is the weighted mean of its readings, from \N{MINUS SIGN}1 (all down) to"
                         " +1 (all up). From +0.25 it points up, from \N{MINUS SIGN}0.25 down.", class_="soft"),
                *scorecard(found.drivers),
            ),
            _folded(
                "earnings", "Earnings season so far",
                *earnings.season(con, now),
                earnings.ahead(con, now),
            ),
            _folded(
                "flows", "Flows and positioning",
                tag("p", "Money into funds above the line, out of them below, in % of assets; each picture has its own scale."
                         " A week for which no flow is known has no bar.", class_="soft"),
                tag("div", *flows.weekly(con, now), class_="columns"),
                flows.long_term(con, now),
                positioning(con, now),
            ),
            _folded(
                "sentiment", "Volatility and sentiment",
                tag("p", "A year of sessions. Under each picture stands what is missing in it.", class_="soft"),
                tag("div", *sentiment.panels(con, now), class_="columns"),
            ),
            _folded(
                "crypto", "Crypto beside the index",
                tag("div", *crypto.pictures(con, now), class_="columns"),
                tag(
                    "div",
                    tag("div", crypto.windows(con, now), crypto.alone(con, now)), crypto.beside(con, now),
                    class_="columns",
                ),
            ),
            _section(
                "scenarios", "Scenarios, rallies alike, beliefs",
                boards.scenarios(con, told), boards.alike(con, told),
                tag("details", tag("summary", "Beliefs about rallies, tested"), boards.beliefs(con, told)),
                tag("details", tag("summary", "What it means for holders"), boards.implications(con, told)),
            ),
            _folded("claims", "Claims of the press", boards.claims(con)),
            _folded("article", "The article, line by line", boards.article(con)),
            _folded("week", "The week ahead", *boards.checklist(con, told)),
            _section(
                "figures", "Figures of the day",
                tag("details", tag("summary", "Every figure with its place in a table"),
                    tag("div", *tables.figure_tables(found.figures, found.shared), class_="flow")),
            ),
            _folded(
                "missing", "What is missing, and why",
                tag("ul", *(tag("li", f"{gap.what}: {gap.why}") for gap in found.missing), class_="plain")
                if found.missing else tag("p", "Nothing: every driver is scored and every input is in order."),
                tag("h3", "The gate"), *provenance.gate(con),
                tag("h3", "Sources"), *provenance.sources(con, now),
            ),
        ),
        tag(
            "footer",
            _section(
                "provenance", "Provenance",
                *provenance.provenance(con, receipt),
                tag("h3", "Ask it yourself"),
                tag("pre", tag("code", _QUERY), tabindex=0),
                tag("h3", "Whose data"),
                *provenance.licence(con, receipt["world"] == "sample"),
                tag("p", "Updraft describes; it does not advise.", class_="soft"),
            ),
        ),
    )  # fmt: skip
    return to_html(tag("html", _meta(found), body, lang="en"))


def _meta(found: Answer) -> Element:
    """Title, style and a policy under which a browser loads nothing from anywhere."""
    style = (resources.files("warehouse.report") / "style.css").read_text(encoding="utf-8")
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="Content-Security-Policy", content="default-src 'none'; style-src 'unsafe-inline'"),
        tag("title", f"{QUESTION} Updraft, {day(found.session_date)}"),
        tag("style", style),
    )


def _banner() -> Element:
    return tag(
        "p",
        tag("strong", "SAMPLE DATA"),
        " An invented market, computed by the real machinery. Nothing on this page happened.",
        class_="banner",
        role="note",
    )


def _head(found: Answer, now: Standing) -> Element:
    return tag(
        "header",
        tag("p", tag("b", "Updraft"), f" session of {day(now.session)}, 20:00 New York", class_="kicker"),
        tag("h1", QUESTION),
        *strip(found.conclusion),
    )


def _section(name: str, title: str, *content: Child) -> Element:
    return tag("section", tag("h2", title, id=f"{name}-h"), *content, id=name, aria_labelledby=f"{name}-h")


def _folded(name: str, title: str, *content: Child) -> Element:
    """A section that opens where somebody asks for it, so that the page can be scrolled."""
    head = tag("summary", tag("h2", title, id=f"{name}-h"))
    return tag("section", tag("details", head, *content), id=name, aria_labelledby=f"{name}-h", class_="folded")
