"""The home, the writer lease, the private build file, and the hardened door for readers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from warehouse.database import build_session, quoted, reader
from warehouse.errors import BrokenBuild, HomeError, LeaseHeld
from warehouse.files import atomic_write
from warehouse.home import Home
from warehouse.lease import lease_owner, writing

REPO = Path(__file__).resolve().parents[2]
ODD_NAMES = [
    "plain",
    "with space",
    "it's",
    'say "hi"',
    "Größe 日本 💥",
    "semi;colon",
    "new\nline",
    "per%cent",
    "block lock",
]
HOLDER = """
import sys, time
from pathlib import Path
from warehouse.home import Home
from warehouse.lease import writing
with writing(Home(Path(sys.argv[1])), "a test"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare("sample")
    return home


@contextmanager
def another_writer(home: Home) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home.root)], stdout=subprocess.PIPE, text=True, cwd=REPO
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_a_second_writer_is_told_who_writes(home: Home) -> None:
    with another_writer(home) as other:
        with pytest.raises(LeaseHeld, match=f'"pid": {other.pid}, ') as caught, writing(home, "mine"):
            pytest.fail("two writers")
        owner = json.loads(lease_owner(home) or "{}")
        assert (owner["pid"], owner["purpose"]) == (other.pid, "a test")
        assert str(home.root) in str(caught.value) and "nothing was changed" in str(caught.value)


def test_the_lease_of_a_killed_owner_is_taken_over(home: Home) -> None:
    with another_writer(home) as other:
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        assert home.lease.read_text(), "the dead owner's name still stands there"
        assert lease_owner(home) is None
        with writing(home, "mine"):
            assert json.loads(lease_owner(home) or "{}")["pid"] == os.getpid()
    assert lease_owner(home) is None


def test_the_lease_is_free_after_use_and_after_failure(home: Home) -> None:
    assert lease_owner(home) is None
    with pytest.raises(ZeroDivisionError), writing(home, "mine"):
        raise ZeroDivisionError
    with writing(home, "mine"), pytest.raises(LeaseHeld), writing(home, "again, in the same process"):
        pytest.fail("two writers")
    assert lease_owner(home) is None


def test_asking_who_writes_does_not_stop_a_writer(home: Home) -> None:
    """``status`` looks at the lease by taking it for an instant."""
    import fcntl
    import threading

    with writing(home, "once, so that the file is there"):
        pass
    handle = os.open(home.lease, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    threading.Timer(0.03, os.close, [handle]).start()
    with writing(home, "mine"):
        pass


def test_a_home_belongs_to_one_vendors_mode(home: Home) -> None:
    home.prepare("sample")
    with pytest.raises(HomeError, match=r"belongs to vendors 'sample'; this run wants 'live'.*UPDRAFT_HOME"):
        home.prepare("live")
    assert json.loads((home.root / "home.json").read_text()) == {"vendors": "sample"}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null"])
def test_a_home_that_forgot_its_mode_says_so(home: Home, text: str) -> None:
    (home.root / "home.json").write_text(text)
    with pytest.raises(HomeError, match="is unreadable"):
        home.prepare("sample")


def test_a_home_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for use in (lambda home: home.prepare("sample"), lambda home: writing(home, "mine").__enter__()):
        with pytest.raises(HomeError, match="cannot write to the home"):
            use(Home(tmp_path / "file" / "home"))


def test_where_a_home_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("UPDRAFT_HOME", raising=False)
    assert Home.default("live").root == REPO / "warehouse" / "data" / "live"
    monkeypatch.setenv("UPDRAFT_HOME", str(tmp_path))
    assert Home.default("live").root == tmp_path
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UPDRAFT_HOME", "beside")
    assert Home.default("live").root == tmp_path / "beside"


def test_all_paths_lie_in_the_home(home: Home) -> None:
    paths = [getattr(home, name) for name, kind in vars(Home).items() if isinstance(kind, property)]
    assert len(paths) >= 9 and all(path.is_relative_to(home.root) for path in paths)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path / name)
    home.prepare("sample")
    with writing(home, name), build_session(home) as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS n")
    with reader(home.build) as con:
        assert con.execute("FROM t").fetchall() == [(1,)]


