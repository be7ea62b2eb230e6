"""Federal funds futures: prices of a contract month, which contracts are asked for, and the end of a contract."""

from datetime import UTC, date, datetime, timedelta

import payloads as p
import pytest
from payloads.yahoo_fed_funds import CONTRACT, SERIES

from ingestion.source import Covered, FetchState, ShapeError
from ingestion.sources import yahoo_futures as futures

CHART = p.yahoo(CONTRACT, SERIES, "FUTURE")
EXPIRED, LAST = "ZQZ25.CBT", date(2025, 12, 31)


def asked(**covered: Covered) -> dict[str, tuple[date, date, bool]]:
    marks = {f"{name}.CBT": mark for name, mark in covered.items()}
    return {r.series: (r.first, r.last, r.whole) for r in futures.requests(FetchState("core", {}, marks), p.ASKED)}


def test_prices_are_dated_by_contract_and_session() -> None:
    frame = futures.parse(CHART, p.request(SERIES))
    assert dict(frame.schema) == {name: column.dtype for name, column in futures.COLUMNS.items()}
    assert frame["contract_month"].unique().to_list() == [date(2026, 1, 1)]
    assert frame["settle"].to_list() == [96.365, 96.3625, 96.365]  # steps of a quarter basis point survive float32
    assert frame["volume"].to_list() == [0, 90_412, None]


def test_the_price_of_a_day_that_still_trades_is_not_a_settlement() -> None:
    frame = futures.parse(CHART, p.request(SERIES, p.ASKED - timedelta(hours=4)))  # 16:00 New York
    assert frame["session_date"].to_list() == [date(2026, 1, 13), date(2026, 1, 14)]


def test_a_contract_has_expired_the_day_after_its_last_session() -> None:
    def is_over(symbol: str, asked_at: datetime) -> bool:
        return futures.is_over(p.request(symbol, asked_at))

    evening = datetime(2026, 1, 1, 1, tzinfo=UTC)  # 20:00 New York of the last session of 2025
    assert not is_over(EXPIRED, evening) and is_over(EXPIRED, evening + timedelta(days=1))
    assert not is_over(SERIES, p.ASKED)


def test_the_chart_of_another_contract_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"must be ZQG26\.CBT"):
        futures.parse(CHART, p.request("ZQG26.CBT"))


def test_this_months_contract_36_ahead_and_12_behind_are_asked() -> None:
    found = asked()
    assert len(found) == 49 and next(iter(found)) == "ZQF25.CBT" and list(found)[-1] == "ZQF29.CBT"
    assert [futures.symbol_of(futures.month_of(symbol)) for symbol in found] == list(found)
    assert found[SERIES] == (futures.HISTORY_FROM, date(2026, 1, 15), True)
    assert found[EXPIRED] == (futures.HISTORY_FROM, LAST, True)


def test_a_contract_that_is_held_to_its_last_session_is_never_asked_again() -> None:
    before = p.ASKED - timedelta(days=14)
    kept = Covered(futures.HISTORY_FROM, LAST, before, data_to=LAST)
    short = Covered(futures.HISTORY_FROM, date(2025, 12, 30), before, data_to=date(2025, 12, 30))
    assert EXPIRED not in asked(ZQZ25=kept)
    assert asked(ZQZ25=short)[EXPIRED] == (date(2025, 12, 20), LAST, False)
    assert SERIES in asked(ZQF26=Covered(futures.HISTORY_FROM, date(2026, 1, 14), before))


def test_an_expired_contract_is_given_up_after_some_empty_answers() -> None:
    before = p.ASKED - timedelta(days=7)
    last_seen = date(2025, 12, 15)
    for nothings, is_asked in ((1, True), (2, True), (3, False)):
        mark = Covered(futures.HISTORY_FROM, LAST, before, data_to=last_seen, nothings=nothings)
        assert (EXPIRED in asked(ZQZ25=mark)) is is_asked
    listed = Covered(futures.HISTORY_FROM, date(2026, 1, 8), before, data_to=last_seen, nothings=9)
    assert SERIES in asked(ZQF26=listed), "one that trades is asked each session"
