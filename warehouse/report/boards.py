"""Tables of what else the answer rests on: scenarios, rallies that looked alike, beliefs, claims of the press, the source article
line by line, the checklist of the week with its dates, what it means for holders.

Belongs here: what is read from the marts for these tables, and their captions. Does not: the conclusion (``strip``), pictures.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.conclusion import Conclusion
from warehouse.report.markup import Child, table, tag
from warehouse.report.query import Row, rows
from warehouse.report.wording import NONE, amount, counted, quantity, reason, short_day, signed

_STATE = {True: "stands", False: "does not"}
_HORIZONS = {21: "a month", 63: "a quarter", 126: "half a year", 252: "a year"}


def _share(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.0f} of 100"


def _percent(value: float | None) -> str:
    return NONE if value is None else f"{signed(value, 1)}%"


def scenarios(con: duckdb.DuckDBPyConnection, found: Conclusion) -> Element:
    """Which scenarios stand, for how long, and what followed them so far beside what followed any day."""
    told = rows(
        con,
        "SELECT * FROM marts.scenarios WHERE session_date = ? ORDER BY scenario_id IN ('SC-BULL', 'SC-BEAR'), scenario_id",
        found.session,
    )
    if not told:
        return tag("p", f"{NONE} {reason('NOT_AVAILABLE')}", class_="absent")
    standing = [row["statement"] for row in told if row["state"]]
    caption = (
        f"{counted(len(standing), 'scenario')} of {len(told)} stand"
        if standing
        else f"None of {len(told)} scenarios stands"
    )
    body: list[list[Child]] = [
        [
            tag(
                "span", row["statement"], tag("small", f"{row['n_met']} of {row['n_terms']} terms hold", class_="soft")
            ),
            _STATE[row["state"]] if row["state"] is not None else tag("span", reason(row["status"]), class_="absent"),
            NONE if row["days_in_state"] is None else str(row["days_in_state"]),
            NONE if row["mean_move_63d"] is None else f"{signed(row['mean_move_63d'], 1)}% (n {row['n']})",
            _percent(row["base_move_63d"]),
        ]
        for row in told
    ]
    return table(
        caption,
        ["Scenario", "Now", "Sessions", "Then, 63 sessions", "Any day"],
        body,
        numeric=(2, 3, 4),
        class_="board",
    )


def alike(con: duckdb.DuckDBPyConnection, found: Conclusion) -> Element:
    """What followed the rallies most like this one, beside all of this age, under the heading they have earned."""
    told = rows(
        con,
        "SELECT * FROM marts.analogues WHERE index_id = ? AND session_date = (SELECT max(session_date) FROM marts.analogues"
        " WHERE index_id = ? AND session_date <= ?) ORDER BY horizon_sessions",
        found.index_id, found.index_id, found.session,
    )  # fmt: skip
    told = [row for row in told if row["status"] == "OK"]
    if not told:
        return tag("p", f"{NONE} too few earlier rallies to look for one that is alike", class_="absent")
    body: list[list[Child]] = [
        [
            f"After {_HORIZONS.get(row['horizon_sessions'], row['horizon_sessions'])}",
            _percent(row["median_move"]), f"{_percent(row['p25_move'])} … {_percent(row['p75_move'])}", _share(row["share_higher"]),
            _percent(row["worst_move"]), str(row["n"]), f"{_percent(row['all_median_move'])} (n {row['n_all']})",
        ]
        for row in told
    ]  # fmt: skip
    heading = (told[0]["heading"] or "").capitalize() or "Beside all rallies of this age"
    return table(
        f"Rallies that looked alike: {heading.lower()}",
        ["Horizon", "Median", "Middle half", "Higher", "Worst", "n", "All of this age"],
        body, numeric=(1, 2, 3, 4, 5, 6), class_="board",
    )  # fmt: skip


def beliefs(con: duckdb.DuckDBPyConnection, found: Conclusion) -> Element:
    """Sayings about rallies, each with the statistic that tests it."""
    told = rows(
        con, "SELECT * FROM marts.misconceptions WHERE session_date = ? ORDER BY misconception_id", found.session
    )
    if not told:
        return tag("p", f"{NONE} {reason('NOT_AVAILABLE')}", class_="absent")
    body: list[list[Child]] = [
        [
            tag("span", row["statement"], tag("small", row["statistic"], class_="soft")),
            NONE if row["value"] is None else amount(row["value"], "ratio"),
            NONE if row["ci_low"] is None else f"{amount(row['ci_low'], 'ratio')} … {amount(row['ci_high'], 'ratio')}",
            NONE if row["n"] is None else str(row["n"]),
            row["verdict"]
            if row["status"] == "OK" and row["verdict"]
            else tag("span", reason(row["status"]), class_="absent"),
        ]
        for row in told
    ]
    return table(
        "What people say, and what the figures say",
        ["Belief", "Value", "95%", "n", "Verdict"],
        body,
        (1, 2, 3),
        "board",
    )


def claims(con: duckdb.DuckDBPyConnection) -> Element:
    """Claims of the press with the verdict of their day and today's."""
    told = rows(con, "SELECT * FROM marts.claims_audit ORDER BY reported_on DESC, claim_id")
    if not told:
        return tag("p", f"{NONE} no claim has been reported yet", class_="absent")
    counts: dict[str, int] = {}
    for row in told:
        counts[row["verdict_now"]] = counts.get(row["verdict_now"], 0) + 1
    caption = "Claims of the press: " + ", ".join(
        f"{n} {word.lower().replace('_', ' ')}" for word, n in sorted(counts.items(), key=lambda x: -x[1])
    )
    body: list[list[Child]] = [
        [
            tag(
                "span",
                row["statement"],
                tag("small", f"{row['outlet']}, {short_day(row['reported_on'])}", class_="soft"),
            ),
            _verdict(row["verdict_then"]),
            _verdict(row["verdict_now"]),
            _found(row),
        ]
        for row in told
    ]
    return table(caption, ["Claim", "Then", "Now", "Found"], body, class_="board claims")


