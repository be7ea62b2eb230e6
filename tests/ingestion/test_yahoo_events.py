"""Events of one chart answer: several on one day, the same under two keys, bars and adjclose that disagree with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import payloads as p
import polars as pl
import pytest

from ingestion import calendar
from ingestion.sources import yahoo

DAYS = [day for day in calendar.sessions() if date(2025, 11, 3) <= day <= date(2026, 1, 15)]
EX = date(2026, 1, 7)
AT = DAYS.index(EX)
Entry = dict[str, Any]


def quiet(base: float = 100.0) -> list[float]:
    """+0.4 %, -0.3 %, ...: a price without any step."""
    path, price = [], base
    for n in range(len(DAYS)):
        price *= 1.004 if n % 2 else 0.997
        path.append(price)
    return path


def split(day: date, new: float, old: float, hour: int = 9) -> Entry:
    return {"date": p.opening(day, at=p.time(hour, 30)), "numerator": new, "denominator": old}


def paid(day: date, amount: float, hour: int = 9) -> Entry:
    return {"date": p.opening(day, at=p.time(hour, 30)), "amount": amount}


def chart(
    closes: Sequence[float],
    splits: Sequence[Entry] = (),
    dividends: Sequence[Entry] = (),
    gains: Sequence[Entry] = (),
    adjusted: Sequence[float | None] | None = None,
    days: Sequence[date] = DAYS,
) -> bytes:
    """An answer; every event stands under a key of its own, ``adjusted`` is the adjclose (None: the closes)."""
    bars: list[p.Bar] = [(d, c, c * 1.01, c * 0.99, c, 1_000) for d, c in zip(days, closes, strict=True)]
    answer = json.loads(p.yahoo(bars))
    result = answer["chart"]["result"][0]
    held = {"splits": splits, "dividends": dividends, "capitalGains": gains}
    result["events"] = {
        kind: {str(n): entry for n, entry in enumerate(entries)} for kind, entries in held.items() if entries
    }
    result["indicators"]["adjclose"] = [{"adjclose": list(adjusted if adjusted is not None else closes)}]
    return json.dumps(answer).encode()


def actions(body: bytes) -> list[tuple[object, ...]]:
    return yahoo.parse_actions(body, p.request("ABC")).drop("symbol").rows()


def bars(body: bytes) -> pl.DataFrame:
    return yahoo.parse_bars(body, p.request("ABC"))


def adjclose(closes: Sequence[float], payouts: dict[date, float]) -> list[float]:
    """Yahoo's rule: closes before an ex-date times 1 - payout / close of the session before it."""
    factor, out = 1.0, []
    for n in range(len(closes) - 1, -1, -1):
        out.append(closes[n] * factor)
        if DAYS[n] in payouts:
            factor *= 1 - payouts[DAYS[n]] / closes[n - 1]
    return out[::-1]


def test_two_splits_on_one_day_multiply_and_the_same_one_twice_counts_once() -> None:
    closes = [price / 2 for price in quiet()]
    body = chart(closes, splits=[split(EX, 1, 4), split(EX, 8, 1, hour=10)])
    assert actions(body) == [(EX, "split", 2.0, None)]
    assert bars(body)["close"].to_list() == pytest.approx(
        [round(2 * c if d < EX else c, 4) for d, c in zip(DAYS, closes, strict=True)], abs=1e-2
    )
    for again in (split(EX, 2, 1), split(EX, 2, 1, hour=10), split(EX, 4, 2, hour=11)):
        assert actions(chart(closes, splits=[split(EX, 2, 1), again])) == [(EX, "split", 2.0, None)]


def test_payouts_of_one_day_add_up_and_the_same_one_twice_counts_once() -> None:
    def cash(*dividends: Entry, gains: Sequence[Entry] = ()) -> list[tuple[object, ...]]:
        return actions(chart(quiet(), dividends=dividends, gains=gains))

    assert cash(paid(EX, 0.5), paid(EX, 4.0, hour=10)) == [(EX, "dividend", 4.5, None)]
    assert cash(paid(EX, 1.0), paid(EX, 1.0, hour=10)) == [(EX, "dividend", 2.0, None)]
    assert cash(paid(EX, 1.0), paid(EX, 1.0)) == [(EX, "dividend", 1.0, None)]
    assert cash(paid(EX, 0.5), gains=[paid(EX, 1.25)]) == [(EX, "dividend", 1.75, None)]
    assert cash(gains=[paid(EX, 1.25)]) == [(EX, "dividend", 1.25, None)]


