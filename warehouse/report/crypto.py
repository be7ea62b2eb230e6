"""Crypto beside the index: correlation with its interval over a year and by window, and what coins do of their own.

Belongs here: which pairs, windows and readings are shown, and how they are said. Does not: correlations, intervals, regimes
(dbt), drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.charts import Plot, interval
from warehouse.report.figures import HEADLINES, WINDOW
from warehouse.report.markup import Child, table, tag
from warehouse.report.pictures import absent, figure, key, no_figure, place, quarters
from warehouse.report.query import Row, one, rows
from warehouse.report.readings import CLASSES
from warehouse.report.standing import Standing
from warehouse.report.wording import NO_ROW, NONE, number, quantity, reason, short_day, signed

_YEAR = 252
_COINS = {"BTC": "Bitcoin", "ETH": "Ether"}
_BOUNDS = (-0.2, 0.2, 0.5)  # of the regimes, XA05
_PAIRS = (
    "SELECT * FROM marts.cross_asset_correlation WHERE asset_x IN (SELECT unnest(?::VARCHAR[])) AND asset_y = ?"
    " AND is_default"
)
_WITH_THE_INDEX = (  # what is told of both coins: words, reading with the coin left open
    ("Beta, 60 sessions", "XA04_{}_60"),
    ("Beta when the index rose", "XA04_{}_60_up"),
    ("Beta when the index fell", "XA04_{}_60_down"),
    ("Variance that goes with the index", "XA04_{}_60_r2"),
    ("Regime of the correlation", "XA05_{}"),
    ("Change against the 60 sessions before", "XA06_{}_60"),
    ("Correlation in calm", "XA08_{}_calm"),
    ("Correlation in stress", "XA08_{}_stress"),
    ("In stress, less what variance adds", "XA07_{}"),
    ("Amplifies the index", "XA09_{}"),
)
_OF_THEIR_OWN = (
    ("Active addresses, week against quarter", "XA11_{}_addresses"),
    ("Transactions, week against quarter", "XA11_{}_transactions"),
)
_WEEKEND = "Return over the last days without a session"


def pictures(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Element]:
    """For each coin the correlation of 60 sessions over a year within its 95 % interval, and its regime in words."""
    return [_correlation(con, now, coin) for coin in _COINS]


def _correlation(con: duckdb.DuckDBPyConnection, now: Standing, coin: str) -> Element:
    title = f"{_COINS[coin]} and the index: correlation of {WINDOW} sessions"
    where = "cross_asset_correlation.correlation"
    found = rows(
        con, f"{_PAIRS} AND window_sessions = ? AND session_date <= ? ORDER BY session_date DESC LIMIT ?",
        list(HEADLINES), coin, WINDOW, now.session, _YEAR,
    )[::-1]  # fmt: skip
    today = found[-1] if found and found[-1]["session_date"] == now.session else {}
    if not any(row["correlation"] is not None for row in found):
        why = reason(today["status"]) if today else NO_ROW
        return no_figure(title, why, where)
    plot = Plot(190, (0, len(found) - 1), (-1, 1))
    plot.grid((-1, 0, 1), lambda v: number(v, 0))
    for bound in _BOUNDS:
        plot.across(bound, "bound")
    plot.between([(i, row["ci_low"], row["ci_high"]) for i, row in enumerate(found)], "interval")
    plot.line([(i, row["correlation"]) for i, row in enumerate(found)], "main")
    if today.get("correlation") is not None:
        plot.end(today["correlation"], number(today["correlation"]))
    quarters(plot, [row["session_date"] for row in found])
    said = _today(today, found)
    return figure(
        title,
        plot.element(f"correlation-{coin.lower()}", title, said),
        key(("main", "correlation"), ("interval", "95% interval"), ("bound", f"bounds of regimes: {_bounds()}")),
        tag("p", said, class_="aside"),
        where=where,
    )


def _bounds() -> str:
    return ", ".join(number(bound, 1) for bound in _BOUNDS)


def _today(today: Row, found: Sequence[Row]) -> str:
    """The correlation with its interval, its regime and since when that holds, each or why it is missing."""
    if not today:
        return f"No value: {NO_ROW}."
    if today["correlation"] is None:
        return f"No value: {reason(today['status'])}."
    said = f"{number(today['correlation'])}, interval {number(today['ci_low'])} to {number(today['ci_high'])}"
    said += _holds(today)
    if today["regime"] is None:
        return f"{said}. Regime: {NONE} {reason(today['status_regime'])}."
    before = [row for row in found if row["regime"] != today["regime"]]
    after = [row for row in found if not before or row["session_date"] > before[-1]["session_date"]]
    since = f"since {short_day(after[0]['session_date'])}" if before else "all the year shown"
    return (
        f"{said}. Regime: {CLASSES[today['regime']]}, {since}; it changes after five sessions, once the interval"
        " excludes the bound."
    )


def _holds(row: Row) -> str:
    """Whether the interval leaves 0 out, and what the prices are of where that is not the close of the session."""
    said = "; 0 lies within it" if row["ci_low"] <= 0 <= row["ci_high"] else "; 0 lies outside it"
    return said + ("" if row["alignment"] == "nyse_close" else "; of UTC days, which close hours later")


def windows(con: duckdb.DuckDBPyConnection, now: Standing) -> Element:
    """The correlation of each coin over each window, its interval drawn from -1 to +1 and written out."""
    lines: list[list[Child]] = []
    for coin, name in _COINS.items():
        for row in rows(
            con, f"{_PAIRS} AND session_date = ? ORDER BY window_sessions", list(HEADLINES), coin, now.session
        ):
            label = f"{name}, {row['window_sessions']} sessions"
            if row["correlation"] is None:
                lines.append([label, absent(reason(row["status"])), NONE])
                continue
            drawn = interval(row["ci_low"], row["correlation"], row["ci_high"])
            value = tag("span", number(row["correlation"]), class_="value")
            ends = f"{number(row['ci_low'])} … {number(row['ci_high'])}"
            lines.append([label, tag("span", value, drawn, class_="barred"), ends])
    title = "Correlation with the index by window"
    if not lines:
        return no_figure(title, NO_ROW)
    return table(title, ("Coin and window", "From \N{MINUS SIGN}1 to +1", "95% interval"), lines, (2,), "windows")


def beside(con: duckdb.DuckDBPyConnection, now: Standing) -> Element:
    """Beta, regime and stress of each coin against the index."""
    return _table("Each coin and the index", _lines(con, now, _WITH_THE_INDEX))


def alone(con: duckdb.DuckDBPyConnection, now: Standing) -> Element:
    """What each coin does while the exchange is closed, and how much its network is used."""
    closed: list[Child] = [
        tag("span", _WEEKEND, place("crypto_daily.weekend_return"), class_="name"),
        *(_weekend(con, now, coin) for coin in _COINS),
    ]
    return _table("Each coin of its own", [closed, *_lines(con, now, _OF_THEIR_OWN)])


def _table(title: str, lines: Sequence[Sequence[Child]]) -> Element:
    return table(f"{title}: values of indicator_readings", ("Measure", *_COINS.values()), lines, (), "coins")


def _lines(con: duckdb.DuckDBPyConnection, now: Standing, shown: Sequence[tuple[str, str]]) -> list[list[Child]]:
    wanted = [reading.format(coin.lower()) for _, reading in shown for coin in _COINS]
    told = {
        row["reading_id"]: row
        for row in rows(
            con,
            "SELECT reading_id, value, value_text, unit, status FROM marts.indicator_readings"
            " WHERE session_date = ? AND reading_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY reading_id, entity_id DESC",
            now.session, wanted,
        )
    }  # fmt: skip
    made: list[list[Child]] = []
    for words, reading in shown:
        ids = [reading.format(coin.lower()) for coin in _COINS]
        name = tag("span", words, place(", ".join(ids)), class_="name")
        made.append([name, *(_said(told.get(one_of, {})) for one_of in ids)])
    return made


def _said(row: Row) -> Element:
    if not row:
        return absent(NO_ROW)
    if row["status"] != "OK" or row["value"] is None:
        return absent(reason(row["status"]))
    if text := row["value_text"]:
        return tag("span", CLASSES.get(text, text.lower()), class_="value")
    is_change = row["unit"] == "pct"
    said = f"{signed(row['value'])}%" if is_change else quantity(row["value"], row["unit"])
    return tag("span", said, class_="value")


def _weekend(con: duckdb.DuckDBPyConnection, now: Standing, coin: str) -> Element:
    """The newest of them, at the equity close where that price is held, and the session after which it came."""
    row = one(
        con,
        "SELECT session_date, weekend_return, alignment FROM marts.crypto_daily WHERE instrument_id = ?"
        " AND session_date <= ? AND weekend_return IS NOT NULL"
        " ORDER BY session_date DESC, alignment = 'nyse_close' DESC LIMIT 1",
        f"CR:{coin}", now.session,
    )  # fmt: skip
    if not row:
        return absent(NO_ROW)
    before = f"before {short_day(row['session_date'])}" + ("" if row["alignment"] == "nyse_close" else ", UTC days")
    return tag(
        "span", tag("span", f"{signed(row['weekend_return'], 2)}%", class_="value"), tag("small", before), class_="name"
    )
