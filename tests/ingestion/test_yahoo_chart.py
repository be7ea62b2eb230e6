"""Yahoo: dates, as-traded prices, events, unfinished bars, and everything that is not an answer."""

import json
from datetime import UTC, date, datetime

import payloads as p
import polars as pl
import pytest

from ingestion.source import EmptyAnswer, NoSuchSeries, ShapeError
from ingestion.sources import yahoo

BAR_RULES = {rule.name: rule for rule in yahoo.SOURCES[0].rules}


def bars(body: bytes, asked: datetime = p.ASKED, series: str = "ABC") -> pl.DataFrame:
    return yahoo.parse_bars(body, p.request(series, asked))


def changed(**changes: object) -> bytes:
    answer = json.loads(p.yahoo(p.BARS))
    answer["chart"]["result"][0] |= changes
    return json.dumps(answer).encode()


def test_bars_are_clean_dated_and_typed() -> None:
    frame = bars(p.yahoo(p.BARS))
    assert dict(frame.schema) == {name: column.dtype for name, column in yahoo.BAR_COLUMNS.items()}
    assert frame["session_date"].to_list() == [bar[0] for bar in p.BARS]
    assert frame["close"].to_list() == [34.55, 34.11, 33.07, 33.49]
    assert frame["volume"].to_list() == [1_000, 2_000, 3_000, 4_000]


def test_prices_and_volumes_before_a_split_are_as_traded() -> None:
    day = [date(2026, 1, d) for d in (12, 13, 14, 15)]
    adjusted: list[p.Bar] = [
        (day[0], 0.30649, 0.30650, 0.30425, 0.3065, 40_000),
        (day[1], 1.0, 1.0, 1.0, 1.0, 40_000),
        (day[2], 1.5, 1.5, 1.5, 1.5, 40_000),
        (day[3], 2.0, 2.0, 2.0, 2.0, 40_000),
    ]
    frame = bars(p.yahoo(adjusted, splits={day[1]: (10, 1), day[3]: (4, 1)}))
    assert frame["close"].to_list() == [12.26, 4.0, 6.0, 2.0]
    assert frame["low"][0] == 12.17
    assert frame["open"][0] == 12.2596  # no cent within float32 precision: four decimals
    assert frame["volume"].to_list() == [1_000, 10_000, 10_000, 40_000]
    assert frame["split_ratio"].to_list() == [1.0, 10.0, 1.0, 4.0]


def test_reverse_split() -> None:
    day: list[p.Bar] = [(date(2026, 1, 13), 80.0, 84.0, 79.2, 80.88, 1_000), (date(2026, 1, 14), 81, 82, 80, 81.5, 900)]
    frame = bars(p.yahoo(day, splits={date(2026, 1, 14): (1, 8)}))
    assert frame["close"].to_list() == [10.11, 81.5]
    assert frame["volume"].to_list() == [8_000, 900]
    assert frame["split_ratio"].to_list() == [1.0, 0.125]


def test_a_split_announced_for_a_later_session_changes_nothing() -> None:
    body = p.yahoo(p.BARS, splits={date(2026, 1, 20): (2, 1)})
    assert bars(body)["close"].to_list() == [34.55, 34.11, 33.07, 33.49]
    with pytest.raises(EmptyAnswer):
        yahoo.parse_actions(body, p.request("ABC"))


def test_actions_undo_later_splits() -> None:
    body = p.yahoo(
        p.BARS,
        splits={date(2026, 1, 13): (7, 1), date(2026, 1, 15): (4, 1)},
        dividends={date(2026, 1, 12): 0.094643, date(2026, 1, 14): 0.1175, date(2026, 1, 15): 0.205},
    )
    frame = yahoo.parse_actions(body, p.request("ABC"))
    assert frame.drop("doubt").rows() == [
        ("ABC", date(2026, 1, 12), "dividend", 2.65),
        ("ABC", date(2026, 1, 13), "split", 7.0),
        ("ABC", date(2026, 1, 14), "dividend", 0.47),
        ("ABC", date(2026, 1, 15), "dividend", 0.205),
        ("ABC", date(2026, 1, 15), "split", 4.0),
    ]
    assert yahoo.actions_known_at(frame)[1] == datetime(2026, 1, 13, 14, 30, tzinfo=UTC)


