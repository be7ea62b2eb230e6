"""A second writer is refused at once, by name; what it had fetched is kept. (The lease itself: warehouse/test_database.py.)"""

from __future__ import annotations

import os
import socket

from stage import Stage
from tiny_warehouse import served

from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.lease import lease_owner, writing


def test_a_second_run_is_refused_at_once_and_keeps_what_it_fetched(stage: Stage, home: Home) -> None:
    assert not stage.act("fetch", home.root, 2).error
    with writing(home, "compute"):
        for act in ("load", "compute", "publish", "refresh"):
            ended = stage.act(act, home.root, 2)
            assert ended.error == "LeaseHeld", ended
            for part in (
                f'"pid": {os.getpid()}',
                f'"host": "{socket.gethostname()}"',
                '"start": "20',
                "nothing was changed",
            ):
                assert part in ended.text
    assert served(home) == 1
    assert len(Landing(home.landing).packs("facts")) == 2
    assert not stage.act("refresh", home.root, 2).error
    assert served(home) == 2


def test_a_run_takes_over_from_a_killed_one_at_once(stage: Stage, home: Home) -> None:
    dead = stage.act("refresh", home.root, 2, die_at="gate.begun")
    assert dead.code < 0
    assert '"purpose": "publish"' in home.lease.read_text(), "its name still stands there"
    assert lease_owner(home) is None
    assert not stage.act("refresh", home.root, 2).error
    assert served(home) == 2 and home.lease.read_text() == ""
