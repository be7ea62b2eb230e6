"""The figures of the day: every one a cell of a mart, with its unit, its place and, where it is missing, the reason.

Belongs here: which cells are shown, in which group and with which note. Does not: drivers, sentences, layout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from warehouse.report.carried import concentration, contributors, window, words_of
from warehouse.report.earnings import quarter_words, season_of
from warehouse.report.query import Row, one, rows
from warehouse.report.readings import CRYPTO, FLOWS, SENTIMENT, SHOWN, TECHNICAL, WORLD, note_of, readings_of, said_of
from warehouse.report.releases import expectation, in_short, largest, since
from warehouse.report.standing import Standing
from warehouse.report.wording import (
    MOVES,
    NO_MEMBERS,
    NO_ROW,
    NONE,
    RECONSTRUCTED,
    amount,
    moved,
    noted,
    number,
    reason,
    short_day,
)

MARKET, CARRIED, EARNINGS, VALUATION, BREADTH, CROSS, VOLATILITY, RATES, POLICY, MACRO = (
    "Market", "Who carried it", "Earnings", "Valuation", "Breadth", "Correlation with the index", "Volatility", "Rates",
    "Policy", "Macro",
)  # fmt: skip
GROUPS = (
    MARKET, CARRIED, EARNINGS, VALUATION, BREADTH, TECHNICAL, CROSS, CRYPTO, VOLATILITY, SENTIMENT, FLOWS, RATES, POLICY,
    MACRO, WORLD,
)  # fmt: skip
HEADLINES = ("SPX", "SMP")
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
WINDOW = 60  # sessions of the correlations shown
_SOURCES = {"treasury": "Treasury", "fred": "FRED"}
_TARGET = "Policy rate, target range"
_NOT_KNOWN_THEN = "\N{WHITE CIRCLE}"  # beside what is made of figures that nobody knew at the time
KNOWN_LATER = f"{_NOT_KNOWN_THEN} {RECONSTRUCTED}, which nobody knew then"


@dataclass(frozen=True)
class Figure:
    """One published number with its unit, its place (``mart.column``) and, where it is missing, the reason.

    ``note`` has at most ``wording.NOTE`` letters: it stands beside the value on a line of 80 columns. What is true of all
    figures of a group is said once, by ``shared``.

    Neighbours with the same ``line`` share a line of a terminal, under those words: their values side by side, and as note
    the ``brief`` of the one that has it, a change or a surprise.
    """

    label: str
    value: float | str | None
    unit: str
    where: str
    note: str = ""
    group: str = ""
    line: str = ""
    brief: str = ""


def figures(con: duckdb.DuckDBPyConnection, now: Standing) -> tuple[Figure, ...]:
    """Every figure, in the order of ``GROUPS``."""
    rates, told = rates_of(con, now.session), readings_of(con, now.session)
    return (
        *_market(now), *_carried(con, now), *_earnings(con, now), *_valuation(con, now),
        *_breadth(con, now), *_readings(told, TECHNICAL), *_cross(con, now), *_readings(told, CRYPTO),
        *_volatility(con, now), *_readings(told, SENTIMENT), *_readings(told, FLOWS), *_rates(rates),
        *_policy(con, now, rates), *_macro(con, now), *_readings(told, WORLD),
    )  # fmt: skip


def _readings(told: Mapping[str, Row], group: str) -> list[Figure]:
    """The readings of a group, each with its percentile or why it is missing."""
    found = []
    for one_of in SHOWN[group]:
        row = told.get(one_of.reading_id, {})
        unit = "text" if row.get("value_text") else row.get("unit", "ratio")
        place = "indicator_readings.value"
        found.append(Figure(one_of.label, said_of(row), unit, place, note_of(row), group))
    return found


def shared(con: duckdb.DuckDBPyConnection, now: Standing, found: Sequence[Figure]) -> dict[str, str]:
    """Group to what all of its figures share, in words; a group that shares nothing is left out."""
    members = one(con, f"SELECT members, coverage FROM marts.breadth_daily {_UNIVERSE}", now.session)
    said = {MARKET: f"session of {short_day(now.session)}", CROSS: f"{WINDOW} sessions, 95% interval",
            VOLATILITY: "percentile of 252 sessions", POLICY: "market-implied: a price, not a forecast",
            MACRO: f"largest surprises since {short_day(since(now.session))}; z: in standard deviations"}  # fmt: skip
    over = window(con, now)
    if over and over["status"] == "OK":
        said[CARRIED] = f"points of the index {words_of(over)}; arithmetic, not cause"
    if running := season_of(con, now.session):
        said[EARNINGS] = f"reports for {quarter_words(running['fiscal_quarter'])}"
    if members and members["members"] is not None:
        said[BREADTH] = f"{members['members']:,} members, {members['coverage']:.1%} covered"
    if any(_NOT_KNOWN_THEN in figure.note for figure in found):
        said[RATES] = KNOWN_LATER
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


def _carried(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    """The three stocks that added most, what is left, and how much of the move its largest made."""
    found = window(con, now)
    if not found or found["status"] != "OK":
        why = reason(found["status"]) if found else NO_ROW
        return [Figure("Contributions of stocks", None, "pp", "contributions.contribution_pp", why, CARRIED)]
    row, suffix, status = concentration(con, now, found)
    weight = row.get(f"top10_weight_start_{suffix}")
    return [
        *(
            Figure(
                one_of["name"], one_of["contribution_pp"], "pp", "contributions.contribution_pp",
                f"weighed {100 * one_of['weight_start']:.1f}% then" if one_of["weight_start"] is not None else "joined since",
                CARRIED,
            )
            for one_of in contributors(con, now, found)[:3]
        ),
        Figure(
            "Ten largest: part of the move", row.get(f"top10_contribution_share_{suffix}"), "share",
            f"concentration_daily.top10_contribution_share_{suffix}",
            f"with {100 * weight:.0f}% of the weight" if weight is not None else reason(status), CARRIED,
        ),
        Figure(
            "Left unexplained", found["residual_pp"], "pp", "contribution_windows.residual_pp",
            f"of {found['index_return_pp']:.2f} pp", CARRIED,
        ),
    ]  # fmt: skip


def _earnings(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    """The season under way: how far it is, beats, growth; and what comes next."""
    row = season_of(con, now.session)
    coming = one(
        con,
        "SELECT value, status FROM marts.indicator_readings WHERE session_date = ? AND reading_id = 'EA12_next5'",
        now.session,
    )
    soon = Figure(
        "Weight that reports in 5 sessions", coming.get("value"), "pct", "indicator_readings.value",
        noted(coming["status"], "EA12_next5") if coming else NO_ROW, EARNINGS,
    )  # fmt: skip
    if not row:
        return [Figure("Companies that reported", None, "count", "earnings_season.reported", NO_ROW, EARNINGS), soon]
    median = row["median_growth"]
    return [
        Figure(
            "Companies that reported", row["reported"], "count", "earnings_season.reported",
            f"of {row['members']:,} members", EARNINGS,
        ),
        Figure(
            "Beat the forecast", row["beat_rate"], "pct", "earnings_season.beat_rate",
            noted(row["status_beats"], f"missed {row['miss_rate'] or 0:.0f}%"), EARNINGS,
        ),
        Figure(
            "Earnings against a year before", row["blended_growth"], "pct", "earnings_season.blended_growth",
            noted(row["status_growth"], f"median company {number(median, 1)}%" if median is not None else ""), EARNINGS,
        ),
        Figure(
            "Quarters of growth in a row", row["streak"], "count", "earnings_season.streak",
            noted(row["status_growth"], "the running one counted"), EARNINGS,
        ),
        soon,
    ]  # fmt: skip


def _valuation(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    """Price against earnings and real yields, and what the open rally is made of by arithmetic."""
    row = one(con, "SELECT * FROM marts.valuation_daily WHERE session_date = ?", now.session)

    def cell(label: str, column: str, status: str, unit: str, note: str) -> Figure:
        where = f"valuation_daily.{column}"
        return Figure(label, row.get(column), unit, where, noted(row[status], note) if row else NO_ROW, VALUATION)

    parts = window(con, now, "return_decomposition", "status_total")
    line = f"Return {words_of(parts)}" if parts else "Return in parts"
    return [
        cell("Price / earnings, last 4 quarters", "pe", "status_pe", "ratio", f"{100 * row.get('coverage', 0):.0f}% covered" if row else ""),
        cell("Price / earnings, next 4 quarters", "pe_fwd", "status_pe_fwd", "ratio", "as analysts expect"),
        cell("Earnings-yield gap", "earnings_yield_gap", "status_gap", "pct", "less 10-year real yield"),
        cell("Implied premium (Damodaran)", "erp_implied", "status_erp_implied", "pct", "of the month"),
        *(
            Figure(
                f"{line}: {words}", parts.get(column), "pp", f"return_decomposition.{column}",
                noted(parts["status_total"], "earnings/real yield/gap") if parts else NO_ROW, VALUATION, line,
            )
            for words, column in (("earnings", "earnings_pp"), ("real yield", "real_rate_pp"), ("yield gap", "gap_pp"))
        ),
    ]  # fmt: skip


def _breadth(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    row = one(con, f"SELECT * FROM marts.breadth_daily {_UNIVERSE}", now.session)
    if not row:
        absent = NO_ROW
        return [Figure("Members above their averages", None, "pct", "breadth_daily.pct_above_sma50", absent, BREADTH)]
    return [
        Figure(
            label, row[column], unit, f"breadth_daily.{column}",
            NO_MEMBERS if row["members"] is None else noted(row[status], ""), BREADTH, line,
        )
        for label, column, unit, status, line in (
            ("Members above their 50-day average", "pct_above_sma50", "pct", "status_sma", ""),
            ("Members above their 200-day average", "pct_above_sma200", "pct", "status_sma", ""),
            ("Advancers", "advancers", "count", "status_counts", "Advancers / decliners"),
            ("Decliners", "decliners", "count", "status_counts", "Advancers / decliners"),
            ("New 52-week highs", "new_highs_52w", "count", "status_52w", "New 52-week highs / lows"),
            ("New 52-week lows", "new_lows_52w", "count", "status_52w", "New 52-week highs / lows"),
        )
    ]  # fmt: skip


def _cross(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    found = {
        row["asset_y"]: row
        for row in rows(
            con,
            "SELECT * FROM marts.cross_asset_correlation WHERE session_date = ? AND window_sessions = ? AND is_default"
            " AND asset_x IN (?, ?) ORDER BY asset_y, alignment, lag_sessions",
            now.session, WINDOW, *HEADLINES,
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
        return NO_ROW
    if row["status"] != "OK":
        return reason(row["status"])
    said = f"{number(row['ci_low'])} … {number(row['ci_high'])}"
    days = "UTC days" if row["alignment"] == "utc_day" else "sessions"
    return said if (row["n_obs"], days) == (WINDOW, "sessions") else f"{said}, {row['n_obs']} {days}"


def _volatility(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    row = one(con, "SELECT * FROM marts.volatility_sentiment_daily WHERE session_date = ?", now.session)
    if not row:
        return [Figure("VIX", None, "index", "volatility_sentiment_daily.vix", NO_ROW, VOLATILITY)]
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


def rates_of(con: duckdb.DuckDBPyConnection, session: date) -> Row:
    """The row of ``rates_daily``, or an empty dict where the session has none."""
    return one(con, "SELECT * FROM marts.rates_daily WHERE session_date = ?", session)


def rate(row: Row, label: str, column: str, status: str, note: str = "", unit: str = "pct", line: str = "") -> Figure:
    """A cell of ``rates_daily`` as a figure: its note, or why it is missing."""
    why = noted(row[status], note) if row else NO_ROW
    return Figure(label, row.get(column), unit, f"rates_daily.{column}", why, RATES, line)


def _rates(row: Row) -> list[Figure]:
    old = f"of {short_day(row['carried_from'])}" if row.get("carried_from") else ""
    source = _SOURCES.get(row.get("yield_source") or "", "")
    move = f"{MOVES[row['curve_move']][0]}, 20 sessions" if row.get("curve_move") else ""
    target = "announced this day" if row.get("target_source") == "announcement" else ""
    return [
        rate(row, "2-year Treasury yield", "y2", "status_y2", beside_10_years(row, "status_s2s10")),
        rate(row, "10-year Treasury yield", "y10", "status_y10", ", ".join(filter(None, (source, old)))),
        rate(row, "10-year less 2-year yield", "s2s10_bp", "status_s2s10", move, "bp"),
        rate(row, "10-year real Treasury yield", "tips10", "status_tips10", beside_10_years(row, "status_breakeven")),
        rate(row, "10-year term premium", "term_premium_acm", "status_acm", acm_note(row)),
        *(
            rate(row, f"Policy rate, {end} target", f"target_{column}", "status_target", target, line=_TARGET)
            for end, column in (("lower", "low"), ("upper", "high"))
        ),
    ]


def acm_note(row: Row) -> str:
    """Whose term premium, and that nobody knew it then where that is so."""
    return "Adrian, Crump and Moench" + (f" {_NOT_KNOWN_THEN}" if row.get("is_acm_reconstructed") else "")


def beside_10_years(row: Row, status: str) -> str:
    """The day of a yield where it is not the session's; ``status`` says whether it is the day of the 10-year yield."""
    if row.get("status_y10") != "OK":
        return ""
    if row[status] == "NOT_PUBLISHED":
        return "not of the 10-year's day"
    return f"of {short_day(row['carried_from'])}" if row["carried_from"] and row[status] == "OK" else ""


