"""Python models made by session: the rows of the sessions that can differ are, to the last bit, those of a whole build."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from rendered import Rendered

from updraft_kernels import random_walks, since, uncertainty

DAYS = 2200
FIRST_DAY = date(2014, 1, 1)
SESSIONS = [day for n in range(DAYS * 7 // 5 + 7) if (day := FIRST_DAY + timedelta(n)).weekday() < 5][:DAYS]
CUTS = [0, 1, 2, 17, 250, 900]  # sessions before the newest, from which on rows can differ
UTC_TIME = pl.Datetime("us", "UTC")


def evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, tzinfo=UTC)


def table(**columns: Any) -> pl.DataFrame:
    """Columns beside the session's date and number and the evening it was known on."""
    known = pl.Series([evening(day) for day in SESSIONS], dtype=UTC_TIME)
    number = pl.Series(range(1, DAYS + 1), dtype=pl.Int32)
    return pl.DataFrame({"session_date": SESSIONS, "session_no": number, "known_at": known} | columns)


def gaps(source: np.random.Generator, values: np.ndarray, share: float = 0.02) -> pl.Series:
    """Values of which a few are missing."""
    return pl.Series(np.where(source.random(values.size) < share, np.nan, values)).fill_nan(None)


def closes(source: np.random.Generator) -> pl.DataFrame:
    ticks = np.rint(1e6 * np.exp(np.cumsum(0.011 * source.standard_normal(DAYS)))).astype(np.int64)
    spread = np.abs(source.normal(0, 5000, (2, DAYS))).astype(np.int64)
    log_return = pl.Series(np.diff(np.log(ticks), prepend=np.nan)).fill_nan(None)
    return table(
        index_id=["x"] * DAYS, close_ticks=ticks, high_ticks=ticks + spread[0], low_ticks=ticks - spread[1],
        log_return=log_return,
    )  # fmt: skip


def windows(source: np.random.Generator) -> pl.DataFrame:
    """Of each session a window since a trough that stays for a while, and one of twenty sessions."""
    number = np.arange(1, DAYS + 1)
    trough = np.maximum(number - 1 - number % 300, 30)
    frames = [
        table(
            index_id=["x"] * DAYS, episode_id=[f"x:{n}" for n in start], window_id=[name] * DAYS,
            start_no=pl.Series(start, dtype=pl.Int32), end_no=pl.Series(number, dtype=pl.Int32),
            log_return=source.standard_normal(DAYS),
        ).filter(pl.col("end_no") > pl.col("start_no"))
        for name, start in (("since_trough", trough), ("20d", np.maximum(number - 20, 0)))
    ]  # fmt: skip
    return pl.concat(frames)


def shocks(base: Rendered, source: np.random.Generator) -> None:
    yields = source.standard_normal((DAYS, 3)) @ np.array([[1.0, 0.8, 0.5], [0.0, 0.6, 0.7], [0.0, 0.0, 0.5]])
    moves = {f"change_{tenor}y_bp": 5 * yields[:, n] for n, tenor in enumerate((2, 5, 10))}
    base.put(
        int_shock_days=table(index_id=["x"] * DAYS, log_return=source.standard_normal(DAYS), **moves),
        int_attribution_windows=windows(source),
    )
    base.run("int_shock_sets")


def events(base: Rendered, source: np.random.Generator) -> None:
    halves = source.standard_normal((2, DAYS))
    half_days = table(
        index_id=["x"] * DAYS, weekday=pl.Series([day.isoweekday() for day in SESSIONS], dtype=pl.Int32),
        log_return=halves.sum(axis=0), overnight=halves[0], intraday=halves[1],
    )  # fmt: skip
    tags = half_days.select("session_no", "known_at", tag=pl.Series(source.choice(["cpi", "jobs", "fomc"], DAYS)))
    tags = tags.with_columns(half=pl.Series(source.choice(["overnight", "intraday"], DAYS)))
    tags = tags.filter(pl.Series(source.random(DAYS) < 0.1))
    base.put(int_half_days=half_days, int_calendar_tags=tags, int_attribution_windows=windows(source))


