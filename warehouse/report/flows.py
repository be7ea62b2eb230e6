"""Money into and out of funds: a bar a week for each category, and the newest week of all long-term funds.

Belongs here: which weeks and categories are shown and how they are said. Does not: sums over categories or funds (dbt), who
holds what (``positioning``), drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.charts import Plot, decimals, signed_bar, ticks
from warehouse.report.markup import Child, table, tag
from warehouse.report.pictures import absent, figure, key, no_figure
from warehouse.report.query import Row, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NONE, counted, month, reason, short_day, signed

_WEEKS = 26
_CATEGORIES = {
    "equity_us": "US equity", "equity_intl": "Equity outside the US", "equity_sector": "Sectors of US equity",
    "bond_gov": "Government bonds", "bond_ig": "Investment-grade bonds", "bond_hy": "High-yield bonds", "gold": "Gold",
    "crypto": "Bitcoin",
}  # fmt: skip
_SOURCES = {"ishares": "iShares", "ssga": "State Street"}
_SHADES = ("inmain", "inpast")  # of the first source of a category, of the others
_FLAGS = {
    "suspect": "share count of a fund in doubt: its change is left out until a later report says the same",
    "undone": "a fund's flow undoes one of the days before",
}
_KINDS = {  # kinds of fund of the weekly estimate, a part below its sum
    "equity": "Equity", "equity_domestic": "of it US", "equity_world": "of it outside the US", "bond": "Bonds",
    "bond_taxable": "of it taxable", "bond_municipal": "of it municipal", "hybrid": "Hybrid", "commodity": "Commodities",
    "total": "All of them",
}  # fmt: skip
Flows = dict[tuple[str, date], Row]


def weekly(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Element]:
    """For each category the flow of each of the last complete weeks as a share of the assets, a bar for each vendor."""
    title = "Weekly flows by category"
    weeks = [
        row["week_end"]
        for row in rows(
            con,
            "SELECT DISTINCT week_end FROM marts.dim_calendar WHERE week_end <= ? ORDER BY week_end DESC LIMIT ?",
            now.session, _WEEKS,
        )[::-1]
    ]  # fmt: skip
    held = rows(
        con,
        "SELECT category, source, max(week_end) FILTER (WHERE net_flow_pct_aum IS NOT NULL) AS newest"
        " FROM marts.flows_weekly WHERE session_date <= ? GROUP BY category, source ORDER BY category, source",
        now.session,
    )
    if not held or not weeks:
        return [no_figure(title, "no flow of a fund is known")]
    found = rows(
        con, "SELECT * FROM marts.flows_weekly WHERE week_end BETWEEN ? AND ? ORDER BY week_end", weeks[0], weeks[-1]
    )
    flags = rows(
        con,
        "SELECT f.fund_category AS category, f.source, c.week_end, coalesce(bool_or(f.is_suspect), false) AS suspect,"
        " coalesce(bool_or(f.is_heartbeat), false) AS undone FROM marts.flows_daily f"
        " JOIN marts.dim_calendar c ON c.date = f.session_date WHERE c.week_end BETWEEN ? AND ?"
        " GROUP BY ALL HAVING suspect OR undone ORDER BY ALL",
        weeks[0], weeks[-1],
    )  # fmt: skip
    known = sorted({row["category"] for row in held}, key=lambda name: ([*_CATEGORIES, name].index(name), name))
    return [
        _category(
            category,
            weeks,
            {row["source"]: row["newest"] for row in held if row["category"] == category},
            {(row["source"], row["week_end"]): row for row in found if row["category"] == category},
            {(row["source"], row["week_end"]): row for row in flags if row["category"] == category},
        )
        for category in known
    ]


def _category(
    category: str, weeks: Sequence[date], newest: dict[str, date | None], found: Flows, flags: Flows
) -> Element:
    title = f"{_CATEGORIES.get(category, category.replace('_', ' '))}, weeks until {short_day(weeks[-1])}"
    where = "flows_weekly.net_flow_pct_aum"
    values = {at: row["net_flow_pct_aum"] for at, row in found.items() if row["net_flow_pct_aum"] is not None}
    words = [tag("li", _newest(source, weeks[-1], found)) for source in newest]
    if not values:
        last = max((day for day in newest.values() if day), default=None)
        since = f"; the newest known is of the week to {short_day(last)}" if last else ""
        why = f"{NONE} no flow is known in these {counted(len(weeks), 'week')}{since}"
        return figure(title, tag("p", why, class_="absent"), where=where)
    low, high = min(0, *values.values()), max(0, *values.values())
    room = 0.08 * (high - low) or 0.1
    plot = Plot(130, (-0.6, len(weeks) - 0.4), (low - room, high + room))
    levels = ticks(low, high, 3)
    plot.grid(levels, lambda v: f"{signed(v, decimals(levels))}%")
    plot.across(0, "zero")
    wide = 0.8 / len(newest)
    entries = [(_SHADES[min(n, 1)], _SOURCES.get(source, source)) for n, source in enumerate(newest)]
    for n, source in enumerate(newest):
        side = (n - (len(newest) - 1) / 2) * wide
        plot.bars([(i + side, values.get((source, week))) for i, week in enumerate(weeks)], wide, entries[n][0])
        for i, week in enumerate(weeks):
            for flag, meaning in _FLAGS.items():
                if flags.get((source, week), {}).get(flag):
                    plot.dot(i + side, 0, flag, f"{_SOURCES.get(source, source)}, week to {short_day(week)}: {meaning}")
                    entries += [(flag, meaning)] if (flag, meaning) not in entries else []
    for i, week in enumerate(weeks):
        if i and week.month != weeks[i - 1].month:
            plot.axis(i, str(week.year) if week.month == 1 else month(week))
    described = f"{counted(len(weeks), 'week')}: from {signed(min(values.values()), 2)}%"
    described += f" to {signed(max(values.values()), 2)}% of assets."
    return figure(
        title,
        plot.element(f"flows-{category}", f"{title}: flow in % of assets", described),
        key(*entries) if len(entries) > 1 else None,
        tag("ul", *words, class_="plain small"),
        _empty(weeks, newest, found),
        where=where,
    )


def _newest(source: str, week: date, found: Flows) -> str:
    """The newest complete week in words, each of its figures or why it is missing."""
    name, row = _SOURCES.get(source, source), found.get((source, week))
    if not row or row["net_flow_pct_aum"] is None:
        return f"{name}: {NONE} {reason(_why(row))}"
    said = f"{name}: {signed(row['net_flow_pct_aum'], 2)}%"
    said += f", {signed(row['z_52w'], 1)} z" if row["z_52w"] is not None else ""
    return said + (f", inflow in {row['persistence_12w']} of 12 weeks" if row["persistence_12w"] is not None else "")


def _why(row: Row | None) -> str:
    """Status of a week that has no bar."""
    if not row:
        return "NOT_PUBLISHED"
    return row["status"] if row["status"] != "OK" else "UNDEFINED"


def _empty(weeks: Sequence[date], newest: dict[str, date | None], found: Flows) -> Element | None:
    """The weeks without a bar, and why."""
    said = []
    for source in newest:
        gaps: dict[str, list[date]] = {}
        for week in weeks:
            row = found.get((source, week))
            if not row or row["net_flow_pct_aum"] is None:
                gaps.setdefault(_why(row), []).append(week)
        for why, days in gaps.items():
            some = ", ".join(short_day(day) for day in days[:4]) + (
                f" and {len(days) - 4} more" if len(days) > 4 else ""
            )
            said.append(f"{_SOURCES.get(source, source)} {some}: {reason(why)}")
    return tag("p", f"Weeks without a bar. {'; '.join(said)}.", class_="soft small") if said else None


def long_term(con: duckdb.DuckDBPyConnection, now: Standing) -> Element:
    """The newest weekly estimate of all long-term funds by kind of fund, as bars with the number beside them."""
    found = {
        row["entity_id"]: row
        for row in rows(
            con,
            "SELECT entity_id, value, obs_period, status FROM marts.indicator_readings"
            " WHERE session_date = ? AND reading_id = 'FL05_week' ORDER BY entity_id",
            now.session,
        )
    }
    title = "All long-term funds, mutual funds included"
    values = {name: row["value"] for name, row in found.items() if row["value"] is not None}
    if not values:
        why = reason(next(iter(found.values()))["status"]) if found else "no row for this session"
        return no_figure(title, why, "indicator_readings.value")
    is_signed = any(value < 0 for value in values.values())
    reach = max(1.0, *(abs(value) for value in values.values()))
    lines: list[list[Child]] = []
    for kind in (*_KINDS, *(name for name in found if name not in _KINDS)):
        if kind not in found:
            continue
        value, name = values.get(kind), _KINDS.get(kind, kind)
        label = tag("span", name, class_="part-of" if name.startswith("of it") else None)
        if value is None:
            said = absent(reason(found[kind]["status"]))
        else:
            drawn = signed_bar(value / reach, "part", is_signed=is_signed)
            said = tag("span", tag("span", signed(value / 1e9, 1), class_="value"), drawn, class_="barred")
        lines.append([label, said])
    week = max(row["obs_period"] for row in found.values() if row["obs_period"])
    return table(
        f"{title}: week to {short_day(week)}, estimate in US$ billion", ("Kind of fund", "Net flow"), lines, (), "funds"
    )
