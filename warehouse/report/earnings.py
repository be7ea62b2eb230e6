"""The reporting season as it stands, by sector, and the reports that come next.

Belongs here: what is read from the marts for these tables, and their words. Does not: forecasts of our own, layout.
"""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.carried import stock
from warehouse.report.charts import bar
from warehouse.report.markup import Child, table, tag
from warehouse.report.pictures import absent, no_figure
from warehouse.report.query import Row, one, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NONE, counted, number, reason, short_day, signed

_NEXT = 10  # reports ahead in the table
_TIMES = {
    "bmo": "before the open",
    "amc": "after the close",
    "during": "during the session",
    "unknown": "hour not told",
}
_SEASON = (
    "SELECT * FROM marts.earnings_season WHERE session_date = ? AND segment_type = ? AND source = 'nasdaq'"
    " ORDER BY segment_id"
)


def quarter_words(quarter: date) -> str:
    """``Q4 2025``."""
    return f"Q{(quarter.month + 2) // 3} {quarter.year}"


def season_of(con: duckdb.DuckDBPyConnection, session: date) -> Row:
    """The season under way on the analysts' basis; empty where no report is held."""
    return one(con, _SEASON, session, "universe")


def season(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Element]:
    """How far the season is, what it says, and the same by sector."""
    row = season_of(con, now.session)
    if not row:
        return [no_figure("Earnings season", "no calendar of reports is held")]
    name = quarter_words(row["fiscal_quarter"])
    return [tag("p", " ".join(_told(con, now, row)), class_="season"), _sectors(con, now, name)]


def _told(con: duckdb.DuckDBPyConnection, now: Standing, row: Row) -> list[str]:
    """The season in sentences; each that cannot be said says why."""
    said = [
        f"For {quarter_words(row['fiscal_quarter'])}, {row['reported']:,} of {counted(row['members'], 'company')}"
        f" ({100 * row['reported_share']:.0f}%) have reported."
    ]
    if row["status_beats"] == "OK":
        said.append(
            f"{row['beat_rate']:.0f}% beat the forecast, {row['in_line_rate']:.0f}% met it, {row['miss_rate']:.0f}% missed."
        )
        if row["status_surprise"] == "OK":
            said.append(f"Together they earned {signed(row['surprise_pct'], 1)}% against their forecasts.")
    else:
        said.append(f"Beats are not told: {reason(row['status_beats'])}.")
    if row["status_growth"] == "OK":
        streak = row["streak"]
        run = f", the {_ordinal(streak)} quarter of growth in a row" if streak and streak > 1 else ""
        said.append(
            f"Reported and forecast earnings are {signed(row['blended_growth'], 1)}% against a year before{run};"
            f" the median company {signed(row['median_growth'], 1)}%, {row['growing_share']:.0f}% of companies grow."
        )
    else:
        said.append(f"Growth is not told: {reason(row['status_growth'])}.")
    revised = one(
        con,
        "SELECT value, status FROM marts.indicator_readings WHERE session_date = ? AND reading_id = 'EA07_4w'",
        now.session,
    )
    said.append(
        f"Forecasts of the next four quarters moved by {signed(revised['value'], 1)}% in four weeks."
        if revised and revised["value"] is not None
        else f"Revisions: {reason(revised['status']) if revised else 'no forecasts are held'}."
    )
    return said


def _ordinal(n: int) -> str:
    tail = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{tail}"


def _sectors(con: duckdb.DuckDBPyConnection, now: Standing, name: str) -> Element:
    found = rows(
        con,
        "SELECT e.*, s.name FROM marts.earnings_season e JOIN marts.dim_sector s ON s.sector_id = e.segment_id"
        " WHERE e.session_date = ? AND e.segment_type = 'sector' AND e.source = 'nasdaq' ORDER BY s.sort_order",
        now.session,
    )

    def cell(row: Row, column: str, status: str, said: str) -> Element:
        value = row[column]
        if value is None:
            few = column == "beat_rate" and row["reported"] < 5
            return absent("fewer than five reports" if few else reason(row[status]))
        return tag("span", said.format(value) if said else signed(value, 1) + "%", class_="value")

    lines: list[list[Child]] = [
        [
            row["name"],
            tag(
                "span", tag("span", f"{row['reported']} / {row['members']}", class_="value"),
                bar(row["reported_share"], "part"), class_="barred",
            ),
            cell(row, "beat_rate", "status_beats", "{:.0f}%"),
            cell(row, "blended_growth", "status_growth", ""),
        ]
        for row in found
    ]  # fmt: skip
    return table(f"{name} by sector", ("Sector", "Reported", "Beat", "Growth, blended"), lines, (), "sectors")


def ahead(con: duckdb.DuckDBPyConnection, now: Standing) -> Element:
    """The heaviest reports expected next, by day."""
    found = rows(
        con,
        "SELECT * FROM (SELECT c.report_date, c.timing, c.forecast_eps, c.index_weight, c.basket, i.name, i.symbol"
        " FROM marts.earnings_calendar c JOIN marts.dim_instrument i USING (instrument_id)"
        " WHERE c.is_ahead AND c.index_weight IS NOT NULL AND c.report_date > ? AND c.report_date <= ? + 10"
        " ORDER BY c.index_weight DESC, c.instrument_id LIMIT ?) ORDER BY report_date, index_weight DESC, symbol",
        now.session, now.session, _NEXT,
    )  # fmt: skip
    title = "Reports of the next ten days, the heaviest in the index"
    if not found:
        return no_figure(title, "no member's report is known for these days")
    lines: list[list[Child]] = [
        [
            stock(row),
            tag("span", short_day(row["report_date"]), tag("small", f" {_TIMES[row['timing']]}", class_="soft")),
            NONE if row["forecast_eps"] is None else number(row["forecast_eps"]),
            f"{100 * row['index_weight']:.1f}%",
        ]
        for row in found
    ]
    return table(title, ("Company", "Expected", "Forecast, US$ a share", "Weight"), lines, (2, 3), "ahead")