def table_of(home: Home, rows: int = 20_000) -> None:
    with build_session(home) as con:
        con.execute("CREATE TABLE t AS SELECT range AS n, md5(range::VARCHAR) AS s FROM range(?)", [rows])


def assert_next_session_works(home: Home) -> None:
    aside = [path for path in home.root.glob("broken/*/*")]
    assert home.build.name in {path.name for path in aside}, "what was broken is kept for a look"
    table_of(home)
    with build_session(home) as con:
        assert con.execute("SELECT count(*) FROM t").fetchone() == (20_000,)


@pytest.mark.parametrize("kind", ["garbage", "empty", "short"])
def test_a_file_that_cannot_be_opened_is_set_aside(home: Home, kind: str) -> None:
    table_of(home)
    data = home.build.read_bytes()
    home.build.write_bytes({"garbage": b"x" * 50_000, "empty": b"", "short": data[:5000]}[kind])
    with pytest.raises(BrokenBuild, match=r"set aside in .*Run again: it is rebuilt"), build_session(home):
        pytest.fail("opened")
    assert not home.build.exists()
    assert_next_session_works(home)


def test_damage_found_on_opening_is_not_taken_for_a_lock(home: Home) -> None:
    """DuckDB says 'checksum ... in block': the word holds 'lock'."""
    table_of(home)
    data = bytearray(home.build.read_bytes())
    for header in (4096 + 100, 8192 + 100):
        data[header] ^= 1
    home.build.write_bytes(data)
    with pytest.raises(BrokenBuild), build_session(home):
        pytest.fail("opened")
    assert_next_session_works(home)


