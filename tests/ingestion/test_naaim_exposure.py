"""NAAIM: one sheet named after the year, weeks told again at its foot, and an address that has to be guessed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import payloads as p
import polars as pl
import pytest
from payloads.naaim_exposure import HEADER, LINES, book

from ingestion.fetch import ask
from ingestion.http import Client
from ingestion.sample.transport import SAMPLE_NOW, SampleTransport
from ingestion.sample.workbooks import Cell, xlsx
from ingestion.source import Covered, FetchState, ShapeError
from ingestion.sources import naaim
from ingestion.transport import Vendors

ASKED = p.request("exposure")
FIRST = date(2006, 7, 1)


def changed(at: int, value: Cell) -> bytes:
    return book([[*LINES[0][:at], value, *LINES[0][at + 1 :]], *LINES[1:]])


def test_each_week_once_oldest_first() -> None:
    frame = naaim.parse(book(), ASKED)
    assert frame.rows() == [
        (date(2025, 12, 30), -3.123456, -200.0, 0.0, 150.0, 72.0),
        (date(2026, 1, 7), 80.0, -100.0, 90.0, 200.0, 53.25),
        (date(2026, 1, 14), 92.25, -25.0, 100.0, 200.0, 41.5),
    ]
    (rules,) = [source.rules for source in naaim.SOURCES]
    assert not any(frame.filter(rule.bad).height for rule in rules)


def test_a_week_told_in_two_ways_is_left_to_the_loader() -> None:
    told = naaim.parse(book([*LINES, ["2026-01-07", *LINES[1][1:8], 81.0, 6850.0]]), ASKED)
    assert told["observed_on"].to_list().count(date(2026, 1, 7)) == 2


def test_known_on_the_session_after_the_wednesday() -> None:
    """After Thanksgiving on the Friday; a survey of the Tuesday is told no sooner, one of a Thursday a day later."""
    days = [date(2026, 1, 14), date(2025, 11, 26), date(2025, 11, 25), date(2018, 10, 18)]
    told = naaim.known_at(pl.DataFrame({"observed_on": days}))
    assert told.to_list() == [
        datetime(2026, 1, 15, 23, tzinfo=UTC),
        datetime(2025, 11, 28, 23, tzinfo=UTC),
        datetime(2025, 11, 28, 23, tzinfo=UTC),
        datetime(2018, 10, 19, 22, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "body",
    [
        book(header=["Day", *HEADER[1:]]),
        book(header=[*HEADER[:-1], "Date"]),
        changed(0, "14.01.2026"),
        changed(8, "n/a"),
        changed(8, None),
        book([LINES[0], [None] * 10, *LINES[1:]]),
        xlsx({"A": [HEADER, *LINES], "B": [HEADER]}),
        b"<html>blocked</html>",
    ],
)
def test_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ShapeError):
        naaim.parse(body, ASKED)


def test_impossible_answers_break_a_rule() -> None:
    def broken(**told: float) -> list[str]:
        row = {
            "exposure": 80.0,
            "most_bearish": -100.0,
            "median": 90.0,
            "most_bullish": 200.0,
            "deviation": 50.0,
        } | told
        return [rule.name for rule in naaim.SOURCES[0].rules if pl.DataFrame(row).filter(rule.bad).height]

    assert broken() == []
    assert broken(most_bullish=8000.0) == ["answer_out_of_range"]
    assert broken(exposure=-120.0) == broken(median=210.0) == ["answers_out_of_order"]
    assert broken(deviation=-1.0) == ["deviation_negative"]


def _asked(as_of: datetime, *marks: Covered) -> list[str]:
    state = FetchState("core", {}, dict.fromkeys(["exposure"], marks[0]) if marks else {})
    return [r.url.rpartition("/uploads/")[2] for r in naaim.requests(state, as_of)]


def test_the_address_carries_the_wednesday_then_the_thursday_then_the_tuesday() -> None:
    """Asked again each session until something came; the month is the one in which the week is told."""
    thursday = datetime(2026, 1, 16, 1, tzinfo=UTC)  # 20:00 New York of the 15th
    held = Covered(FIRST, date(2026, 1, 7), thursday - timedelta(7), "data", date(2026, 1, 7))
    name = "USE_Data-since-Inception_{}.xlsx"
    assert _asked(thursday) == _asked(thursday, held) == ["2026/01/" + name.format("2026-01-14")]
    assert _asked(thursday - timedelta(hours=4), held) == []  # on Thursday afternoon the 7th is still the newest
    friday = thursday + timedelta(1)
    nothing = Covered(FIRST, date(2026, 1, 14), thursday, "data", date(2026, 1, 7), 1)
    assert _asked(thursday, nothing) == []
    assert _asked(friday, nothing) == ["2026/01/" + name.format("2026-01-15")]
    twice = Covered(FIRST, date(2026, 1, 14), thursday, "data", date(2026, 1, 7), 2)
    assert _asked(friday, twice) == ["2026/01/" + name.format("2026-01-13")]
    done = Covered(FIRST, date(2026, 1, 14), thursday, "data", date(2026, 1, 14))
    assert _asked(friday, done) == []
    assert _asked(datetime(2025, 10, 3, 1, tzinfo=UTC)) == ["2025/10/" + name.format("2025-10-01")]
    assert _asked(datetime(2025, 5, 2, 0, tzinfo=UTC)) == ["2025/05/" + name.format("2025-04-30")]


def test_an_address_that_is_not_there_is_no_error() -> None:
    source = naaim.SOURCES[0]
    with Client(Vendors("sample"), lambda: SAMPLE_NOW, transport=SampleTransport(SAMPLE_NOW, ())) as client:
        (question,) = naaim.requests(FetchState("core"), SAMPLE_NOW)
        assert ask(client, source, question, lambda: SAMPLE_NOW).outcome == "data"
        other = replace(question, url=question.url.replace("2026-01-14", "2026-01-15"))
        assert ask(client, source, other, lambda: SAMPLE_NOW).outcome == "empty"