def test_a_capital_gain_that_the_dividend_holds_already_is_not_counted_twice() -> None:
    closes = quiet()
    held = chart(closes, dividends=[paid(EX, 2.0)], gains=[paid(EX, 1.5)], adjusted=adjclose(closes, {EX: 2.0}))
    apart = chart(closes, dividends=[paid(EX, 2.0)], gains=[paid(EX, 1.5)], adjusted=adjclose(closes, {EX: 3.5}))
    assert actions(held) == [(EX, "dividend", 2.0, None)]
    assert actions(apart) == [(EX, "dividend", 3.5, None)]


def test_a_json_key_that_stands_twice_loses_no_event() -> None:
    body = chart(quiet(), dividends=[paid(EX, 0.5), paid(EX, 4.0, hour=10)]).replace(b'"1": {"date"', b'"0": {"date"')
    assert body.count(b'"0": {"date"') == 2
    assert actions(body) == [(EX, "dividend", 4.5, None)]


def test_a_split_that_is_listed_before_the_bars_are_adjusted() -> None:
    traded = [price if day < EX else price / 2 for day, price in zip(DAYS, quiet(), strict=True)]
    body = chart(traded, splits=[split(EX, 2, 1)])
    assert bars(body)["close"].to_list() == pytest.approx([round(price, 4) for price in traded], abs=1e-4)
    assert bars(body)["volume"].to_list() == [1_000] * len(DAYS)
    assert actions(body) == [(EX, "split", 2.0, None)]
    reverse = [price if day < EX else price * 3 for day, price in zip(DAYS, quiet(), strict=True)]
    assert bars(chart(reverse, splits=[split(EX, 1, 3)]))["close"][0] == pytest.approx(reverse[0], abs=1e-4)


def test_an_adjustment_that_ends_some_days_before_the_split() -> None:
    half = [p / 2 if n < AT - 4 or n >= AT else p for n, p in enumerate(quiet())]
    traded = [p if n < AT else p / 2 for n, p in enumerate(quiet())]
    assert bars(chart(half, splits=[split(EX, 2, 1)]))["close"].to_list() == pytest.approx(traded, abs=1e-3)


def test_a_fall_that_is_not_the_splits_leaves_the_bars_adjusted() -> None:
    fell = [price / 2 if day < EX else price / 2 * 0.8 for day, price in zip(DAYS, quiet(), strict=True)]
    assert bars(chart(fell, splits=[split(EX, 2, 1)]))["close"][0] == pytest.approx(quiet()[0], abs=1e-3)


def test_adjclose_decides_about_the_size_of_a_payout() -> None:
    closes, other = quiet(), DAYS[10]
    agreed = chart(
        closes, dividends=[paid(other, 0.5), paid(EX, 0.52)], adjusted=adjclose(closes, {other: 0.5, EX: 0.52})
    )
    assert [row[3] for row in actions(agreed)] == [None, None]
    hundred = chart(
        closes, dividends=[paid(other, 0.5), paid(EX, 2.0)], adjusted=adjclose(closes, {other: 0.5, EX: 0.02})
    )
    assert actions(hundred) == [(other, "dividend", 0.5, None), (EX, "dividend", 2.0, "adjclose")]
    ignored = chart(closes, dividends=[paid(other, 0.5), paid(EX, 2.0)], adjusted=adjclose(closes, {other: 0.5}))
    assert actions(ignored)[1] == (EX, "dividend", 2.0, "adjclose")
    silent = chart(closes, dividends=[paid(other, 0.5), paid(EX, 2.0)])  # adjclose repeats the closes: it says nothing
    assert [row[3] for row in actions(silent)] == [None, None]


def test_a_payout_that_was_not_split_adjusted_is_what_adjclose_says() -> None:
    closes, before = [price / 5 for price in quiet()], DAYS[10]
    told = adjclose(closes, {before: 0.4})
    raw = chart(closes, splits=[split(EX, 5, 1)], dividends=[paid(before, 2.0)], adjusted=told)
    adjusted = chart(closes, splits=[split(EX, 5, 1)], dividends=[paid(before, 0.4)], adjusted=told)
    assert actions(raw) == actions(adjusted) == [(before, "dividend", 2.0, None), (EX, "split", 5.0, None)]


def test_payouts_larger_by_the_splits_own_ratio_were_not_adjusted_for_it() -> None:
    closes = [price / 5 for price in quiet()]
    days = [DAYS[5], DAYS[15], DAYS[-4], DAYS[-2]]
    given = chart(closes, [split(EX, 5, 1)], [paid(d, 2.0 if d < EX else 0.4) for d in days])
    assert [row[2] for row in actions(given) if row[1] == "dividend"] == [2.0, 2.0, 0.4, 0.4]
    right = chart(closes, [split(EX, 5, 1)], [paid(d, 0.4) for d in days])
    assert [row[2] for row in actions(right) if row[1] == "dividend"] == [2.0, 2.0, 0.4, 0.4]