def test_damage_found_by_a_query_is_set_aside_too(home: Home) -> None:
    """Else every run would stumble over the same block for ever."""
    table_of(home, 200_000)
    data = bytearray(home.build.read_bytes())
    data[len(data) // 2] ^= 1
    home.build.write_bytes(data)
    with pytest.raises(BrokenBuild), build_session(home) as con:
        con.execute("SELECT sum(hash(t)) FROM t").fetchall()
        pytest.fail("the damage was not noticed")
    assert_next_session_works(home)


KILLED = """
import os, signal, sys
from pathlib import Path
from warehouse.database import build_session
from warehouse.home import Home
with build_session(Home(Path(sys.argv[1]))) as con:
    con.execute("CREATE TABLE t (n INTEGER, s VARCHAR)")
    con.execute("CHECKPOINT")
    con.execute("SET wal_autocheckpoint = '1GB'")
    for k in range(5):
        con.execute("INSERT INTO t SELECT range, md5(range::VARCHAR) FROM range(500)")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_session_left_in_the_wal_is_not_replayed(home: Home) -> None:
    """Landing has it all, and DuckDB would merge some damaged WALs silently."""
    subprocess.run([sys.executable, "-c", KILLED, str(home.root)], cwd=REPO, check=False)
    wal = home.build.with_name("build.duckdb.wal")
    whole, log = home.build.read_bytes(), wal.read_bytes()
    damaged = bytearray(log)
    damaged[len(damaged) // 2] ^= 4
    for left in (log, damaged, log[: len(log) // 2], b"", b"garbage"):
        home.build.write_bytes(whole)
        wal.write_bytes(left)
        with build_session(home) as con:
            assert con.execute("SELECT count(*) FROM t").fetchone() == (0,)
        assert not list(home.root.glob("*.wal*"))
    assert not (home.root / "broken").exists()


def test_the_wal_of_a_build_in_use_is_left_alone(home: Home) -> None:
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t AS SELECT 1 AS n');"
        "print('open', flush=True); sys.stdin.read(); print(c.execute('FROM t').fetchall()); c.close()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(home.build)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        wal = home.build.with_name("build.duckdb.wal")
        log = wal.read_bytes()
        assert log
        with pytest.raises(LeaseHeld, match="is open elsewhere"), build_session(home):
            pytest.fail("opened")
        assert wal.read_bytes() == log
        assert other.communicate()[0] == "[(1,)]\n"
    with build_session(home) as con:
        assert con.execute("FROM t").fetchall() == [(1,)]


def test_a_mistyped_setting_does_not_cost_the_build(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    table_of(home)
    monkeypatch.setenv("UPDRAFT_MEMORY", "lots")
    with pytest.raises(HomeError, match="Correct UPDRAFT_MEMORY"), build_session(home):
        pytest.fail("opened")
    assert home.build.exists()
    assert not (home.root / "broken").exists()


def test_a_build_in_use_is_not_set_aside(home: Home) -> None:
    table_of(home)
    with duckdb.connect(str(home.build)), pytest.raises(LeaseHeld, match="open in this process"), build_session(home):
        pytest.fail("opened")
    code = f"import duckdb, time; c = duckdb.connect({str(home.build)!r}); print('open', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        with pytest.raises(LeaseHeld, match="is open elsewhere"), build_session(home):
            pytest.fail("opened")
        other.kill()
    with build_session(home) as con:
        assert con.execute("SELECT count(*) FROM t").fetchone() == (20_000,)


def test_an_ordinary_error_costs_nothing(home: Home) -> None:
    table_of(home)
    for sql in ("FROM no_such_table", "SELECT 1 / 'x'", "COPY t TO '/no/such/folder/x.csv'", "FROM read_csv('/none')"):
        with pytest.raises(duckdb.Error) as caught, build_session(home) as con:
            con.execute(sql).fetchall()
        assert not isinstance(caught.value, BrokenBuild)
    assert not (home.root / "broken").exists()


def test_sessions_are_limited_and_in_utc(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDRAFT_MEMORY", "300MB")
    monkeypatch.setenv("UPDRAFT_THREADS", "1")
    with build_session(home) as con:
        names = ("memory_limit", "threads", "temp_directory", "max_temp_directory_size", "TimeZone")
        found = [con.execute("SELECT current_setting(?)", [name]).fetchone()[0] for name in names]  # type: ignore[index]
    assert found == ["286.1 MiB", 1, str(home.temp), "18.6 GiB", "UTC"]


@pytest.mark.parametrize("name", ["plain", 'a"b', '"', "; drop table t; --", "日本", "select", "a.b", "'", ""])
def test_quoted_names_are_names(name: str) -> None:
    con = duckdb.connect()
    con.execute(f"CREATE TABLE t (x INTEGER, {quoted(name or 'y')} INTEGER)")
    assert [row[0] for row in con.execute("DESCRIBE t").fetchall()] == ["x", name or "y"]


@pytest.fixture
def door(home: Home) -> Path:
    """A published file behind two links, as readers meet it."""
    generation = home.generations / "000001-aaaaaaaa"
    generation.mkdir()
    with duckdb.connect(str(generation / "updraft.duckdb")) as con:
        con.execute("CREATE SCHEMA marts; CREATE TABLE marts.m AS SELECT 1 AS n")
    home.current.symlink_to("generations/000001-aaaaaaaa")
    home.door.symlink_to("current/updraft.duckdb")
    return home.door


ESCAPES = [
    "COPY marts.m TO '{f}/out.csv'",
    "COPY (SELECT 1) TO '{f}/out.parquet'",
    "EXPORT DATABASE '{f}/out'",
    "FROM read_csv('{f}/secret.csv')",
    "FROM read_csv_auto('/etc/passwd')",
    "FROM read_text('{f}/secret.csv')",
    "FROM read_blob('{f}/secret.csv')",
    "FROM read_json('{f}/secret.csv')",
    "FROM read_parquet('{f}/secret.parquet')",
    "FROM parquet_metadata('{f}/secret.parquet')",
    "FROM sniff_csv('{f}/secret.csv')",
    "FROM glob('/etc/*')",
    "FROM '{f}/secret.csv'",
    "FROM 'https://127.0.0.1/x.parquet'",
    "ATTACH '{f}/other.duckdb' AS other",
    "ATTACH '{f}/other.duckdb' AS other (READ_ONLY)",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{f}/evil.duckdb_extension'",
    "IMPORT DATABASE '{f}'",
    "SET enable_external_access = true",
    "SET GLOBAL enable_external_access = true",
    "PRAGMA enable_external_access = true",
    "RESET enable_external_access",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "SET temp_directory = '{f}'",
    "SET allowed_directories = ['/']",
    "SET allowed_paths = ['{f}/secret.csv']",
    "SET home_directory = '{f}'",
    "SET secret_directory = '{f}'",
    "SET extension_directory = '{f}'",
    "SET custom_extension_repository = 'http://127.0.0.1'",
    "SET log_query_path = '{f}/log'",
    "PRAGMA enable_profiling = 'json'; PRAGMA profiling_output = '{f}/out.json'",
    "SET profiling_output = '{f}/out.json'",
    "SET memory_limit = '1TB'",
    "SET TimeZone = 'Asia/Tokyo'",
    "CREATE PERSISTENT SECRET s (TYPE http)",
    "CREATE TABLE marts.n AS SELECT 1",
    "INSERT INTO marts.m VALUES (2)",
    "UPDATE marts.m SET n = 2",
    "DELETE FROM marts.m",
    "DROP TABLE marts.m",
    "ALTER TABLE marts.m ADD COLUMN x INTEGER",
    "CREATE VIEW marts.v AS SELECT 1",
    "COPY marts.m FROM '{f}/secret.csv'",
]


@pytest.mark.parametrize("probe", ESCAPES)
def test_readers_cannot_get_out(door: Path, tmp_path: Path, probe: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("a,b\n1,2\n")
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT 1) TO '{outside}/secret.parquet'; ATTACH '{outside}/other.duckdb' AS o")
    before = sorted(path.name for path in outside.iterdir())
    with reader(door) as con:
        with pytest.raises(duckdb.Error):
            con.execute(probe.format(f=outside)).fetchall()
        assert con.execute("FROM marts.m").fetchall() == [(1,)]
    assert sorted(path.name for path in outside.iterdir()) == before


def test_readers_meet_one_catalog(door: Path) -> None:
    with reader(door) as con:
        assert con.execute("SELECT current_database()").fetchone() == ("updraft",)
        assert con.execute("FROM updraft.marts.m").fetchall() == [(1,)]


def test_several_readers_of_one_process(door: Path) -> None:
    """They share DuckDB's instance; the first has locked its settings."""
    with reader(door) as one, reader(door) as two:
        for con in (one, two, two.cursor()):
            assert con.execute("SELECT n, current_setting('TimeZone') FROM marts.m").fetchone() == (1, "UTC")
            with pytest.raises(duckdb.Error):
                con.execute("FROM glob('/*')")


def test_readers_are_in_utc_wherever_they_sit(door: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from warehouse.database import reader\n"
        "one, two = reader(Path(sys.argv[1])), reader(Path(sys.argv[1]))\n"
        'print(*[c.execute("SELECT to_timestamp(0)::VARCHAR").fetchone()[0] for c in (one, two, two.cursor())])'
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(door)],
        cwd=REPO, env={**os.environ, "TZ": "Asia/Tokyo"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.split() == ["1970-01-01", "00:00:00+00"] * 3


@pytest.mark.parametrize("beside", ["door", "target"])
def test_readers_refuse_a_stray_wal(door: Path, beside: str) -> None:
    place = door if beside == "door" else door.resolve()
    place.with_name("updraft.duckdb.wal").write_bytes(b"")
    with pytest.raises(HomeError, match=r"opened it for writing\. See: updraft doctor"):
        reader(door)


def test_readers_are_told_when_nothing_is_published(home: Home) -> None:
    with pytest.raises(HomeError, match="nothing is published"):
        reader(home.door)
    home.door.symlink_to("current/updraft.duckdb")
    with pytest.raises(HomeError, match="Run: updraft run"):
        reader(home.door)


def test_writes_are_whole_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file"
    atomic_write(target, b"old", mode=0o444)
    assert target.stat().st_mode & 0o777 == 0o444

    def full(handle: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        atomic_write(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
