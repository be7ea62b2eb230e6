"""The figures of the day: every one a cell of a mart, with its unit, its place and, where it is missing, the reason.

Belongs here: which cells are shown, in which group and with which note. Does not: drivers, sentences, layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from warehouse.report.query import Row, one, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NO_MEMBERS, NONE, RECONSTRUCTED, noted, number, reason, short_day

MARKET, BREADTH, CROSS, VOLATILITY, RATES = GROUPS = (
    "Market", "Breadth", "Correlation with the index", "Volatility", "Rates"
)  # fmt: skip
_HEADLINES = ("SPX", "SMP")
_UNIVERSE = "WHERE is_default AND segment_type = 'universe' AND session_date = ?"
# What is correlated with the headline index, in reading order; other equity indices would say little.
_ASSETS = {
    "BTC": "Bitcoin",
    "ETH": "Ether",
    "UST10": "10-year Treasury prices",
    "HY": "High-yield bonds",
    "GOLD": "Gold",
    "WTI": "Crude oil",
    "USD": "US dollar",
}
_SERIES = {
    "DGS2": "2-year Treasury yield",
    "DGS10": "10-year Treasury yield",
    "DFII10": "10-year real Treasury yield",
    "DFEDTARU": "Policy rate, upper target",
}
_WINDOW = 60  # sessions of the correlations shown
_NOT_KNOWN_THEN = "\N{WHITE CIRCLE}"  # beside what is made of figures that nobody knew at the time


@dataclass(frozen=True)
class Figure:
    """One published number with its unit, its place (``mart.column``) and, where it is missing, the reason.

    ``note`` has at most ``wording.NOTE`` letters: it stands beside the value on a line of 80 columns. What is true of all
    figures of a group is said once, by ``shared``.
    """

    label: str
    value: float | str | None
    unit: str
    where: str
    note: str = ""
    group: str = ""


def figures(con: duckdb.DuckDBPyConnection, now: Standing) -> tuple[Figure, ...]:
    """Every figure, in the order of ``GROUPS``."""
    return (*_market(now), *_breadth(con, now), *_cross(con, now), *_volatility(con, now), *_rates(con, now))


def shared(con: duckdb.DuckDBPyConnection, now: Standing, found: Sequence[Figure]) -> dict[str, str]:
    """Group to what all of its figures share, in words; a group that shares nothing is left out."""
    members = one(con, f"SELECT members, coverage FROM marts.breadth_daily {_UNIVERSE}", now.session)
    said = {MARKET: f"session of {short_day(now.session)}", CROSS: f"{_WINDOW} sessions, 95% interval",
            VOLATILITY: "percentile of 252 sessions"}  # fmt: skip
    if members and members["members"] is not None:
        said[BREADTH] = f"{members['members']:,} members, {members['coverage']:.1%} covered"
    if any(_NOT_KNOWN_THEN in figure.note for figure in found):
        said[RATES] = f"{_NOT_KNOWN_THEN} {RECONSTRUCTED}, which nobody knew then"
    return said


def _market(now: Standing) -> list[Figure]:
    rally, episode = now.rally, now.episode
    moved = "" if now.bar["status_return"] == "OK" else reason(now.bar["status_return"])
    found = [
        Figure(f"{now.index['name']} close", now.bar["close"], "index", "market_daily.close", "as traded", MARKET),
        Figure("Change on the day", now.bar["return_1d"], "pct", "market_daily.return_1d", moved, MARKET),
        Figure(
            "Drawdown", rally["drawdown"], "pct", "rally_daily.drawdown", "from the highest close held", MARKET
        ),
        Figure(
            "State", rally["state"].lower(), "text", "rally_daily.state",
            now.rule_words, MARKET,
        ),
    ]  # fmt: skip
    if not now.is_rally:
        absent = "no rally is open"
        return [*found, Figure("Gain since the low", None, "pct", "rally_daily.gain", absent, MARKET)]
    return [
        *found,
        Figure(
            "Gain since the low", rally["gain"], "pct", "rally_daily.gain",
            f"low of {short_day(episode['trough_date'])}", MARKET,
        ),
        Figure(
            "Share of the fall won back", rally["retraced"], "pct", "rally_daily.retraced",
            f"of the fall from {short_day(episode['peak_date'])}", MARKET,
        ),
        Figure(
            "Age of the rally", rally["age_sessions"], "sessions", "rally_daily.age_sessions",
            f"known since {short_day(episode['up_confirmed_date'])}", MARKET,
        ),
    ]  # fmt: skip


def _breadth(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    row = one(con, f"SELECT * FROM marts.breadth_daily {_UNIVERSE}", now.session)
    if not row:
        absent = "no row for this session"
        return [Figure("Members above their averages", None, "pct", "breadth_daily.pct_above_sma50", absent, BREADTH)]
    return [
        Figure(
            label, row[column], unit, f"breadth_daily.{column}",
            NO_MEMBERS if row["members"] is None else noted(row[status], ""), BREADTH,
        )
        for label, column, unit, status in (
            ("Members above their 50-day average", "pct_above_sma50", "pct", "status_sma"),
            ("Members above their 200-day average", "pct_above_sma200", "pct", "status_sma"),
            ("Advancers", "advancers", "count", "status_counts"),
            ("Decliners", "decliners", "count", "status_counts"),
            ("New 52-week highs", "new_highs_52w", "count", "status_52w"),
            ("New 52-week lows", "new_lows_52w", "count", "status_52w"),
        )
    ]  # fmt: skip


def _cross(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    found = {
        row["asset_y"]: row
        for row in rows(
            con,
            "SELECT * FROM marts.cross_asset_correlation WHERE session_date = ? AND window_sessions = ? AND is_default"
            " AND asset_x IN (?, ?) ORDER BY asset_y, alignment, lag_sessions",
            now.session, _WINDOW, *_HEADLINES,
        )
    }  # fmt: skip
    shown = [asset for asset in _ASSETS if asset in found] or ["BTC"]
    return [
        Figure(
            _ASSETS[asset],
            found.get(asset, {}).get("correlation"),
            "ratio",
            "cross_asset_correlation.correlation",
            _interval(found.get(asset, {})),
            CROSS,
        )
        for asset in shown
    ]


def _interval(row: Row) -> str:
    if not row:
        return "no row for this session"
    if row["status"] != "OK":
        return reason(row["status"])
    said = f"{number(row['ci_low'])} … {number(row['ci_high'])}"
    days = "UTC days" if row["alignment"] == "utc_day" else "sessions"
    return said if (row["n_obs"], days) == (_WINDOW, "sessions") else f"{said}, {row['n_obs']} {days}"


def _volatility(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    row = one(con, "SELECT * FROM marts.volatility_sentiment_daily WHERE session_date = ?", now.session)
    if not row:
        return [Figure("VIX", None, "index", "volatility_sentiment_daily.vix", "no row for this session", VOLATILITY)]
    rank, premium = row["vix_percentile_252"], row["vol_risk_premium"]
    ranked = f"percentile {rank:.0f}" if rank is not None else reason(row["status_percentile"])
    realised = row["realised_vol_21"]
    against = f"realised {number(realised) if realised is not None else NONE}, 21 sessions"
    return [
        Figure(
            "VIX", row["vix"], "index", "volatility_sentiment_daily.vix",
            ranked if row["vix"] is not None else reason(row["status"]), VOLATILITY,
        ),
        Figure(
            "VIX3M / VIX - 1", row["term_slope_3m"], "ratio", "volatility_sentiment_daily.term_slope_3m",
            noted(row["status_term_3m"], "above 0 calm, else stress"), VOLATILITY,
        ),
        Figure(
            "VIX minus realised volatility", premium, "pp", "volatility_sentiment_daily.vol_risk_premium",
            noted(row["status_vol_risk_premium"], against), VOLATILITY,
        ),
    ]  # fmt: skip


def _rates(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    held = {
        row["series_id"]: row
        for row in rows(
            con,
            "SELECT m.*, s.unit FROM marts.macro_as_known m JOIN marts.dim_series s USING (series_id)"
            " WHERE m.session_date = ? ORDER BY m.series_id",
            now.session,
        )
    }
    found = []
    for row in (held[series] for series in _SERIES if series in held):
        observed = f"{row['series_id']} of {short_day(row['obs_period'])}" if row["obs_period"] else row["series_id"]
        note = noted(row["status"], observed + (f" {_NOT_KNOWN_THEN}" if row["is_reconstructed"] else ""))
        found.append(Figure(_SERIES[row["series_id"]], row["value"], row["unit"], "macro_as_known.value", note, RATES))
    absent = "no row for this session"
    return found or [Figure("Treasury yields", None, "pct", "macro_as_known.value", absent, RATES)]