def factors(base: Rendered, source: np.random.Generator) -> None:
    names = ["log_return", "two_year", "real_yield", "breakeven", "oil", "spread"]
    base.put(
        int_factor_days=table(index_id=["x"] * DAYS, **{name: source.standard_normal(DAYS) for name in names}),
        int_attribution_windows=windows(source),
    )


def news(base: Rendered, source: np.random.Generator) -> None:
    """Daily counts with rises, of which older ones are counted anew now and then; of one index a file a week."""
    rows = []
    for index_id in ("daily", "weekly"):
        values = 100 + 20 * source.standard_normal(3000)
        for begin in source.integers(300, 2950, 25).tolist():
            values[begin : begin + int(source.integers(3, 25))] *= 4
        for n, value in enumerate(values.tolist()):
            day = FIRST_DAY - timedelta(300 - n)
            told = evening(day + timedelta(1 if index_id == "daily" else 7 - n % 7))
            rows.append((index_id, day, value, told, told))
            if source.random() < 0.02:
                again = told + timedelta(int(source.integers(1, 90)))
                rows.append((index_id, day, value * 1.1, again, again))
    schema = {"index_id": pl.String, "observed_on": pl.Date, "value": pl.Float64}
    schema |= {"known_at": UTC_TIME, "first_seen_at": UTC_TIME}
    counts = pl.DataFrame(rows, schema, orient="row")
    base.put(int_news_counts=counts, int_calendar=table().rename({"known_at": "snapshot_at"}))


