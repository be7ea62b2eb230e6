"""Readings shown as figures of the day: which, under what name, in which group.

Belongs here: the list, and how a reading becomes a figure (its value, and beside it the percentile of five years or why it is
missing). Does not: figures that are columns of other marts (``figures``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from warehouse.report.query import Row, rows
from warehouse.report.wording import NO_ROW, reason

TECHNICAL, FLOWS, SENTIMENT, CRYPTO, WORLD = (
    "Technical", "Flows and positioning", "Sentiment", "Crypto", "World and commodities",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One reading and its name on a line: at most 36 letters."""

    label: str
    reading_id: str


CLASSES = {"NEG": "negative", "NONE": "none", "MOD": "moderate", "HIGH": "high"}  # regimes of a correlation
SHOWN: dict[str, tuple[Shown, ...]] = {
    TECHNICAL: (
        Shown("Relative strength index, 14 sessions", "TE01"),
        Shown("Trend signal (proxy), from -1 to 1", "TE06"),
        Shown("Vol-target exposure (proxy), change", "TE07_d5"),
        Shown("Realised volatility, 20 sessions", "TE08_20"),
    ),
    SENTIMENT: (
        Shown("Puts to calls of stocks, 5 sessions", "VS03_equity_5"),
        Shown("SKEW", "VS04"),
        Shown("Implied correlation of the members", "VS07_implied"),
        Shown("Members that moved 5 % or more", "VS06_moves"),
        Shown("Hot names, calm index", "VS10"),
        Shown("Demand for protection", "VS09"),
    ),
    FLOWS: (
        Shown("Into US equity funds, 20 sessions", "FL02_equity_20"),
        Shown("Into bond funds, 20 sessions", "FL02_bond_20"),
        Shown("Margin debt against a year before", "FL09_yoy"),
        Shown("Asset managers, S&P 500 futures", "FL11_assets_sp500"),
        Shown("Leveraged funds, S&P 500 futures", "FL11_leveraged_sp500"),
        Shown("Short interest: days to cover", "FL12_days_to_cover"),
    ),
    CRYPTO: (
        Shown("Beta of bitcoin to the index", "XA04_btc_60"),
        Shown("Regime of its correlation", "XA05_btc"),
        Shown("Dollar-pegged coins, 30 days", "XA10_d30"),
    ),
    WORLD: (
        Shown("Geopolitical risk, 7 days", "GU01_7d"),
        Shown("Policy uncertainty, 7 days", "GU02_7d"),
        Shown("Oil, 20 sessions", "CM01_wti_20"),
        Shown("Copper against gold, 60 sessions", "CM02_60"),
        Shown("Stocks less Treasury bonds, 20 days", "GU05_bond"),
    ),
}


def readings_of(con: duckdb.DuckDBPyConnection, session: date) -> dict[str, Row]:
    """The rows of the listed readings in one session; of a reading that speaks of several things the first by name."""
    wanted = [one.reading_id for members in SHOWN.values() for one in members]
    found = rows(
        con,
        "SELECT reading_id, value, value_text, unit, percentile_5y, status FROM marts.indicator_readings"
        " WHERE session_date = ? AND reading_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY reading_id, entity_id DESC",
        session, wanted,
    )  # fmt: skip
    return {row["reading_id"]: row for row in found}


def note_of(row: Row) -> str:
    """Beside the value: its percentile of five years, where that is known; else why there is no value."""
    if not row:
        return NO_ROW
    if row["status"] != "OK":
        return reason(row["status"])
    if row["percentile_5y"] is None or row["unit"] == "flag" or row["value_text"]:
        return ""
    return f"percentile {row['percentile_5y']:.0f} of 5 years"


def said_of(row: Row) -> float | str | None:
    """The value, or what it stands for where it is a class."""
    text = row.get("value_text")
    return CLASSES.get(text, text.lower().replace("_", " ")) if text else row.get("value")
