"""The figures of the day: every one a cell of a mart, with its unit, its place and, where it is missing, the reason.

Belongs here: which cells are shown, in which group and with which note. Does not: drivers, sentences, layout.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse.report.query import Row, one, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NONE, RECONSTRUCTED, no_members, noted, number, reason, short_day

MARKET, BREADTH, CROSS, VOLATILITY, RATES = GROUPS = ("Market", "Breadth", "Cross-asset", "Volatility", "Rates")
_HEADLINES = ("SPX", "SMP")
# What is correlated with the headline index, in reading order; other equity indices would say little.
_ASSETS = {
    "BTC": "bitcoin",
    "ETH": "ether",
    "UST10": "10-year Treasury prices",
    "HY": "high-yield bonds",
    "GOLD": "gold",
    "WTI": "crude oil",
    "USD": "the US dollar",
}
_SERIES = ("DGS2", "DGS10", "DFII10", "DFEDTARU")


@dataclass(frozen=True)
class Figure:
    """One published number with its unit, place and, where it is missing, the reason."""

    label: str
    value: float | str | None
    unit: str
    where: str
    note: str = ""
    group: str = ""


def figures(con: duckdb.DuckDBPyConnection, now: Standing) -> tuple[Figure, ...]:
    """Every figure, in the order of ``GROUPS``."""
    return (*_market(now), *_breadth(con, now), *_cross(con, now), *_volatility(con, now), *_rates(con, now))


def _market(now: Standing) -> list[Figure]:
    rally, episode = now.rally, now.episode
    moved = "" if now.bar["status_return"] == "OK" else reason(now.bar["status_return"])
    found = [
        Figure(f"{now.index['name']} close", now.bar["close"], "index", "market_daily.close", "as traded", MARKET),
        Figure("Change on the day", now.bar["return_1d"], "pct", "market_daily.return_1d", moved, MARKET),
        Figure(
            "Drawdown", rally["drawdown"], "pct", "rally_daily.drawdown", "close against the highest close held", MARKET
        ),
        Figure(
            "State", rally["state"].lower(), "text", "rally_daily.state",
            _rule(now), MARKET,
        ),
    ]  # fmt: skip
    if not now.is_rally:
        absent = f"no rally is open ({rally['status']})"
        return [*found, Figure("Gain since the low", None, "pct", "rally_daily.gain", absent, MARKET)]
    return [
        *found,
        Figure(
            "Gain since the low", rally["gain"], "pct", "rally_daily.gain",
            f"low of {short_day(episode['trough_date'])}", MARKET,
        ),
        Figure(
            "Share of the fall won back", rally["retraced"], "pct", "rally_daily.retraced",
            f"fall from {short_day(episode['peak_date'])}; 100% is the old peak", MARKET,
        ),
        Figure(
            "Age of the rally", rally["age_sessions"], "sessions", "rally_daily.age_sessions",
            f"since the low; known to be a rally since {short_day(episode['up_confirmed_date'])}", MARKET,
        ),
    ]  # fmt: skip


def _rule(now: Standing) -> str:
    """The thresholds of the canonical rule; they stand with its episodes, so there are none before the first."""
    if not now.episode:
        return f"rule {now.rule}"
    return (
        f"rule {now.rule}: a rally is a rise of {now.episode['rise_pct']}% after a fall of {now.episode['fall_pct']}%"
    )


def _breadth(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    row = one(
        con,
        "SELECT * FROM marts.breadth_daily WHERE is_default AND segment_type = 'universe' AND session_date = ?",
        now.session,
    )
    if not row:
        absent = "no row for this session"
        return [Figure("Members above their averages", None, "pct", "breadth_daily.pct_above_sma50", absent, BREADTH)]
    if row["members"] is None:
        notes = dict.fromkeys(("status_counts", "status_sma", "status_52w"), no_members(row["status_counts"]))
    else:
        held = f"{row['members']:,} members, {row['coverage']:.1%} covered"
        notes = {status: noted(row[status], held) for status in ("status_counts", "status_sma", "status_52w")}
    return [
        Figure(label, row[column], unit, f"breadth_daily.{column}", notes[status], BREADTH)
        for label, column, unit, status in (
            ("Members above their 50-day average", "pct_above_sma50", "pct", "status_sma"),
            ("Members above their 200-day average", "pct_above_sma200", "pct", "status_sma"),
            ("Advancers", "advancers", "count", "status_counts"),
            ("Decliners", "decliners", "count", "status_counts"),
            ("New 52-week highs", "new_highs_52w", "count", "status_52w"),
            ("New 52-week lows", "new_lows_52w", "count", "status_52w"),
        )
    ]


def _cross(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    found = {
        row["asset_y"]: row
        for row in rows(
            con,
            "SELECT * FROM marts.cross_asset_correlation WHERE session_date = ? AND window_sessions = 60 AND is_default"
            " AND asset_x IN (?, ?) ORDER BY asset_y, alignment, lag_sessions",
            now.session, *_HEADLINES,
        )
    }  # fmt: skip
    shown = [asset for asset in _ASSETS if asset in found] or ["BTC"]
    return [
        Figure(
            f"60-session correlation with {_ASSETS[asset]}",
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
    said = f"95% interval {number(row['ci_low'])} to {number(row['ci_high'])}, n = {row['n_obs']}"
    return said + (", days end at 00:00 UTC" if row["alignment"] == "utc_day" else "")


def _volatility(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    row = one(con, "SELECT * FROM marts.volatility_sentiment_daily WHERE session_date = ?", now.session)
    if not row:
        return [Figure("VIX", None, "index", "volatility_sentiment_daily.vix", "no row for this session", VOLATILITY)]
    rank, premium = row["vix_percentile_252"], row["vol_risk_premium"]
    ranked = f"percentile {rank:.0f} of the last 252 sessions" if rank is not None else reason(row["status_percentile"])
    realised = row["realised_vol_21"]
    against = f"realised over 21 sessions: {number(realised) if realised is not None else NONE}"
    return [
        Figure(
            "VIX", row["vix"], "index", "volatility_sentiment_daily.vix",
            ranked if row["vix"] is not None else reason(row["status"]), VOLATILITY,
        ),
        Figure(
            "VIX3M / VIX - 1", row["term_slope_3m"], "ratio", "volatility_sentiment_daily.term_slope_3m",
            noted(row["status_term_3m"], "above 0 is calm, at or below 0 stress"), VOLATILITY,
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
            "SELECT m.*, s.name, s.unit FROM marts.macro_as_known m JOIN marts.dim_series s USING (series_id)"
            " WHERE m.session_date = ? ORDER BY m.series_id",
            now.session,
        )
    }
    found = []
    for row in (held[series] for series in _SERIES if series in held):
        observed = f"{row['series_id']} of {short_day(row['obs_period'])}" if row["obs_period"] else row["series_id"]
        observed += f", {RECONSTRUCTED}" if row["is_reconstructed"] else ""
        note = noted(row["status"], observed)
        found.append(Figure(row["name"], row["value"], row["unit"], "macro_as_known.value", note, RATES))
    absent = "no row for this session"
    return found or [Figure("Treasury yields", None, "pct", "macro_as_known.value", absent, RATES)]
