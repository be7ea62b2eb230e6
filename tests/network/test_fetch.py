"""Asking many questions: outcomes, order, flushes, follow-ups, and what is kept when something breaks midway."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
import wire

from ingestion import fetch as fetching
from ingestion.fetch import FetchReport, Received, ask, fetch
from ingestion.http import HttpError, Response
from ingestion.source import EmptyAnswer, NoSuchSeries, Request, ShapeError, Source

LATER = datetime(2026, 1, 16, 2, tzinfo=UTC)


class Vendor:
    """Stands in for the client: answers by series."""

    def __init__(self, answer: Callable[[Request], bytes]) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def get(self, source: Source, request: Request) -> Response:
        with self._lock:
            self.asked.append(request.series)
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return Response(request.url, 200, {}, self.answer(request), wire.NOW)
        finally:
            with self._lock:
                self._now -= 1


def asked(vendor: Vendor, source: Source, *series: str, **more: Any) -> tuple[FetchReport, list[list[Received]]]:
    kept: list[list[Received]] = []
    report = fetch(vendor, source, [wire.request(name) for name in series], kept.append, lambda: LATER, **more)  # type: ignore[arg-type]
    return report, kept


def names(kept: list[list[Received]]) -> list[str]:
    return [received.request.series for flush in kept for received in flush]


@pytest.mark.parametrize(
    ("answer", "outcome", "note"),
    [
        (wire.reply(), "data", ""),
        (wire.reply(b"<html>please log in</html>"), "error", "must be CSV, not markup"),
        (wire.reply(b'{"Note": "limit"}'), "error", "must be CSV, not markup or JSON"),
        (wire.reply(b""), "error", "must not be empty"),
        (wire.reply(wire.GOOD[:-5], length=-1), "error", "the last row must end"),
        (wire.reply(wire.GOOD.decode().encode("utf-16")), "error", "UTF-8"),
        (wire.reply(b"day,value\n"), "empty", "rows in 2026-01-01"),
        (wire.reply(b"", "404 Not Found"), "missing", "must know the series"),
        (wire.reply(b"busy", "503 Busy"), "error", "HTTP 503: busy"),
        (b"", "error", "remote protocol error"),
    ],
    ids=["data", "html", "note", "nothing", "cut", "utf-16", "empty", "missing", "refused", "broken"],
)
def test_three_outcomes_and_errors_are_kept_apart(server: wire.Server, answer: bytes, outcome: str, note: str) -> None:
    server.says(answer)
    with wire.client(server.base) as client:
        received = ask(client, wire.source(), wire.request(), lambda: LATER)
    assert received.outcome == outcome and note in received.note
    assert (received.frame is not None) == (outcome == "data")
    assert received.fetched_at == (wire.NOW if outcome == "data" else LATER)
    if note.startswith(("must", "HTTP", "the last", "rows")) and outcome != "missing":
        assert received.answer is not None, "what was received is evidence"


def test_a_series_that_ended_and_was_forgotten_is_nothing_and_one_that_goes_on_is_missing(server: wire.Server) -> None:
    outcomes = []
    for is_over in (True, False):
        server.says(wire.reply(b"", "404 Not Found"))
        with wire.client(server.base) as client:
            received = ask(
                client, wire.source(forgotten=lambda request, over=is_over: over), wire.request(), lambda: LATER
            )
        assert "must know the series" in received.note
        outcomes.append(received.outcome)
    assert outcomes == ["empty", "missing"]


def test_a_bug_in_a_parser_is_not_a_vendor_error(server: wire.Server) -> None:
    def broken(body: bytes, request: Request) -> pl.DataFrame:
        raise KeyError("a bug")

    with wire.client(server.base) as client, pytest.raises(KeyError, match="a bug"):
        ask(client, wire.source(parse=broken), wire.request(), lambda: LATER)


def test_an_empty_frame_is_never_data(server: wire.Server) -> None:
    nothing = wire.source(parse=lambda body, request: wire.parse(wire.GOOD, request).clear())
    with wire.client(server.base) as client:
        received = ask(client, nothing, wire.request(), lambda: LATER)
    assert received.outcome == "error" and "never return an empty frame" in received.note


def test_answers_are_kept_in_the_order_of_the_questions() -> None:
    """However long each took."""

    def slower_first(request: Request) -> bytes:
        time.sleep(0.03 if int(request.series) % 4 == 0 else 0.0)
        return wire.GOOD

    vendor = Vendor(slower_first)
    series = [str(n) for n in range(20)]
    progress: list[tuple[int, int]] = []
    report, kept = asked(vendor, wire.source(), *series, progress=lambda *at: progress.append(at))
    assert names(kept) == series
    assert progress == [(n, 20) for n in range(1, 21)]
    assert (report.requested, report.outcomes["data"]) == (20, 20)


def test_a_few_are_asked_at_once_and_no_more() -> None:
    def slow(request: Request) -> bytes:
        time.sleep(0.01)
        return wire.GOOD

    vendor = Vendor(slow)
    asked(vendor, wire.source(), *map(str, range(24)), workers=3)
    assert vendor.most == 3


def test_flushes_by_count_and_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "FLUSH_ANSWERS", 3)
    _, kept = asked(Vendor(lambda request: wire.GOOD), wire.source(), *"abcdefgh")
    assert [len(flush) for flush in kept] == [3, 3, 2]
    monkeypatch.setattr(fetching, "FLUSH_BYTES", 2 * len(wire.GOOD))
    _, kept = asked(Vendor(lambda request: wire.GOOD), wire.source(), *"abcde")
    assert [len(flush) for flush in kept] == [2, 2, 1]


def test_no_question_keeps_nothing() -> None:
    report, kept = asked(Vendor(lambda request: wire.GOOD), wire.source())
    assert (kept, report.requested, report.failure(wire.source())) == ([], 0, None)


def test_a_follow_up_is_asked_once_and_counted() -> None:
    def again(frame: pl.DataFrame, request: Request) -> Request | None:
        return wire.request(request.series + "+") if request.series == "b" else None

    vendor = Vendor(lambda request: wire.GOOD)
    report, kept = asked(vendor, wire.source(follow_up=again), "a", "b", "c")
    assert names(kept) == ["a", "b", "c", "b+"]
    assert report.requested == 4


def mixed(request: Request) -> bytes:
    kind = request.series[0]
    if kind == "e":
        raise ShapeError("numbers", request.series, "be data", "not data")
    if kind == "m":
        raise NoSuchSeries("numbers", request.series, "be known", "unknown")
    if kind == "n":
        raise EmptyAnswer("numbers", request.series, "have rows", "none")
    return wire.GOOD


def test_the_report_names_what_is_missing() -> None:
    report, _ = asked(Vendor(mixed), wire.source(), "d1", "e1", "m1", "n1", "d2", "m2")
    assert report.outcomes == {"data": 2, "empty": 1, "missing": 2, "error": 1}
    assert report.missing == ["m1", "m2"]
    assert report.errors == ["numbers[e1]: be data; found: not data"]


@pytest.mark.parametrize(
    ("series", "required", "criticality", "fails"),
    [
        ("dddde", "", "required", None),
        ("ddddee", "", "required", "2 of 6 questions failed, first: numbers.e5.: be data"),
        ("ddddee", "", "optional", None),
        ("ddddd" + "mmmmm", "", "required", None),
        ("dddddddddd" + "e", "e", "required", "1 required answer.s. failed, first: numbers.e11.: be data"),
        ("dddddddddd" + "m", "m", "required", "1 required answer.s. failed, first: numbers.m11.: be known"),
        ("dddddddddd" + "n", "n", "required", "1 required answer.s. failed"),
        ("dddddddddd" + "e", "e", "optional", None),
        ("d", "d", "required", None),
        ("e", "", "required", "1 of 1 questions failed"),
    ],
)
def test_when_a_fetch_fails_its_step(series: str, required: str, criticality: str, fails: str | None) -> None:
    """More than a fifth of the questions, or one required answer; optional sources never do."""
    source = wire.source(criticality=criticality)
    questions = [wire.request(f"{kind}{n}", required=kind in required) for n, kind in enumerate(series, 1)]
    report = fetch(Vendor(mixed), source, questions, lambda kept: None, lambda: LATER)  # type: ignore[arg-type]
    failure = report.failure(source)
    if fails is None:
        assert failure is None
    else:
        assert failure is not None and re.search(fails, failure)


def test_what_was_answered_is_kept_when_a_bug_stops_the_fetch() -> None:
    def breaks(request: Request) -> bytes:
        if request.series == "5":
            raise RuntimeError("a bug")
        return wire.GOOD

    vendor, kept = Vendor(breaks), []
    with pytest.raises(RuntimeError, match="a bug"):
        fetch(vendor, wire.source(), [wire.request(str(n)) for n in range(100)], kept.append, lambda: LATER)  # type: ignore[arg-type]
    assert names(kept) == ["0", "1", "2", "3", "4"]
    assert len(vendor.asked) <= 5 + 16, "nothing more is asked"


def test_an_interrupt_keeps_what_was_answered() -> None:
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    kept: list[list[Received]] = []
    questions = [wire.request(str(n)) for n in range(50)]
    with pytest.raises(KeyboardInterrupt):
        fetch(Vendor(lambda request: wire.GOOD), wire.source(), questions, kept.append, lambda: LATER, stop)  # type: ignore[arg-type]
    assert names(kept) == ["0", "1", "2"]


def test_a_full_disk_stops_the_fetch_and_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "FLUSH_ANSWERS", 2)
    tried: list[int] = []

    def full(received: list[Received]) -> None:
        tried.append(len(received))
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        fetch(Vendor(lambda r: wire.GOOD), wire.source(), [wire.request(n) for n in "abcdef"], full, lambda: LATER)  # type: ignore[arg-type]
    assert tried == [2]


def test_one_body_for_two_series_is_two_frames() -> None:
    """What a body means depends on what was asked: the report must not confuse equal bytes."""

    def parse(body: bytes, request: Request) -> pl.DataFrame:
        return pl.DataFrame({"series": [request.series]})

    report, kept = asked(Vendor(lambda request: b"same"), wire.source(parse=parse), "a", "b")
    assert len({received.sha256 for flush in kept for received in flush}) == 1
    assert sorted(frame["series"][0] for frame in report.parsed.values()) == ["a", "b"]


def test_a_file_that_is_not_there_is_nothing_and_a_wall_is_an_error(server: wire.Server) -> None:
    def parse(body: bytes, request: Request) -> pl.DataFrame:
        raise EmptyAnswer("probe", request.series, "rows", "none")

    source = wire.source(absent=(403, b"AccessDenied"), parse=parse)
    server.says(
        wire.reply(b"<Code>AccessDenied</Code>", "403 Forbidden"), wire.reply(b"<html>no</html>", "403 Forbidden")
    )
    with wire.client(server.base) as client:
        first, second = (ask(client, source, wire.request(), lambda: LATER) for _ in range(2))
    assert (first.outcome, second.outcome) == ("empty", "error")
    assert first.answer is not None and first.answer.status == 403, "the words are landed as evidence"


def test_a_refusal_lands_its_evidence(server: wire.Server) -> None:
    server.says(wire.reply(b"<html>forbidden</html>", "403 Forbidden"))
    with wire.client(server.base) as client:
        received = ask(client, wire.source(), wire.request(), lambda: LATER)
    assert received.answer == HttpError.answer or received.answer.body == b"<html>forbidden</html>"
