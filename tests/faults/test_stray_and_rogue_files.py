"""Files that should not be there: WALs beside published and private files, and somebody who opened what is published."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import tiny_warehouse
from stage import Stage
from tiny_warehouse import served

from orchestration.health import examine, verify_home
from warehouse import generations
from warehouse.crash_points import reach
from warehouse.database import reader
from warehouse.errors import HomeError
from warehouse.home import REPO, Home

LATER = datetime.max.replace(tzinfo=UTC)
ROGUE = """
import os, signal, sys
import duckdb
con = duckdb.connect(sys.argv[1])
con.execute("SET wal_autocheckpoint = '1GB'")
con.execute("UPDATE marts.edition SET edition = 99")
os.kill(os.getpid(), signal.SIGKILL) if sys.argv[2] == "killed" else con.close()
"""
UNFINISHED = """
import os, signal, sys
from pathlib import Path
from warehouse.database import build_session
from warehouse.home import Home
with build_session(Home(Path(sys.argv[1]))) as con:
    con.execute("SET wal_autocheckpoint = '1GB'")
    con.execute("CREATE OR REPLACE TABLE marts.noise AS SELECT md5(range::VARCHAR) AS s FROM range(2000)")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def stray_wal(home: Home) -> bytes:
    """A WAL that DuckDB would merge: of a copy of the published file, with a change."""
    copy = home.root / "elsewhere" / "updraft.duckdb"
    copy.parent.mkdir()
    shutil.copyfile(home.door, copy)
    subprocess.run([sys.executable, "-c", ROGUE, str(copy), "killed"], check=False)
    wal = copy.with_name("updraft.duckdb.wal").read_bytes()
    shutil.rmtree(copy.parent)
    return wal


def told(home: Home) -> str:
    """What doctor and verify say."""
    return "\n".join([*examine(tiny_warehouse.settings(home.root, 1)), *verify_home(home)])


def test_the_danger_is_real(home: Home) -> None:
    """A plain read-only connection shows what a stray WAL says, which nobody published."""
    place = home.current.resolve()
    (place / "updraft.duckdb.wal").write_bytes(stray_wal(home))
    with duckdb.connect(str(home.door), read_only=True) as con:
        assert con.execute("SELECT edition FROM marts.edition LIMIT 1").fetchone() == (99,)


def test_a_wal_beside_what_is_published(stage: Stage, home: Home) -> None:
    wal = home.current.resolve() / "updraft.duckdb.wal"
    wal.write_bytes(stray_wal(home))
    with pytest.raises(HomeError, match="updraft doctor"):
        reader(home.door)
    assert told(home).count(str(wal)) >= 2
    ended = stage.act("refresh", home.root, 2)
    assert not ended.error, ended
    assert served(home) == 2, "the next generation has its own folder, without the WAL"
    assert generations.check(home.current.resolve()) == []


def test_a_wal_beside_the_door_stops_the_publish(stage: Stage, home: Home) -> None:
    wal = home.door.with_name("updraft.duckdb.wal")
    wal.write_bytes(stray_wal(home))
    with pytest.raises(HomeError, match="updraft doctor"):
        reader(home.door)
    ended = stage.act("refresh", home.root, 2)
    assert ended.error == "HomeError" and f"{wal} lies beside what readers open" in ended.text
    assert "Delete it and run again" in ended.text and str(wal) in told(home)
    assert home.current.resolve().name.startswith("000001-")
    wal.unlink()
    assert not stage.act("refresh", home.root, 2).error
    assert served(home) == 2 and told(home) == ""