def _verdict(word: str) -> Element:
    way = {"TRUE": "bullish", "FALSE": "bearish", "PARTLY": "neutral"}.get(word, "soft")
    return tag("b", word.capitalize().replace("_", " "), class_=way)


def _found(row: Row) -> Child:
    said = row["found_text_now"] or row["found_text"] or ""
    return (
        tag("small", said) if len(said) < 160 else tag("details", tag("summary", f"{said[:90]}…"), tag("small", said))
    )


def article(con: duckdb.DuckDBPyConnection) -> Element:
    """The source article, line by line: what each line states in our words, and how it stands today."""
    told = rows(con, "SELECT * FROM marts.article_lines WHERE kind <> 'heading' ORDER BY line_no")
    body: list[list[Child]] = [
        [
            str(row["line_no"]),
            tag("span", row["paraphrase"], tag("small", row["kind"], class_="soft")),
            row["reading_today"] or NONE,
            (row["verdict"] or NONE).lower().replace("_", " "),
        ]
        for row in told
    ]
    if not body:
        return tag("p", f"{NONE} {reason('NOT_AVAILABLE')}", class_="absent")
    caption = f"{counted(len(body), 'line')} of the article this project makes real, and how each stands today"
    return table(caption, ["Line", "It says", "Reads today", "Verdict"], body, numeric=(0,), class_="board lines")


def checklist(con: duckdb.DuckDBPyConnection, found: Conclusion) -> list[Element]:
    """The checklist of the week, and the dates that lie ahead."""
    told = rows(
        con, "SELECT * FROM marts.weekly_checklist WHERE session_date = ? ORDER BY sort_order, item_id", found.session
    )
    body: list[list[Child]] = [
        [
            tag("span", row["label"], tag("small", "old", class_="soft") if row["is_stale"] else None),
            _value(row),
            NONE if row["chg_1w"] is None else amount(row["chg_1w"], row["unit"]),
            NONE if row["percentile_5y"] is None else f"{row['percentile_5y']:.0f}",
            NONE if row["next_date"] is None else f"{short_day(row['next_date'])} {row['next_title'] or ''}",
        ]
        for row in told
    ]
    made: list[Element] = []
    if body:
        made.append(
            table("The week's checklist", ["Item", "Value", "Week", "Percentile", "Next"], body, (1, 2, 3), "board")
        )
    dates = rows(con, "SELECT * FROM marts.dates_ahead ORDER BY event_date, starts_at NULLS FIRST, title")
    if dates:
        listed: list[list[Child]] = [[short_day(row["event_date"]), row["title"], row["known_by"]] for row in dates]
        made.append(table("What comes next (also in week.ics)", ["Date", "What", "Known by"], listed, class_="board"))
    return made or [tag("p", f"{NONE} {reason('NOT_AVAILABLE')}", class_="absent")]


def _value(row: Row) -> Child:
    if row["status"] != "OK":
        return tag("span", reason(row["status"]), class_="absent")
    if row["value_text"]:
        return str(row["value_text"])
    return NONE if row["value"] is None else quantity(row["value"], row["unit"])


def implications(con: duckdb.DuckDBPyConnection, found: Conclusion) -> Element:
    """What the rally has done to those who hold: weights, drift, a balanced portfolio, the week options price."""
    told = rows(
        con,
        "SELECT * FROM marts.implications WHERE index_id = ? AND session_date = ? AND status = 'OK' ORDER BY sort_order, item_id LIMIT 24",
        found.index_id, found.session,
    )  # fmt: skip
    if not told:
        return tag("p", f"{NONE} {reason('NOT_AVAILABLE')}", class_="absent")
    body: list[list[Child]] = [[row["label"], quantity(row["value"], row["unit"])] for row in told]
    return table("For holders: exposure and drift, no advice", ["Item", "Value"], body, numeric=(1,), class_="board")