@pytest.mark.parametrize("factor", [0.5, 2 / 3, 3.0])
def test_a_step_that_adjclose_does_not_make_is_a_split_that_is_not_listed(factor: float) -> None:
    closes = [price if day < EX else price * factor for day, price in zip(DAYS, quiet(), strict=True)]
    smooth = [price * factor for price in adjclose(quiet(), {DAYS[10]: 0.5})]
    listed = [paid(DAYS[10], 0.5 * factor)]
    (step,) = [row for row in actions(chart(closes, dividends=listed, adjusted=smooth)) if row[1] == "step"]
    assert step[0] == EX
    assert step[2] == pytest.approx(1 / factor, rel=0.01)
    real = [
        price if day < EX else price * factor
        for day, price in zip(DAYS, adjclose(quiet(), {DAYS[10]: 0.5}), strict=True)
    ]
    assert [row[1] for row in actions(chart(closes, dividends=listed, adjusted=real))] == ["dividend"]


@pytest.mark.parametrize(
    ("amount", "ratio", "was_paid"),
    [
        (0.094643, (28, 1), 2.65),
        (0.249805, (1281, 1000), 0.32),
        (1.7, (1, 8), 0.2125),
        (0.0375, (4, 1), 0.15),
        (0.019, (10, 1), 0.19),
    ],
)
def test_payouts_are_what_can_have_been_declared(amount: float, ratio: tuple[int, int], was_paid: float) -> None:
    body = chart(quiet(), splits=[split(EX, *ratio)], dividends=[paid(DAYS[10], amount)])
    assert actions(body)[0] == (DAYS[10], "dividend", was_paid, None)


def test_a_payout_is_the_same_before_and_after_a_later_split() -> None:
    for was_paid in (0.5, 0.47, 2.65, 0.2125, 1.333333, 0.071531):
        before = actions(chart(quiet(), dividends=[paid(DAYS[10], was_paid)]))[0][2]
        for new, old in ((2, 1), (10, 1), (1281, 1000), (3, 2)):
            listed = round(was_paid * old / new, 6)
            after = actions(chart(quiet(), [split(EX, new, old)], [paid(DAYS[10], listed)]))[0][2]
            assert after == pytest.approx(before, abs=6e-7 * new / old + 6e-7)
            assert after == before or was_paid in (1.333333, 0.071531)


def test_volumes_of_full_hundreds_are_the_same_before_and_after_a_reverse_split() -> None:
    for volume in (100, 6_792_900, 12_345_600):
        answer = json.loads(chart(quiet(), splits=[split(EX, 1, 8)]))
        quote = answer["chart"]["result"][0]["indicators"]["quote"][0]
        quote["volume"] = [round(volume / 8)] * len(DAYS)
        held = bars(json.dumps(answer).encode())
        assert held.filter(pl.col("session_date") < EX)["volume"].unique().to_list() == [volume]


def test_a_day_twice_at_the_same_prices_is_one_row_told_twice() -> None:
    days, closes = [*DAYS, DAYS[-1]], [*quiet(), quiet()[-1]]
    answer = json.loads(chart(closes, days=days))
    answer["chart"]["result"][0]["indicators"]["quote"][0]["volume"][-1] = 1_700
    twice = bars(json.dumps(answer).encode()).filter(pl.col("session_date") == DAYS[-1])
    assert twice.height == 2 and twice.unique().height == 1
    assert twice["volume"].to_list() == [1_700, 1_700]
    other = bars(chart([*quiet(), quiet()[-1] + 1], days=days)).filter(pl.col("session_date") == DAYS[-1])
    assert other.unique().height == 2


def test_an_answer_without_adjclose_or_with_a_broken_one_is_read_all_the_same() -> None:
    for broken in (None, [], [{}], [{"adjclose": [1.0]}], [{"adjclose": ["x"] * len(DAYS)}]):
        answer = json.loads(chart(quiet(), dividends=[paid(EX, 0.5)]))
        answer["chart"]["result"][0]["indicators"]["adjclose"] = broken
        assert actions(json.dumps(answer).encode()) == [(EX, "dividend", 0.5, None)]
    holed = chart(quiet(), dividends=[paid(EX, 0.5)], adjusted=[None] * len(DAYS))
    assert actions(holed) == [(EX, "dividend", 0.5, None)]


def test_the_overlaps_edge_says_nothing_about_a_payout_on_it() -> None:
    closes = quiet()
    first = AT
    body = chart(
        closes[first:], dividends=[paid(EX, 0.5)], days=DAYS[first:], adjusted=[c * 0.99 for c in closes[first:]]
    )
    request = p.request("ABC", first=EX - timedelta(days=1), whole=False)
    assert yahoo.parse_actions(body, request)["doubt"].to_list() == [None]