def test_a_wal_beside_the_candidate_stops_the_publish(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def plant(step: str) -> None:
        reach(step)
        if step == "publish.written":
            (folder,) = home.generations.glob(".new-*")
            (folder / "updraft.duckdb.wal").write_bytes(b"stray")

    monkeypatch.setattr("warehouse.publish.crash_points.reach", plant)
    with pytest.raises(HomeError, match=r"updraft\.duckdb\.wal lies beside the candidate.*Run again"):
        tiny_warehouse.refresh(home.root, 2)
    assert served(home) == 1 and not list(home.generations.glob(".new-*"))


@pytest.mark.parametrize("damage", ["flipped", "cut", "of another file", "garbage"])
def test_a_wal_beside_the_build_is_never_replayed(stage: Stage, home: Home, damage: str) -> None:
    """A killed session left it, or somebody put it there: the run goes on from the last checkpoint, without a loop."""
    subprocess.run([sys.executable, "-c", UNFINISHED, str(home.root)], cwd=REPO, check=False)
    wal = home.build.with_name("build.duckdb.wal")
    log = wal.read_bytes()
    half = len(log) // 2
    left = {
        "flipped": log[:half] + bytes([log[half] ^ 4]) + log[half + 1 :],
        "cut": log[:half],
        "of another file": stray_wal(home),
        "garbage": b"garbage" * 1000,
    }
    wal.write_bytes(left[damage])
    assert not stage.act("load", home.root, 1).error
    assert not wal.exists()
    with duckdb.connect(str(home.build), read_only=True) as con:
        assert con.execute("SELECT DISTINCT edition FROM marts.edition").fetchall() == [(1,)]
    wal.write_bytes(left[damage])
    assert not stage.act("refresh", home.root, 2).error
    assert served(home) == 2 and verify_home(home) == [] and not list(home.root.glob("broken"))


def test_compute_alone_meets_no_wal_either(stage: Stage, home: Home) -> None:
    home.build.with_name("build.duckdb.wal").write_bytes(stray_wal(home))
    assert not stage.act("compute", home.root, 1).error
    assert verify_home(home) == []


def test_a_build_that_cannot_be_opened_is_rebuilt_by_the_run_after_next(stage: Stage, home: Home) -> None:
    home.build.write_bytes(b"garbage" * 10_000)
    first = stage.act("refresh", home.root, 2)
    assert first.error == "BrokenBuild" and "Run again: it is rebuilt from landing" in first.text
    assert served(home) == 1 and str(home.root / "broken") in told(home)
    assert not stage.act("refresh", home.root, 2).error
    assert served(home) == 2 and verify_home(home) == []


@pytest.mark.parametrize("end", ["killed", "closed"])
def test_somebody_writes_to_what_is_published(stage: Stage, home: Home, end: str) -> None:
    """Through the links, with the rights to do so. The same inputs are then published anew, and clean."""
    with reader(home.door) as con:
        before = con.execute("SELECT * FROM marts.edition").fetchall()
    spoilt = home.current.resolve()
    done = subprocess.run([sys.executable, "-c", ROGUE, str(home.door), end], check=False)
    assert done.returncode == (-signal.SIGKILL if end == "killed" else 0)
    assert str(spoilt) in "\n".join(verify_home(home))
    assert str(spoilt) in "\n".join(examine(tiny_warehouse.settings(home.root, 1)))
    ended = stage.act("refresh", home.root, 1)
    assert not ended.error and ended.value.startswith("000002-"), "a damaged generation is not 'nothing new'"
    with reader(home.door) as con:
        assert con.execute("SELECT * FROM marts.edition").fetchall() == before
    assert generations.check(home.current.resolve()) == []
    assert stage.act("refresh", home.root, 1).value is None, "now there is nothing new"


def test_history_is_compared_with_the_newest_sound_generation(stage: Stage, home: Home) -> None:
    assert stage.act("refresh", home.root, 2).value
    spoilt = home.current.resolve()
    assert generations.newest_sound(home, LATER) == spoilt
    subprocess.run([sys.executable, "-c", ROGUE, str(home.door), "closed"], check=True)
    (first, second) = generations.all_generations(home)
    assert spoilt == second and generations.newest_sound(home, LATER) == first
    (first / "updraft.duckdb").chmod(0o644)
    (first / "updraft.duckdb").write_bytes(b"")
    assert generations.newest_sound(home, LATER) is None


def test_what_is_published_cannot_be_opened_for_writing_by_accident(home: Home) -> None:
    """Its files are read-only; only a superuser gets past that."""
    files = [path for path in home.current.resolve().rglob("*") if path.is_file()]
    assert files and all(path.stat().st_mode & 0o222 == 0 for path in files)
    assert all(Path(folder).stat().st_mode & 0o222 == 0 for folder in {path.parent for path in files})