def _policy(con: duckdb.DuckDBPyConnection, now: Standing, rates: Row) -> list[Figure]:
    """The next meeting and the year ahead as futures price them, each with its change."""
    reading = {
        row["reading_id"]: row
        for row in rows(
            con,
            "SELECT reading_id, value, status FROM marts.indicator_readings WHERE session_date = ?"
            " AND reading_id IN ('MP04_cut', 'MP04_cut_d5', 'MP03_12m_d20') ORDER BY reading_id",
            now.session,
        )
    }

    def why(reading_id: str, said: str = NO_ROW) -> str:
        return noted(reading[reading_id]["status"], said) if reading_id in reading else NO_ROW

    def change(label: str, reading_id: str, unit: str, what: str, span: str, line: str) -> Figure:
        value = reading.get(reading_id, {}).get("value")
        note = why(reading_id, f"{span}, {reading_id}")
        brief = f"{what} {moved(value, unit)} {span}" if value is not None else note
        return Figure(label, value, unit, "indicator_readings.value", note, POLICY, line, brief)

    odds = one(
        con,
        "SELECT meeting_date, p_cut, p_hold, p_hike, status_probability FROM marts.rate_expectations"
        " WHERE session_date = ? AND is_default AND span = 'meeting' ORDER BY meeting_date LIMIT 1",
        now.session,
    )
    on = short_day(odds["meeting_date"]) if odds else "next meeting"
    absent = noted(odds["status_probability"], "") if odds else why("MP04_cut")
    line, ahead = f"Cut / hold / hike, {on}", "Cuts (hikes below 0), a year ahead"
    return [
        *(
            Figure(
                f"Chance of {what}, {on}", odds.get(column), "probability", f"rate_expectations.{column}", absent, POLICY,
                line,
            )
            for what, column in (("a cut", "p_cut"), ("no change", "p_hold"), ("a hike", "p_hike"))
        ),
        change("Change of the chance of a cut", "MP04_cut_d5", "pp", "cut", "in 5 sessions", line),
        Figure(
            "Cuts priced for a year ahead", rates.get("cuts_priced_12m"), "cuts", "rates_daily.cuts_priced_12m",
            noted(rates["status_path"], "of 25 bp; below 0 are hikes") if rates else NO_ROW, POLICY, ahead,
        ),
        change("Change priced for a year ahead", "MP03_12m_d20", "bp", "rate", "in 20 sessions", ahead),
    ]  # fmt: skip


def _macro(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Figure]:
    """The newest releases with the largest surprises: what was printed, what was expected, the surprise."""
    found: list[Figure] = []
    for row in largest(con, now.session):
        name = in_short(row["title"])
        against, z = expectation(row), row["surprise_z"]
        note = noted(row["status_surprise_z"], f"printed {short_day(row['date'])}")
        found += [
            Figure(name, row["actual"], row["unit"], "events.actual", noted(row["status"], against), MACRO, name),
            Figure(
                "Surprise of that release", z, "z", "events.surprise_z", note, MACRO, name,
                f"{against}, {amount(z, 'z')} z" if z is not None else note,
            ),
        ]  # fmt: skip
    absent = "no first print is held"
    return found or [Figure("Releases of 31 days", None, "pct", "events.actual", absent, MACRO)]
