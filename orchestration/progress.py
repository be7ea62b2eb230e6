"""Where progress goes: the command line sets a callback, everything else is silent. Nothing else belongs here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]


def silent(what: str, done: int, total: int) -> None:
    """Shows nothing."""


_shown: list[Progress] = []


def current() -> Progress:
    """The callback in force."""
    return _shown[-1] if _shown else silent


@contextmanager
def shown(callback: Progress) -> Iterator[None]:
    """Show progress through ``callback`` for the time of a run in this process."""
    _shown.append(callback)
    try:
        yield
    finally:
        _shown.pop()
