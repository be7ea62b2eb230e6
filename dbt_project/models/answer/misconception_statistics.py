"""What each misconception comes to, computed at the first session of each month from outcomes over by then.

One row per misconception and month; the arithmetic is in updraft_kernels.aftermath. `n` counts what shares no session
(rallies, months without overlap, windows end to end), `n_all` everything that was counted. Statistics begin in 2015,
with the readings; their samples reach back as far as the closes held. Months that cannot differ are not computed again.
"""

import datetime
import math

import numpy as np
import polars as pl

from updraft_kernels import aftermath, since

NUMBERS = ("value", "ci_low", "ci_high", "p_value")
SCHEMA = {
    "misconception_id": pl.String,
    "session_date": pl.Date,
    "session_no": pl.Int64,
    "n": pl.Int64,
    "n_all": pl.Int64,
}
SCHEMA |= dict.fromkeys(NUMBERS, pl.Float64) | {"is_reconstructed": pl.Boolean}
FIRST = datetime.date(2015, 1, 1)
SPAN, HALF_YEAR, FALL = 63, 126, -10.0
READINGS = (
    "TE03",
    "TE06",
    "TE10",
    "XA01_btc_60",
    "XA02_btc_60_low",
    "XA02_btc_60_high",
    "XA02_eth_60_low",
    "XA02_eth_60_high",
)
NOTHING = (0, 0, None, None, None, None, False)


def model(dbt, session):
    dbt.config(materialized="by_session")
    bars = (
        dbt.ref("int_headline_returns")
        .select("index_id, session_date, session_no, close_ticks")
        .pl()
        .sort("session_no")
    )
    listed = dbt.ref("misconception_list").pl().sort("sort_order")
    if bars.is_empty():
        return pl.DataFrame(schema=SCHEMA).to_arrow()
    days, close = bars["session_date"], bars["close_ticks"].cast(pl.Float64).to_numpy()
    months = days.dt.year().to_numpy().astype(np.int64) * 12 + days.dt.month().to_numpy()
    starts = aftermath.month_starts(months)
    first = since.first_session(session) or FIRST
    asked = starts[(days.to_numpy() >= np.datetime64(max(first, FIRST)))[starts]]
    if not asked.size:
        return pl.DataFrame(schema=SCHEMA).to_arrow()
    wanted = ", ".join(f"'{name}'" for name in READINGS)
    told = dbt.ref("all_readings").filter(f"reading_id in ({wanted}) and status = 'OK'")
    told = told.select("reading_id, session_date, value").pl().pivot("reading_id", index="session_date", values="value")
    told = told.with_columns(pl.lit(None, pl.Float64).alias(name) for name in READINGS if name not in told.columns)
    told = bars.select("session_date").join(told, on="session_date", how="left").sort("session_date")
    reading = {name: told[name].fill_null(float("nan")).to_numpy() for name in READINGS}
    made = {
        "single_session": _single_sessions(dbt, bars, close, _benchmark(listed, "single_session")),
        "timing": _timing(dbt, bars, close, starts),
        "long_run": _long_run(dbt, days),
        "momentum": _after(
            close, (reading["TE03"] > 0) & (reading["TE10"] > 0), _held(reading["TE03"], reading["TE10"])
        ),
        "trend": _after(close, reading["TE06"] > 0.8, _held(reading["TE06"])),
        "btc_zero": _windows(*_spans_zero(reading, "btc")),
        "eth_zero": _windows(*_spans_zero(reading, "eth")),
        "btc_negative": _windows(reading["XA01_btc_60"] < 0, _held(reading["XA01_btc_60"])),
    }
    states = dbt.ref("scenario_states").filter("scenario_id in ('SC-R1', 'SC-R2')").select("session_date, state").pl()
    danger = states.filter("state")["session_date"].unique()
    known = states.drop_nulls("state").group_by("session_date").len().filter(pl.col("len") == 2)["session_date"]
    is_danger = days.is_in(danger.implode()).to_numpy()
    both = _held(reading["TE03"], reading["TE10"])
    # without a danger, both must be known before a session counts as one without
    judged = both & (
        is_danger | days.is_in(known.implode()).to_numpy() | ~((reading["TE03"] > 0) & (reading["TE10"] > 0))
    )
    made["momentum_danger"] = _after(close, (reading["TE03"] > 0) & (reading["TE10"] > 0) & is_danger, judged)
    rows = [
        (row["misconception_id"], days[int(t)], int(bars["session_no"][int(t)]), *made[row["subject"]](int(t)))
        for row in listed.iter_rows(named=True)
        if row["subject"] in made
        for t in asked
    ]
    order = ("misconception_id", "session_date", "session_no", "n", "n_all", *NUMBERS, "is_reconstructed")
    return pl.DataFrame(rows, schema={name: SCHEMA[name] for name in order}, orient="row").to_arrow()


def _held(*readings):
    return ~np.any([np.isnan(one) for one in readings], axis=0)


def _share(hits, n, n_all):
    """A share with its interval; no p."""
    if n_all == 0 or n == 0:
        return NOTHING
    share = hits / n_all
    low, high = aftermath.wilson(share * n, n)
    return (int(n), int(n_all), share, low, high, None, False)


def _benchmark(listed, subject):
    return listed.filter(pl.col("subject") == subject)["benchmark"][0]


