"""What is believed of a step, a payout and a count of shares, and what is told of them before, meanwhile and after."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_prices import Bar, Told, quiet, told

from updraft_kernels import doubts
from updraft_kernels.doubts import Value

SESSIONS, AT = 60, 40
INDEX = quiet(SESSIONS, 1_000.0)


def stepped(factor: float, start: int = AT, stop: int = SESSIONS, volume: float = 1.0) -> list[Bar]:
    """A quiet path whose bars ``start`` … ``stop - 1`` stand at ``factor`` of it; ``volume`` on the first of them."""
    path = quiet(SESSIONS)
    for n in range(start, stop):
        path[n] = replace(path[n], close=path[n].close * factor)
    path[start] = replace(path[start], volume=round(1_000 * volume))
    return path


def doubted(frame: pl.DataFrame, symbol: str = "STK") -> list[int]:
    return sorted(
        frame.filter(pl.col("instrument_id") == symbol, pl.col("doubt").is_not_null())["session_no"].to_list()
    )


def row(frame: pl.DataFrame, session: int, symbol: str = "STK") -> dict[str, object]:
    return frame.filter(pl.col("instrument_id") == symbol, pl.col("session_no") == session).row(0, named=True)


@pytest.mark.parametrize(
    "factor", [1 / 2, 2 / 3, 1 / 3, 3 / 4, 4 / 5, 1 / 10, 1 / 20, 2.0, 1.5, 3.0, 10.0, 100.0, 0.01]
)
@pytest.mark.parametrize("symbol", ["STK", "FND"])
def test_a_step_without_event_or_trading_makes_the_symbol_abstain(factor: float, symbol: str) -> None:
    frame = told({symbol: stepped(factor), "IDX": INDEX}, as_of=AT)
    assert doubted(frame, symbol) == [AT]
    now = row(frame, AT, symbol)
    assert (now["move"], now["return_1d"], now["above_sma20"], now["drawdown"]) == ("untraded", None, None, None)
    assert row(frame, AT - 1, symbol)["return_1d"] is not None


@pytest.mark.parametrize("factor", [1 / 2, 2 / 3, 0.35, 2.0])
def test_a_stock_that_falls_or_rises_in_earnest_is_believed(factor: float) -> None:
    frame = told({"STK": stepped(factor, volume=12), "IDX": INDEX}, as_of=AT)
    assert doubted(frame) == []
    assert row(frame, AT)["return_1d"] == pytest.approx(factor * 1.0 - 1, abs=0.01)


def test_a_day_that_trades_its_way_is_believed() -> None:
    path = quiet(SESSIONS)
    path[AT] = Bar(path[AT - 1].close * 0.6, open_at=path[AT - 1].close * 0.9)  # half of the step within the day
    assert doubted(told({"STK": path, "IDX": INDEX}, as_of=AT)) == []
    path[AT] = Bar(path[AT - 1].close * 0.6, wide=0.2)  # a bar far wider than usual
    assert doubted(told({"STK": path, "IDX": INDEX}, as_of=AT)) == []


def test_a_step_the_whole_market_makes_is_the_markets() -> None:
    assert doubted(told({"STK": stepped(0.7), "FND": stepped(0.7), "IDX": stepped(0.72)})) == []


def test_a_listed_split_is_no_step() -> None:
    split = Told("STK", "split", AT, 2.0, AT)
    frame = told({"STK": stepped(1 / 2), "IDX": INDEX}, [split])
    assert doubted(frame) == []
    assert row(frame, AT)["return_1d"] == pytest.approx(-0.003)


def test_a_listed_split_without_a_step_is_doubted() -> None:
    frame = told({"STK": quiet(SESSIONS), "IDX": INDEX}, [Told("STK", "split", AT, 2.0, AT)], as_of=AT + 3)
    assert doubted(frame) == [AT, AT + 1, AT + 2, AT + 3]


def test_a_split_listed_late_ends_the_doubt_when_it_is_learnt() -> None:
    events = [Told("STK", "split", AT, 2.0, AT + 5)]
    frame = told({"STK": stepped(1 / 2), "IDX": INDEX}, events)
    assert doubted(frame) == list(range(AT, AT + 5))
    back = row(frame, AT + 5)
    assert (back["move"], back["return_1d"], back["era"]) == ("untraded", None, 0)
    assert back["above_sma20"] is not None and back["drawdown"] > -0.05
    assert row(frame, AT + 6)["return_1d"] == pytest.approx(-0.003)


def test_a_bad_print_is_over_when_the_level_is_back() -> None:
    frame = told({"STK": stepped(1 / 2, stop=AT + 2), "IDX": INDEX})
    assert doubted(frame) == [AT, AT + 1]
    after = row(frame, AT + 2)
    assert (after["return_1d"], after["era"], after["move"]) == (None, 0, "untraded")
    assert row(frame, AT + 3)["return_1d"] is not None


def test_what_stays_undecided_speaks_again_and_compares_nothing_across() -> None:
    sessions = 320
    path = quiet(sessions)
    path = [*path[:AT], *(replace(bar, close=bar.close / 2) for bar in path[AT:])]
    frame = told({"STK": path, "IDX": quiet(sessions, 1_000.0)})
    assert doubted(frame) == list(range(AT, AT + doubts.WAIT))
    first = row(frame, AT + doubts.WAIT)
    assert (first["era"], first["return_1d"], first["above_sma20"], first["drawdown"]) == (1, None, None, 0.0)
    assert row(frame, AT + doubts.WAIT + 1)["return_1d"] is not None
    assert row(frame, AT + doubts.WAIT + 19)["above_sma20"] is not None
    assert row(frame, AT + doubts.WAIT + 251)["new_low_52w"] is None


def test_bars_set_right_are_not_in_doubt() -> None:
    assert doubted(told({"STK": quiet(SESSIONS), "IDX": INDEX})) == []


def test_what_adjclose_proves_is_doubted_whatever_was_traded() -> None:
    step = Told("STK", "step", AT, 2.0, AT)
    frame = told({"STK": stepped(1 / 2, volume=30), "IDX": INDEX}, [step], as_of=AT)
    assert row(frame, AT)["doubt"] == doubts.UNLISTED


@pytest.mark.parametrize(("value", "shares", "until"), [(0.5, 1.0, AT + 1), (1.0, 1.0, SESSIONS), (0.5, 2.0, SESSIONS)])
def test_a_funds_own_value_confirms_or_not(value: float, shares: float, until: int) -> None:
    """Value halved at unchanged shares: real. Unchanged: a bad print. Halved with twice the shares: a split."""
    values = {AT - 1: Value(50.0, 1e6, AT), AT: Value(50.0 * value, 1e6 * shares, AT + 1)}
    frame = told({"FND": stepped(1 / 2), "IDX": INDEX}, values=values)
    assert doubted(frame, "FND") == list(range(AT, min(until, AT + doubts.WAIT)))
    if until == AT + 1:
        assert row(frame, until, "FND")["drawdown"] == pytest.approx(-0.5, abs=0.02)


def test_a_split_withdrawn_is_undone_when_that_is_learnt_and_changes_no_row_before() -> None:
    listed, gone = Told("STK", "split", AT, 2.0, AT), Told("STK", "split", AT, None, AT + 4)
    bars = {"STK": quiet(SESSIONS), "IDX": INDEX}
    before, after = told(bars, [listed, gone], as_of=AT + 3), told(bars, [listed, gone])
    assert after.filter(pl.col("session_no") <= AT + 3).equals(before)
    assert doubted(after) == list(range(AT, AT + 4))
    assert row(after, AT + 4)["close_split"] == pytest.approx(bars["STK"][AT + 4].close)
    assert row(after, AT + 5)["return_1d"] is not None


@pytest.mark.parametrize(
    ("cash", "fall", "is_aside"),
    [(50.0, 0.0, True), (50.0, 0.33, False), (10.0, 0.0, True), (8.0, 0.08, False), (4.5, 0.0, False)],
)
def test_a_payout_above_six_percent_must_show(cash: float, fall: float, is_aside: bool) -> None:
    path = [bar if n < AT else replace(bar, close=bar.close * (1 - fall)) for n, bar in enumerate(quiet(SESSIONS))]
    frame = told({"STK": path, "IDX": INDEX}, [Told("STK", "dividend", AT, cash, AT)])
    now = row(frame, AT)
    assert now["is_payout_aside"] is is_aside
    assert (now["return_1d"] is None) == is_aside
    assert (row(frame, SESSIONS - 1)["tr_factor"] == 1) == is_aside
    assert now["move"] in "AD" and now["above_sma20"] is not None, "only the total return is missing"


def test_a_payout_its_own_answer_contradicts_is_set_aside() -> None:
    frame = told({"STK": quiet(SESSIONS), "IDX": INDEX}, [Told("STK", "dividend", AT, 1.0, AT, "adjclose")])
    assert row(frame, AT)["is_payout_aside"] and row(frame, SESSIONS - 1)["tr_factor"] == 1


def test_a_payout_moved_to_another_day_counts_once() -> None:
    events = [
        Told("STK", "dividend", AT, 1.0, AT),
        Told("STK", "dividend", AT, None, AT + 2),
        Told("STK", "dividend", AT + 1, 1.0, AT + 2),
    ]
    assert row(told({"STK": quiet(SESSIONS), "IDX": INDEX}, events), SESSIONS - 1)["tr_factor"] == pytest.approx(
        1.01, abs=1e-3
    )


@pytest.mark.parametrize(("factor", "is_aside"), [(100, True), (1_000, True), (1 / 100, True), (15, False), (1, False)])
def test_a_volume_out_of_scale_is_set_aside_and_the_price_stays(factor: float, is_aside: bool) -> None:
    path = quiet(SESSIONS)
    path = [replace(bar, volume=1_000_000 + 10_000 * (n % 7)) for n, bar in enumerate(path)]
    path[AT] = replace(path[AT], volume=round(1_000_000 * factor))
    now = row(told({"STK": path, "IDX": INDEX}), AT)
    assert now["is_volume_aside"] is is_aside and (now["volume_split"] is None) == is_aside
    assert now["return_1d"] is not None


def test_a_smaller_step_of_volume_is_believed_alone_and_not_when_it_lasts() -> None:
    path = [replace(bar, volume=1_000_000 + 10_000 * (n % 7)) for n, bar in enumerate(quiet(SESSIONS))]
    path[AT : AT + 3] = [replace(bar, volume=30_000_000) for bar in path[AT : AT + 3]]
    frame = told({"STK": path, "IDX": INDEX})
    assert [row(frame, n)["is_volume_aside"] for n in range(AT, AT + 4)] == [False, True, True, False]
    path[AT] = replace(path[AT], close=path[AT].close * 1.09)  # with news it may last
    assert [row(told({"STK": path, "IDX": INDEX}), n)["is_volume_aside"] for n in (AT, AT + 1)] == [False, False]


def test_a_smaller_step_of_volume_of_many_stocks_at_once_is_the_vendors() -> None:
    base = quiet(SESSIONS)
    names = [f"S{n}" for n in range(5)]
    frame = pl.DataFrame(
        [
            (
                name,
                "stock",
                n,
                bar.high,
                bar.low,
                bar.close,
                (30 if n == AT and name < "S3" else 1) * (1_000 + n % 7),
                1.0,
            )
            for name in names
            for n, bar in enumerate(base)
        ],
        schema=["instrument_id", "asset_class", "session_no", "high", "low", "close", "volume", "split_factor"],
        orient="row",
    ).with_columns(cash=pl.lit(None, pl.Float64), has_late_split=False, is_cash_doubted=False, has_unlisted_step=False)
    said = doubts.judge(frame, {}, {})
    assert said.filter("is_volume_aside")["instrument_id"].to_list() == ["S0", "S1", "S2"]
    few = doubts.judge(frame.filter(pl.col("instrument_id").is_in(["S1", "S2", "S3", "S4"])), {}, {})
    assert few.is_empty(), "two of them may have had a day"


def test_without_enough_past_or_across_a_hole_nothing_is_judged() -> None:
    assert doubted(told({"STK": stepped(1 / 2, start=9), "IDX": INDEX})) == []
    holed: list[Bar | None] = [None if AT - 6 <= n < AT else bar for n, bar in enumerate(stepped(1 / 2))]
    assert doubted(told({"STK": holed, "IDX": INDEX})) == []
    assert doubts.judge(pl.DataFrame(schema={"instrument_id": pl.String, "session_no": pl.Int64}), {}, {}).is_empty()


_EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["split", "dividend"]),
        st.integers(AT - 5, SESSIONS - 1),
        st.sampled_from([None, 0.4, 2.0, 9.0]),
        st.integers(0, 8),
    ),
    max_size=5,
)
_FACTORS = st.lists(st.tuples(st.integers(AT - 5, SESSIONS - 1), st.sampled_from([0.5, 2.0, 0.8])), max_size=3)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(events=_EVENTS, factors=_FACTORS, day=st.integers(AT - 5, SESSIONS - 2), volume=st.sampled_from([1, 20]))
def test_nothing_learnt_later_changes_a_row(
    events: list[tuple[str, int, float | None, int]], factors: list[tuple[int, float]], day: int, volume: int
) -> None:
    """Splits and payouts listed in time, late, corrected, withdrawn; steps with and without them: past rows stand."""
    path = quiet(SESSIONS)
    for start, factor in factors:
        path = [replace(bar, close=bar.close * factor) if n >= start else bar for n, bar in enumerate(path)]
        path[start] = replace(path[start], volume=1_000 * volume)
    versions = [Told("STK", action, ex, value, ex + late) for action, ex, value, late in events]
    versions.sort(key=lambda one: one.known)
    bars = {"STK": path, "IDX": INDEX}
    before, after = told(bars, versions, as_of=day), told(bars, versions)
    assert after.filter(pl.col("session_no") <= day).equals(before)
