"""Readers attached while fifty generations are published: nobody is refused, mixed, or taken back. (1,000: tests/bench.)"""

from __future__ import annotations

from pathlib import Path

import pytest
from reading import attached
from stage import Stage
from tiny_warehouse import served

from orchestration.health import verify_home
from warehouse import generations
from warehouse.home import Home

PUBLISHES = 50


def test_fifty_publishes_under_three_readers(stage: Stage, home: Home, tmp_path: Path) -> None:
    with attached(home.door, plain=1, hardened=2, stop=tmp_path / "stop", pause=0.08) as saw:
        ended = stage.act("publish_many", home.root, 2, 1 + PUBLISHES)
    assert (ended.value, ended.error) == (PUBLISHES, ""), ended
    assert [line for one in saw for line in one.bad] == []
    for one in saw:
        assert one.last == served(home) == 1 + PUBLISHES
        assert one.reads >= PUBLISHES / 2 and one.held_reads >= PUBLISHES / 4 and one.editions >= PUBLISHES / 5
    assert len(generations.all_generations(home)) == generations.KEEP
    assert verify_home(home) == []


def test_a_mixed_read_would_be_noticed(stage: Stage, home: Home) -> None:
    """The check itself: two marts of different editions in one file."""
    import duckdb
    from tiny_warehouse import seen

    file = home.current.resolve() / "updraft.duckdb"
    file.chmod(0o644)
    with duckdb.connect(str(file)) as con:
        con.execute("UPDATE marts.lines SET edition = 2 WHERE line = 7")
        with pytest.raises(AssertionError, match="a mixed read"):
            seen(con)