def test_an_event_whose_ex_date_has_not_begun_is_left_out() -> None:
    body = p.yahoo(p.BARS, dividends={date(2026, 1, 12): 0.1, date(2026, 1, 15): 0.2})
    at_nine = datetime(2026, 1, 15, 14, 0, tzinfo=UTC)
    assert yahoo.parse_actions(body, p.request("ABC", at_nine))["value"].to_list() == [0.1]


@pytest.mark.parametrize(
    ("asked", "newest"),
    [
        (datetime(2026, 1, 15, 18, 0, tzinfo=UTC), date(2026, 1, 14)),
        (datetime(2026, 1, 15, 21, 14, 59, tzinfo=UTC), date(2026, 1, 14)),
        (datetime(2026, 1, 15, 21, 15, tzinfo=UTC), date(2026, 1, 15)),
        (datetime(2026, 1, 14, 2, 0, tzinfo=UTC), date(2026, 1, 13)),
    ],
)
def test_a_stock_bar_is_final_a_quarter_of_an_hour_after_the_close(asked: datetime, newest: date) -> None:
    assert bars(p.yahoo(p.BARS), asked)["session_date"].max() == newest


def test_half_day_and_future_have_their_own_ends() -> None:
    half_day: list[p.Bar] = [(date(2025, 12, 23), 1, 1, 1, 1, 1), (date(2025, 12, 24), 2, 2, 2, 2, 1)]
    after_one = datetime(2025, 12, 24, 18, 20, tzinfo=UTC)
    assert bars(p.yahoo(half_day), after_one).height == 2
    assert bars(p.yahoo(half_day, kind="FUTURE"), after_one).height == 1


def test_unfinished_live_row_is_dropped_and_other_doubles_stay_for_quarantine() -> None:
    live = [*p.BARS, (date(2026, 1, 15), 33.1, 33.7, 32.9, 33.60, 4_500)]
    assert bars(p.yahoo(live), datetime(2026, 1, 15, 19, tzinfo=UTC)).height == 3
    assert bars(p.yahoo(live))["session_date"].is_duplicated().sum() == 2


def test_days_are_those_of_the_exchange() -> None:
    tokyo: list[p.Bar] = [(date(2026, 1, 13), 1, 1, 1, 1, 1)]
    assert bars(p.yahoo(tokyo, zone="Asia/Tokyo", kind="CURRENCY"))["session_date"].to_list() == [date(2026, 1, 13)]


def test_rows_without_a_close_are_dropped_and_volume_may_be_missing() -> None:
    holed: list[p.Bar] = [
        (date(2026, 1, 13), None, None, None, None, None),
        (date(2026, 1, 14), 1, 1, 1, 1, None),
    ]
    frame = bars(p.yahoo(holed))
    assert frame["session_date"].to_list() == [date(2026, 1, 14)]
    assert frame["volume"].to_list() == [None]


def test_symbols_are_text_whatever_they_spell() -> None:
    for symbol in ("NA", "TRUE", "NULL", "NAN", "T"):
        assert bars(p.yahoo(p.BARS, symbol), series=symbol)["symbol"].to_list() == [symbol] * 4


