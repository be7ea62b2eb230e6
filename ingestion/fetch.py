"""Ask all that is new of one dataset and hand over what came back, as it comes.

Belongs here: running the questions of one source (a few at once), follow-ups, telling data, nothing and error apart.
Does not: files and databases; ``keep`` is given by the caller and lands the answers, so a killed fetch keeps them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

import polars as pl

from ingestion.http import Client, HttpError, Response, says_absent
from ingestion.source import EmptyAnswer, NoSuchSeries, Request, Source, VendorError

Outcome = Literal["data", "empty", "missing", "error"]
FLUSH_ANSWERS, FLUSH_BYTES = 64, 24 * 2**20
LEAST_SHARE = 0.8  # a required source that fails for more than a fifth of its questions has failed


@dataclass(frozen=True, slots=True)
class Received:
    """One question with its outcome. ``answer`` is None when nothing came back; ``frame`` is set for ``data`` only.

    ``hole`` is the oldest observation inside the answer that should be there and is not.
    """

    request: Request
    outcome: Outcome
    note: str
    answer: Response | None
    frame: pl.DataFrame | None
    fetched_at: datetime
    hole: date | None = None

    @property
    def sha256(self) -> str | None:
        """Of the body as received."""
        return hashlib.sha256(self.answer.body).hexdigest() if self.answer else None


@dataclass
class FetchReport:
    """Counts by outcome and the names behind them.

    ``parsed`` spares a second parse: frames by body sha256 and request (without URL and headers, which landing redacts
    or leaves out). Not by the body alone: what a body means depends on the series and the moment it was asked for.
    """

    dataset: str
    requested: int = 0
    lacks: str = ""  # the variable of a key or contact that is not set, where nothing was asked for that reason
    outcomes: dict[Outcome, int] = field(default_factory=lambda: {"data": 0, "empty": 0, "missing": 0, "error": 0})
    missing: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    required_failed: list[str] = field(default_factory=list)
    parsed: dict[tuple[str, Request], pl.DataFrame] = field(default_factory=dict)

    def add(self, received: Received) -> None:
        """Count one answer."""
        self.requested += 1
        self.outcomes[received.outcome] += 1
        if received.outcome == "missing":
            self.missing.append(received.request.series)
        if received.outcome == "error":
            self.errors.append(received.note)
        if received.request.required and received.outcome != "data":
            self.required_failed.append(received.note or received.request.series)
        if received.frame is not None and received.sha256:
            self.parsed[received.sha256, replace(received.request, url="", headers=())] = received.frame

    def failure(self, source: Source) -> str | None:
        """Why this fetch fails its step, or None. Optional sources never fail the step; they are reported."""
        if source.criticality != "required" or self.requested == 0:
            return None
        if self.required_failed:
            failed = self.required_failed
            return f"{source.dataset}: {len(failed)} required answer(s) failed, first: {failed[0]}"
        count = self.outcomes["error"]
        if self.requested - count < LEAST_SHARE * self.requested:
            return f"{source.dataset}: {count} of {self.requested} questions failed, first: {self.errors[0]}"
        return None


def ask(client: Client, source: Source, request: Request, clock: Callable[[], datetime]) -> Received:
    """One question, classified. Only vendor errors are caught; a bug stays a bug."""
    answer: Response | None = None
    try:
        answer = client.get(source, request)
        frame = source.parse(answer.body, request)
    except EmptyAnswer as error:
        return Received(request, "empty", str(error), answer, None, clock())
    except NoSuchSeries as error:
        is_over = source.forgotten is not None and source.forgotten(request)
        return Received(request, "empty" if is_over else "missing", str(error), answer, None, clock())
    except VendorError as error:
        got = answer or (error.answer if isinstance(error, HttpError) else None)
        outcome, note = _said(source, request, got, error)
        return Received(request, outcome, note, got, None, clock())
    if frame.is_empty():
        note = f"{source.dataset}[{request.series}]: parse must never return an empty frame"
        return Received(request, "error", note, answer, None, clock())
    hole = source.hole(frame, request) if source.hole else None
    return Received(request, "data", "", answer, frame, answer.fetched_at, hole)


def _said(source: Source, request: Request, answer: Response | None, error: VendorError) -> tuple[Outcome, str]:
    """Some vendors say 'nothing there' with status 400 or 422, or as ``Source.absent`` tells: the body decides, and only
    these may overrule.
    """
    if answer is not None and (answer.status in (400, 422) or says_absent(source, answer)):
        try:
            source.parse(answer.body, request)
        except EmptyAnswer as nothing:
            return "empty", str(nothing)
        except NoSuchSeries as unknown:
            return "missing", str(unknown)
        except VendorError:
            return "error", str(error)
    return "error", str(error)


def fetch(
    client: Client,
    source: Source,
    requests: Sequence[Request],
    keep: Callable[[list[Received]], None],
    clock: Callable[[], datetime],
    progress: Callable[[int, int], None] = lambda done, total: None,
    workers: int = 4,
) -> FetchReport:
    """Ask every request; land in flushes through ``keep``; report. Order of landing is the order of the questions.

    When anything raises midway, what was answered until then is kept and what was not yet asked is not asked.
    """
    report = FetchReport(source.dataset)
    held: list[Received] = []
    todo: list[Request] = list(requests)

    def flush() -> None:
        nonlocal held
        landing, held = held, []
        if landing:
            keep(landing)

    pool = ThreadPoolExecutor(workers, thread_name_prefix=source.dataset)
    try:
        queue: dict[int, Future[Received]] = {}
        asked = 0
        taken = 0
        while taken < len(todo):
            while asked < len(todo) and len(queue) < workers * 4:
                queue[asked] = pool.submit(ask, client, source, todo[asked], clock)
                asked += 1
            received = queue.pop(taken).result()
            taken += 1
            held.append(received)
            report.add(received)
            again = (
                source.follow_up(received.frame, received.request)
                if source.follow_up and received.frame is not None
                else None
            )
            if again is not None:
                todo.append(again)
            if len(held) >= FLUSH_ANSWERS or sum(len(r.answer.body) for r in held if r.answer) >= FLUSH_BYTES:
                flush()
            progress(taken, len(todo))
    finally:
        pool.shutdown(cancel_futures=True)
        flush()
    return report
