"""How investors are positioned: each measure as a dot on the percentiles of its own past.

Belongs here: the order of the measures and how a row is said. Does not: percentiles (dbt), drawing.
"""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.charts import standing_dot
from warehouse.report.markup import Child, table, tag
from warehouse.report.pictures import absent, no_figure, place
from warehouse.report.query import Row, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NO_ROW, NONE, quantity, reason, short_day


def positioning(con: duckdb.DuckDBPyConnection, now: Standing) -> Element:
    """A row for each measure: where it stands, its value, the day it measures and the day it became known; a measure
    without a value says why."""
    title = "Positioning: percentile of the two years held, futures of three years of reports"
    found = rows(
        con,
        "SELECT p.*, i.name, i.unit, i.unit_words, cast(timezone('America/New_York', p.known_at) AS DATE) AS known_on"
        " FROM marts.positioning p LEFT JOIN marts.dim_indicator i ON i.reading_id = p.series_id"
        " WHERE p.session_date = ? ORDER BY p.series_id",
        now.session,
    )
    if not found:
        return no_figure(title, NO_ROW, "positioning.percentile")
    lines: list[list[Child]] = [
        [
            tag(
                "span",
                row["name"] or row["series_id"],
                place(f"positioning {row['series_id']}"),
                class_="name",
            ),
            _stands(row),
            _value(row),
            _days(row["report_date"], row["known_on"]),
        ]
        for row in found
    ]
    head = ("Measure", "0: lowest … 100: highest", "Value", "Measures the day")
    return table(title, head, lines, (2,), "positions")


def _stands(row: Row) -> Element:
    if row["percentile"] is None:
        return absent(reason(row["status_percentile"]))
    said = f"{row['percentile']:.0f}"
    return tag("span", tag("span", said, class_="value"), standing_dot(row["percentile"]), class_="barred")


def _value(row: Row) -> Element | str:
    if row["value"] is None:
        return tag("span", NONE, class_="absent")
    return tag(
        "span",
        quantity(row["value"], row["unit"] or ""),
        tag("small", row["unit_words"]) if row["unit_words"] else None,
    )


def _days(measured: date | None, known: date) -> Element:
    """The day measured, and below it the day on which that could be known."""
    return tag(
        "span", short_day(measured) if measured else NONE, tag("small", f"known {short_day(known)}"), class_="name"
    )