def policy(base: Rendered, source: np.random.Generator) -> None:
    lately = SESSIONS[-300:]
    contracts = [
        (day, evening(day), date(month // 12, month % 12 + 1, 1), float(source.uniform(3, 5)), False, False)
        for day in lately
        for month in range(day.year * 12 + day.month - 1, day.year * 12 + day.month + 9)
    ]
    names = ["session_date", "snapshot_at", "contract_month", "rate", "is_frozen", "is_lived"]
    planned = [FIRST_DAY + timedelta(45 * n) for n in range(90)]
    rates = [(day, float(source.uniform(3, 5)), evening(day) + timedelta(hours=14)) for day in SESSIONS]
    base.put(
        int_fed_funds=pl.DataFrame(contracts, names, orient="row"),
        int_policy_meetings=pl.DataFrame(
            [(day, evening(FIRST_DAY), None) for day in planned],
            {"meeting_date": pl.Date, "known_at": UTC_TIME, "cancelled_at": UTC_TIME},
            orient="row",
        ),
        int_effective_rate=pl.DataFrame(rates, ["effective_date", "rate", "known_at"], orient="row"),
    )
    base.run("int_policy_paths")


def breadth(base: Rendered, source: np.random.Generator) -> None:
    frames = []
    for segment in ("all", "young"):
        up, down = (source.integers(0, 300, DAYS).astype(np.float64) for _ in range(2))
        one = table(
            universe_id=["u"] * DAYS, segment_type=["sector"] * DAYS, segment_id=[segment] * DAYS,
            advancers=gaps(source, up), decliners=gaps(source, down), net_advances=gaps(source, up - down, 0.3),
            status_counts=source.choice(["OK", "OK", "OK", "LOW_COVERAGE"], DAYS),
        )  # fmt: skip
        frames.append(one if segment == "all" else one.slice(DAYS - 120))
    base.put(int_breadth=pl.concat(frames))


def correlations(base: Rendered, source: np.random.Generator) -> None:
    r = 0.2 + 0.15 * source.standard_normal((3, DAYS))  # around a bound, so that the regime is that of long before
    base.put(
        int_correlations=pl.concat([
            table(
                asset_x=["x"] * DAYS, asset_y=[f"y{n}"] * DAYS, alignment=["close"] * DAYS, window_sessions=[60] * DAYS,
                lag_sessions=pl.Series([0] * DAYS, dtype=pl.Int32), correlation=gaps(source, one),
                ci_low=one - 0.1, ci_high=one + 0.1,
            )
            for n, one in enumerate(r)
        ])
    )  # fmt: skip


def running(base: Rendered, source: np.random.Generator) -> None:
    pairs = [
        table(
            asset_x=["x"] * DAYS, asset_y=["y"] * DAYS, alignment=[name] * DAYS, lag_sessions=[0] * DAYS,
            return_x=gaps(source, source.standard_normal(DAYS)), return_y=gaps(source, source.standard_normal(DAYS)),
        )
        for name in ("nyse_close", "utc_day")
    ]  # fmt: skip
    base.put(
        int_headline_returns=closes(source),
        int_pair_returns=pl.concat([pairs[0].slice(700), pairs[1]]),
        correlation_assets=pl.DataFrame({"asset_id": ["x"], "sort_order": [1]}),
    )


def headline(base: Rendered, source: np.random.Generator) -> None:
    base.put(int_headline_returns=closes(source))


def rallies(base: Rendered, source: np.random.Generator) -> None:
    """An index and its rallies."""
    bars = closes(source)
    rule = {"rule": ["5_5_10"], "fall_pct": [5], "rise_pct": [5], "fade_pct": [10], "is_default": [True]}
    base.put(int_headline_returns=bars, int_index_closes=bars, rally_rules=pl.DataFrame(rule))
    base.run("int_rally_states")


def analogues(base: Rendered, source: np.random.Generator) -> None:
    rallies(base, source)
    features = [("depth", 1, "price"), ("gain", 2, "price"), ("vix", 3, "change"), ("flow", 4, "level")]
    known = [table(feature_id=[name] * DAYS, value=source.standard_normal(DAYS)) for name in ("vix", "flow")]
    base.put(
        analogue_features=pl.DataFrame(features, ["feature_id", "sort_order", "source"], orient="row"),
        analogue_features_known=pl.concat(known).select("feature_id", "session_no", "value"),
    )


def states(source: np.random.Generator, kinds: dict[str, str]) -> pl.DataFrame:
    """States that last a few weeks, not known now and then."""
    frames = []
    for name, kind in kinds.items():
        state = np.cumsum(source.random(DAYS) < 0.05) % 2 == 1
        shown = pl.Series(
            [None if lost else bool(s) for s, lost in zip(state, source.random(DAYS) < 0.03, strict=True)]
        )
        entry = state & ~np.concatenate([[False], state[:-1]])
        frames.append(table(scenario_id=[name] * DAYS, kind=[kind] * DAYS, state=shown, is_entry=entry))
    return pl.concat(frames)


def reactions(base: Rendered, source: np.random.Generator) -> None:
    rallies(base, source)
    base.put(scenario_states=states(source, {"SC-1": "bullish", "SC-2": "bearish", "SC-3": "bearish"}))
    bars = base.rows("int_headline_returns")
    base.put(int_headline_returns=bars.filter(pl.Series(source.random(DAYS) > 0.01)))


def beliefs(base: Rendered, source: np.random.Generator) -> None:
    rallies(base, source)
    names = ["TE03", "TE06", "TE10", "XA01_btc_60", "XA02_btc_60_low", "XA02_btc_60_high"]
    readings = [
        table(reading_id=[name] * DAYS, value=source.standard_normal(DAYS), status=["OK"] * DAYS) for name in names
    ]
    subjects = [
        "single_session",
        "timing",
        "long_run",
        "momentum",
        "trend",
        "btc_zero",
        "btc_negative",
        "momentum_danger",
    ]
    share = pl.Series(100 * source.random(DAYS))
    months = table(log_cape=source.standard_normal(DAYS), real_return=source.standard_normal(DAYS)).gather_every(21)
    base.put(
        misconception_list=pl.DataFrame(
            {"misconception_id": subjects, "subject": subjects, "sort_order": range(8), "benchmark": [0.05] * 8}
        ),
        all_readings=pl.concat(readings),
        scenario_states=states(source, {"SC-R1": "bearish", "SC-R2": "bearish"}),
        int_cape=table(
            percentile=share, status_percentile=["OK"] * DAYS, is_percentile_reconstructed=source.random(DAYS) < 0.5
        ),
        int_long_returns=months.with_columns(month=pl.col("session_date"), is_reconstructed=pl.lit(False)),
        int_calendar=table().rename({"known_at": "snapshot_at"}),
    )


MADE: dict[str, Callable[[Rendered, np.random.Generator], None]] = {
    "int_shock_windows": shocks,
    "int_event_windows": events,
    "int_factor_windows": factors,
    "int_news_indices": news,
    "int_policy_paths": policy,
    "int_policy_ranges": policy,
    "int_breadth_oscillators": breadth,
    "int_correlation_regimes": correlations,
    "int_running_correlations": running,
    "int_technicals": headline,
    "analogue_outcomes": analogues,
    "scenario_reactions": reactions,
    "misconception_statistics": beliefs,
}


def bits(rows: pl.DataFrame) -> pl.DataFrame:
    """Floats as the numbers of their bits, so that equal is the same."""
    floats = [name for name, kind in rows.schema.items() if kind == pl.Float64]
    told = [pl.Series(f"{name} in bits", rows[name].fill_null(0.0).to_numpy().view(np.int64)) for name in floats]
    return rows.with_columns(told)


@pytest.mark.parametrize("model", MADE)
def test_rows_since_a_session_are_those_of_a_whole_build(model: str) -> None:
    source = np.random.default_rng(list(MADE).index(model))
    base = Rendered()
    MADE[model](base, source)
    base.run(model)
    whole = base.rows(model)
    assert whole["session_date"].n_unique() > 40, "there is something to compare"
    order = [name for name, kind in whole.schema.items() if kind != pl.Float64]
    for cut in CUTS:
        first = SESSIONS[-1 - cut]
        base.put(**{model: whole})
        base.run_since(model, first)
        kept = [
            bits(since.frame_from(rows, first)).sort(*order, maintain_order=True) for rows in (whole, base.rows(model))
        ]
        assert kept[0].equals(kept[1]), f"{model} from {first} on"
        assert base.rows(model).height < whole.height or cut > 250, "what cannot differ is not made again"


def test_news_go_on_from_any_session_with_the_shocks_seen_before() -> None:
    base = Rendered()
    news(base, np.random.default_rng(5))
    counts, sessions = base.rows("int_news_counts"), base.rows("int_calendar").sort("session_no")
    whole = uncertainty.standing(counts, sessions)
    assert whole["shock_on"].n_unique() > 5
    assert (whole["shock_on"] != whole["newest_shock_on"]).any(), "a shock lasts"
    for number in range(5, DAYS, 431):
        told = whole.filter(session_no=number)
        found = uncertainty.standing(counts, sessions, told)
        assert bits(found).equals(bits(whole.filter(pl.col("session_no") > number))), number


def test_walks_of_the_same_moments_are_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    base = Rendered()
    settings = {"null_paths": 2, "null_years": 10, "null_seed": 1, "horizon": 126}
    base.put(durability_settings=pl.DataFrame({"setting": list(settings), "value": list(settings.values())}))
    rallies(base, np.random.default_rng(3))
    name = "int_random_walk_episodes"
    base.run(name)
    whole = base.rows(name)
    base.put(**{f"{name}__former": whole})
    drawn = []
    made = random_walks.episodes
    monkeypatch.setattr(random_walks, "episodes", lambda *given: drawn.append(given) or made(*given))
    base.run(name)
    assert base.rows(name).equals(whole) and not drawn
    base.put(int_index_closes=base.rows("int_index_closes").slice(1))
    base.run(name)
    assert drawn, "other closes have other moments"