def _single_sessions(dbt, bars, close, by_chance):
    """Rallies of the default rule whose first 63 sessions are over and ended above the trough."""
    states = dbt.ref("int_rally_states").filter("state = 'RALLY'").pl()
    states = states.join(dbt.ref("rally_rules").pl().filter("is_default").select("rule"), on="rule")
    states = states.filter(pl.col("index_id") == bars["index_id"][0])
    found = states.select("low_date", "up_confirmed_date").unique().sort("up_confirmed_date")
    days = bars["session_date"].to_numpy()
    lows = np.searchsorted(days, found["low_date"].to_numpy())
    confirmed = np.searchsorted(days, found["up_confirmed_date"].to_numpy())
    parts, over = aftermath.largest_parts(close, lows, SPAN), np.maximum(lows + SPAN, confirmed)

    def told(t):
        seen = parts[(over <= t) & ~np.isnan(parts)]
        if seen.size == 0:
            return NOTHING
        n, n_all, share, low, high, _, rebuilt = _share(int((seen >= 0.5).sum()), seen.size, seen.size)
        spread = math.sqrt(by_chance * (1 - by_chance) / n)
        return (n, n_all, share, low, high, aftermath.p_value(share - by_chance, spread), rebuilt)

    return told


def _timing(dbt, bars, close, starts):
    """One forecast a month from the CAPE percentile, against the base rate of the time."""
    cape = dbt.ref("int_cape").filter("status_percentile = 'OK'")
    cape = cape.select("session_date, percentile, is_percentile_reconstructed").pl()
    held = bars.select("session_date").join(cape, on="session_date", how="left").sort("session_date")
    x = held["percentile"].cast(pl.Float64).fill_null(float("nan")).to_numpy()[starts]
    rebuilt = held["is_percentile_reconstructed"].fill_null(False).to_numpy()[starts]
    fall = aftermath.deepest(close, HALF_YEAR)
    y = np.where(np.isnan(fall), np.nan, fall <= FALL)[starts]
    chance, base = aftermath.timing_forecasts(x, y, starts, HALF_YEAR, 24)

    def told(t):
        seen = np.flatnonzero((starts + HALF_YEAR <= t) & ~np.isnan(chance) & ~np.isnan(y))
        if seen.size < 7:
            return (seen.size // 6, int(seen.size), None, None, None, None, bool(rebuilt[seen].any()))
        worse, better = (base[seen] - y[seen]) ** 2, (chance[seen] - y[seen]) ** 2
        skill = 1.0 - float(better.mean() / worse.mean())
        error = aftermath.mean_error(worse - better, 6) / float(worse.mean())
        spread = aftermath.Z95 * error
        p = aftermath.p_value(skill, error)
        return (seen.size // 6, int(seen.size), skill, skill - spread, skill + spread, p, bool(rebuilt[seen].any()))

    return told


def _long_run(dbt, days):
    """How much of ten-year returns the valuation at their start explains."""
    long = dbt.ref("int_long_returns").pl().sort("month")
    snapshots = dbt.ref("int_calendar").select("session_date, snapshot_at").pl().sort("session_date")
    by_day = dict(snapshots.iter_rows())

    def told(t):
        seen = long.filter(pl.col("known_at") <= by_day[days[t]])
        n, n_all = seen.height // 120, seen.height
        if n < 1:
            return (n, n_all, None, None, None, None, False)
        r = float(np.corrcoef(seen["log_cape"].to_numpy(), seen["real_return"].to_numpy())[0, 1])
        low = high = None
        if n >= 5 and abs(r) < 1:
            middle, spread = math.atanh(r), aftermath.Z95 / math.sqrt(n - 3)
            ends = math.tanh(middle - spread), math.tanh(middle + spread)
            low = 0.0 if ends[0] * ends[1] < 0 else min(end * end for end in ends)
            high = max(end * end for end in ends)
        return (n, n_all, r * r, low, high, None, bool(seen["is_reconstructed"].any()))

    return told


def _after(close, chosen, is_judged):
    """Chance of a fall of 10 % within 63 sessions: of the chosen less of all that can be judged."""
    fall = aftermath.deepest(close, SPAN)
    y = np.where(np.isnan(fall) | ~is_judged, np.nan, fall <= FALL)
    kept = aftermath.apart(np.flatnonzero(chosen & is_judged), SPAN)

    def told(t):
        seen = y[: max(t - SPAN + 1, 0)]
        n, n_all = int((kept + SPAN <= t).sum()), int(chosen[: seen.size][~np.isnan(seen)].sum())
        found = aftermath.difference(seen, chosen[: seen.size], SPAN) if seen.size else None
        if found is None or found.error == 0:
            return (n, n_all, None, None, None, None, False)
        spread = aftermath.Z95 * found.error
        p = aftermath.p_value(found.value, found.error)
        return (n, n_all, found.value, found.value - spread, found.value + spread, p, False)

    return told


def _spans_zero(reading, coin):
    low, high = reading[f"XA02_{coin}_60_low"], reading[f"XA02_{coin}_60_high"]
    return (low <= 0) & (high >= 0), _held(low, high)


def _windows(is_so, is_held):
    """Share of windows; those that share no session are one in sixty."""

    def told(t):
        n_all = int(is_held[: t + 1].sum())
        return _share(int((is_so & is_held)[: t + 1].sum()), n_all // 60, n_all)

    return told
