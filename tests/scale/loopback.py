"""What tests of servers on loopback share: a port, and waiting. Belongs here: nothing of one server."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(done: Callable[[], T], what: str, seconds: float = 60, expected: tuple[type[Exception], ...] = ()) -> T:
    """Wait until ``done`` gives something true, and return it; until then it may raise what is ``expected``.

    Raises TimeoutError naming ``what`` did not come.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            if found := done():
                return found
        except expected:
            pass
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(0.2)
