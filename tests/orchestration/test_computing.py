"""Computing as a generator of events: what it yields, returns and raises, and that nothing goes on when nobody reads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from orchestration import steps
from orchestration.dbt import NodeDone
from orchestration.settings import Settings


def node(name: str) -> NodeDone:
    return NodeDone(name, "success", "", 0.0)


def computing(monkeypatch: pytest.MonkeyPatch, work: Callable[[Callable[[NodeDone], None]], Any]) -> Any:
    monkeypatch.setattr(steps, "compute", lambda settings, progress, on_node, facts: work(on_node))
    return steps.computing(Settings.from_env())


def is_computing() -> bool:
    return any(thread.name == "compute" for thread in threading.enumerate())


def test_the_nodes_come_as_they_finish_and_the_build_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = threading.Event()

    def work(on_node: Callable[[NodeDone], None]) -> str:
        on_node(node("first"))
        assert seen.wait(10), "the first was shown before the second was finished"
        on_node(node("second"))
        return "the build"

    events = computing(monkeypatch, work)
    assert next(events).unique_id == "first"
    seen.set()
    assert next(events).unique_id == "second"
    with pytest.raises(StopIteration) as end:
        next(events)
    assert end.value.value == "the build" and not is_computing()


def test_what_computing_raises_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(on_node: Callable[[NodeDone], None]) -> None:
        on_node(node("first"))
        raise RuntimeError("dbt stopped")

    with pytest.raises(RuntimeError, match="dbt stopped"):
        list(computing(monkeypatch, work))
    assert not is_computing()


@pytest.mark.parametrize("end", ["nobody reads on", "interrupted"])
def test_who_stops_reading_stops_the_queries(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    stopped = threading.Event()
    monkeypatch.setattr("orchestration.dbt.interrupt", stopped.set)

    def work(on_node: Callable[[NodeDone], None]) -> None:
        on_node(node("first"))
        assert stopped.wait(10), "a query that only an interruption ends"

    events = computing(monkeypatch, work)
    next(events)
    assert is_computing() and not stopped.is_set()
    if end == "interrupted":
        with pytest.raises(KeyboardInterrupt):
            events.throw(KeyboardInterrupt())
    else:
        events.close()
    assert stopped.is_set() and not is_computing()
