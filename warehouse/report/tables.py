"""The tables of the day: figures by group, breadth by sector.

Belongs here: how the cells are said. Does not: which figures there are (``figures``), where the data is from
(``provenance``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.charts import bar
from warehouse.report.figures import GROUPS, Figure
from warehouse.report.markup import Child, table, tag
from warehouse.report.pictures import absent, place
from warehouse.report.query import Row, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NONE, amount, reason, unit_word


def figure_tables(found: Sequence[Figure], shared: Mapping[str, str]) -> list[Element]:
    """One table per group with what its figures share."""
    return [
        figure_table(f"{group}: {shared[group]}" if group in shared else group, [f for f in found if f.group == group])
        for group in GROUPS
    ]


def figure_table(caption: str, found: Sequence[Figure]) -> Element:
    """Figures with value and unit; the note and the place of each stand under its name."""
    lines: list[list[Child]] = [
        [
            tag("span", f.label, tag("small", f.note) if f.note else None, place(f.where), class_="name"),
            tag("span", amount(f.value, f.unit), class_="absent" if f.value is None else "value"),
            unit_word(f.unit),
        ]
        for f in found
    ]
    return table(caption, ("Figure", "Value", "Unit"), lines, (1,), "figures")


def sectors(con: duckdb.DuckDBPyConnection, now: Standing) -> Element:
    """Members above their averages by sector, as bars with the number beside them."""
    found = rows(
        con,
        "SELECT b.*, s.name, u.min_sector_members AS least FROM marts.breadth_daily b"
        " JOIN marts.dim_sector s ON s.sector_id = b.segment_id LEFT JOIN marts.dim_universe u USING (universe_id)"
        " WHERE b.is_default AND b.segment_type = 'sector' AND b.session_date = ? ORDER BY s.sort_order, b.segment_id",
        now.session,
    )
    if not found:
        return tag("p", f"{NONE} no sector breadth: the session has no members with a sector", class_="absent")

    def cell(row: Row, column: str) -> Element:
        value, status = row[column], row["status_sma"]
        if value is None:
            is_small = status == "LOW_COVERAGE" and row["members"] < (row["least"] or 0)
            why = f"fewer than {row['least']} members" if is_small else reason(status)
            return absent(why)
        return tag("span", tag("span", f"{value:.0f}%", class_="value"), bar(value / 100, "part"), class_="barred")

    lines: list[list[Child]] = [
        [
            tag("span", row["name"], tag("span", f" {row['members']:,}", class_="soft")),
            cell(row, "pct_above_sma50"),
            cell(row, "pct_above_sma200"),
        ]
        for row in found
    ]
    head = ("Sector and members", "Above 50-day", "Above 200-day")
    return table("Members above their averages, by sector", head, lines, (), "sectors")