def test_empty_unknown_and_error_are_three_things() -> None:
    with pytest.raises(EmptyAnswer):
        bars(p.YAHOO_NOTHING)
    with pytest.raises(EmptyAnswer):
        bars(p.yahoo([]))
    with pytest.raises(NoSuchSeries, match="delisted"):
        bars(p.YAHOO_UNKNOWN)
    with pytest.raises(EmptyAnswer):
        yahoo.parse_actions(p.yahoo(p.BARS), p.request("ABC"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "must not be empty"),
        (b"\xef\xbb\xbf  \n", "must not be empty"),
        (p.HTML, "must be JSON"),
        (p.NOTE, "must hold 'chart'"),
        (p.YAHOO_FAULT, "Internal Error"),
        (b'"Too Many Requests"', "must be JSON"),
        (p.GOOD_YAHOO[: len(p.GOOD_YAHOO) // 2], "declared shape"),
        (p.GOOD_YAHOO.replace(b"34.", b"NaN", 1), "declared shape"),
        (p.GOOD_YAHOO.replace(b'"close"', b'"Close"'), r"\['close'\]"),
        (p.GOOD_YAHOO.replace(b'"volume"', b'"close": [1, 2, 3, 4], "volume"'), "appear once"),
        (p.yahoo(p.BARS, "XYZ"), "meta.symbol must be ABC"),
        (p.yahoo(p.BARS, dataGranularity="1mo"), "must be 1d"),
        (p.yahoo(p.BARS, exchangeTimezoneName="Moon/Base"), "declared shape"),
        (p.yahoo(p.BARS, splits={date(2026, 1, 14): (2, 0)}), "declared shape"),
        (p.yahoo(p.BARS, splits={date(2026, 1, 14): (-2, 1)}), "ratio must lie"),
        (changed(timestamp=[p.opening(date(2026, 1, 12))]), "one value per timestamp"),
        (changed(timestamp=[p.opening(b[0]) * 1000 for b in p.BARS]), "epoch seconds"),
        (changed(timestamp=None), "come with timestamps"),
    ],
)
def test_anything_else_is_a_shape_error(body: bytes, says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        bars(body)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"high": float("inf")}, "price_missing"),
        ({"open": None}, "price_missing"),
        ({"low": -0.0}, "price_not_positive"),
        ({"high": 32.0, "close": 32.9}, "high_below_low"),
        ({"close": 33.61}, "close_outside_range"),
        ({"close": 32.8}, "close_outside_range"),
        ({"volume": -1}, "volume_negative"),
        ({"session_date": date(2026, 1, 19)}, "not_a_session"),
    ],
)
def test_each_row_rule_catches_its_own(change: dict[str, object], rule: str) -> None:
    good = bars(p.yahoo(p.BARS)).tail(1)
    bad = good.with_columns(pl.lit(value).cast(good.schema[name]).alias(name) for name, value in change.items())

    def caught(frame: pl.DataFrame, name: str) -> bool:
        return bool(frame.select(BAR_RULES[name].bad.fill_null(False)).to_series().any())

    assert caught(bad, rule)
    assert not any(caught(good, name) for name in BAR_RULES)


def test_bars_off_session_are_fine_where_the_market_is_not_a_us_exchange() -> None:
    holiday: list[p.Bar] = [(date(2025, 11, 27), 99.5, 99.9, 99.1, 99.3, 0)]
    for symbol, kind in (("CL=F", "FUTURE"), ("DX-Y.NYB", "INDEX"), ("EURUSD=X", "CURRENCY")):
        frame = bars(p.yahoo(holiday, symbol, kind), series=symbol)
        assert not frame.select(BAR_RULES["not_a_session"].bad).to_series().any()
    index = bars(p.yahoo(holiday, "^SMP", "INDEX"), series="^SMP")
    assert index.select(BAR_RULES["not_a_session"].bad).to_series().all()


def test_slack_forgives_the_vendors_rounding_only() -> None:
    frame = bars(p.yahoo(p.BARS)).tail(1).with_columns(pl.lit(33.6 * (1 + 5e-7)).alias("close"))
    assert not frame.select(BAR_RULES["close_outside_range"].bad).to_series().any()


def test_futures_may_settle_outside_the_traded_range() -> None:
    thin: list[p.Bar] = [(date(2026, 1, 14), 2000.0, 2000.0, 2000.0, 2010.5, 3)]
    for kind, caught in (("FUTURE", False), ("EQUITY", True)):
        frame = bars(p.yahoo(thin, kind=kind))
        assert frame.select(BAR_RULES["close_outside_range"].bad).to_series().to_list() == [caught]


def test_known_at_is_eight_in_the_evening() -> None:
    assert yahoo.SOURCES[0].known_at(bars(p.yahoo(p.BARS)))[-1] == p.ASKED


def test_crude_oil_may_cost_less_than_nothing() -> None:
    """It settled at -37.63 once; nothing else does, a price of nothing is a fault, and so is one in cents."""
    rule = BAR_RULES["price_not_positive"]
    for symbol, close, caught in (
        ("CL=F", -37.63, False), ("BZ=F", -1.0, False), ("GC=F", -37.63, True), ("CL=F", 0.0, True), ("CL=F", -3763.0, True),
    ):  # fmt: skip
        day: list[p.Bar] = [(date(2020, 4, 20), 17.73, 17.85, min(close, -40.32) if close else 0.0, close, 3)]
        frame = bars(p.yahoo(day, symbol, "FUTURE"), series=symbol)
        assert frame.select(rule.bad).to_series().to_list() == [caught], (symbol, close)
