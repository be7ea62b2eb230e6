"""What a new user gets from one command: a published, documented, verifiable answer."""

from __future__ import annotations

import contextlib
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import duckdb
import polars as pl
import pytest
from canary_search import SIGN, hits
from e2e_support import updraft
from shared_homes import let_delete

from orchestration import manifest
from warehouse import generations
from warehouse.database import reader
from warehouse.home import REPO, Home
from warehouse.rulebook import load_rules


def test_the_run_prints_the_answer_and_where_things_are(published: Home) -> None:
    first = json.loads((published.root / "first_run.json").read_text())
    assert "SAMPLE DATA" in first["out"]
    assert re.search(
        r"Sample Composite Index rose [\d.]+% in the \d+ sessions from its low of 11 November 2025 to 15 January 2026\. Why: ",
        " ".join(first["out"].split()),
    )
    assert "published in" in first["err"]
    assert str(published.door) in first["err"].replace("\n", "")


def test_a_second_run_asks_nothing_and_publishes_nothing(copied: Home) -> None:
    packs = sorted(copied.landing.rglob("*.parquet"))
    again = updraft(copied.root, "run")
    assert again.code == 0, again.err
    assert "nothing new" in again.err
    assert sorted(copied.landing.rglob("*.parquet")) == packs
    assert len(generations.all_generations(copied)) == 1
    with dg.DagsterInstance.from_config(str(copied.dagster)) as instance:
        told = instance.fetch_observations(dg.AssetKey(["published", "updraft"]), limit=1).records[0].asset_observation
        run = instance.get_runs(limit=1)[0]
    assert told is not None and str(told.metadata["skipped"].value).startswith("nothing new: 000001-")
    assert run.tags["updraft/outcome"] == "nothing new"


def test_the_readme_query_gives_the_readme_output(published: Home) -> None:
    readme = (REPO / "README.md").read_text()
    query = re.search(r"```sql\n(.*?)```", readme, re.DOTALL)
    shown = re.search(r"```text\n(┌.*?)```", readme, re.DOTALL)
    assert query and shown
    con = reader(published.door)
    buffer = io.StringIO()
    with contextlib.redirect_stdout(buffer):
        con.sql(query[1].strip().rstrip(";")).show()
    con.close()
    assert buffer.getvalue().strip() == shown[1].strip()


def test_readers_see_marts_and_meta_only_with_units_and_receipt(published: Home) -> None:
    con = reader(published.door)
    schemas = {row[0] for row in con.execute("SELECT DISTINCT schema_name FROM duckdb_tables()").fetchall()}
    assert schemas == {"marts", "meta"}
    assert con.execute("SELECT current_database()").fetchone() == ("updraft",)
    silent = con.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'marts'"
        r" AND NOT regexp_matches(coalesce(comment, ''), '^\[(usd|pct|pp|bp|ratio|index|count|share|date|ts|id|text|flag|z|probability|varies)\] ')"
    ).fetchall()
    assert silent == []
    receipt = con.execute("SELECT vendors, world, as_of FROM meta.receipt").fetchone()
    assert receipt is not None and receipt[:2] == ("sample", "sample")
    assert receipt[2] == datetime(2026, 1, 16, 1, tzinfo=UTC)
    assert (
        con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'meta' AND comment IS NULL").fetchall()
        == []
    )
    assert con.execute("SELECT count(*), count(DISTINCT column_name) > 200 FROM meta.columns").fetchall()[0][1]
    rules = sum(len(rules) for rules in load_rules(manifest.marts()).values())
    assert con.execute("SELECT count(*) FROM meta.verdicts").fetchone() == (rules,)
    assert con.execute("SELECT count(*) FROM meta.verdicts WHERE outcome = 'failed'").fetchone() == (0,)
    con.close()


def test_the_published_file_opens_with_old_clients(published: Home) -> None:
    con = duckdb.connect(str(published.door), read_only=True)
    tags = con.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'updraft'").fetchone()
    con.close()
    assert tags is not None and tags[0]["storage_version"].startswith("v1.0.0")


def test_the_parquet_twin_is_the_table(published: Home) -> None:
    con = reader(published.door)
    for (mart,) in con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' ORDER BY 1"
    ).fetchall():
        table = con.execute(f'SELECT * FROM marts."{mart}"').pl()
        key = [name for name, kind in table.schema.items() if not kind.is_nested()]
        twin = pl.read_parquet(published.current / "parquet" / mart / "*.parquet").sort(key)
        assert twin.equals(table.cast(twin.schema).sort(key)), mart
    con.close()


def test_each_parquet_file_says_which_generation_wrote_it(published: Home) -> None:
    con = reader(published.door)
    (generation,) = con.execute("SELECT generation FROM meta.receipt").fetchone() or ("",)
    tables = con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
    years = con.execute("SELECT DISTINCT year(session_date) FROM marts.market_daily").fetchall()
    con.close()
    folder = published.current / "parquet"
    files = set(folder.rglob("*.parquet"))
    assert {file for file in files if file.parent.name == "meta"} == {
        folder / "meta" / f"{table}.parquet" for schema, table in tables if schema == "meta"
    }
    assert {file.parent.name for file in files} - {"meta"} == {table for schema, table in tables if schema == "marts"}
    assert {file.stem for file in files if file.parent.name == "market_daily"} == {str(year) for (year,) in years}
    for file in files:  # a first generation shares none with another
        said = duckdb.execute("SELECT value::VARCHAR FROM parquet_kv_metadata(?) WHERE key = 'generation'", [str(file)])
        assert said.fetchall() == [(generation,)], file


def test_dagster_lists_the_run_and_the_newest_events_of_every_asset(published: Home) -> None:
    """In the history of all runs, which the UI reads, not only in the run's own log."""
    import dagster as dg

    from orchestration.definitions import defs
    from orchestration.event_log import OpenEventLog

    jobs = defs().resolve_job_def("refresh").asset_layer
    keys = set(jobs.executable_asset_keys)
    with dg.DagsterInstance.from_config(str(published.dagster)) as instance:
        assert isinstance(instance.event_log_storage, OpenEventLog), "named in dagster.yaml"
        lacking = [key.to_user_string() for key in keys if instance.get_latest_materialization_event(key) is None]
        checks = [key for one in (defs().assets or ()) for key in getattr(one, "check_keys", ())]
        seen = instance.event_log_storage.get_latest_asset_check_execution_by_key(checks)
        (run,) = instance.get_run_records()
    assert lacking == [] and len(keys) > 100
    assert set(seen) == set(checks) and len(checks) > 20
    assert run.dagster_run.is_success
    origin = run.dagster_run.remote_job_origin
    assert origin is not None and origin.repository_origin.get_label() == "__repository__@updraft", "else no timeline"


def test_every_mart_has_rules_and_every_rules_file_a_mart(published: Home) -> None:
    con = reader(published.door)
    marts = {
        row[0] for row in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'").fetchall()
    }
    con.close()
    assert marts == set(load_rules(manifest.marts()))


def test_no_row_uses_what_was_not_known(published: Home) -> None:
    con = reader(published.door)
    for (mart,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'").fetchall():
        late = con.execute(
            f"SELECT count(*) FROM marts.\"{mart}\" WHERE known_at > TIMESTAMPTZ '2026-01-16 01:00:00+00'"
        ).fetchone()
        assert late == (0,), mart
    daily = con.execute("SELECT count(*) FROM marts.macro_as_known WHERE released_at > known_at").fetchone()
    con.close()
    assert daily == (0,)


def test_thirteen_drivers_have_a_score_and_say_what_they_lack(published: Home) -> None:
    con = reader(published.door)
    rows = con.execute(
        "SELECT driver_id, status, score, missing FROM marts.driver_scorecard"
        " WHERE session_date = (SELECT max(session_date) FROM marts.driver_scorecard)"
    ).fetchall()
    con.close()
    assert len(rows) == 13 and all(status == "OK" and score is not None for _, status, score, _ in rows)
    # the backlog of futures positions and the household survey that was never taken, as the sample tells them
    assert {driver: missing for driver, _, _, missing in rows if missing} == {
        "flows": "FL11_leveraged_sp500_z STALE_INPUT", "macro": "MA06_sahm NOT_PUBLISHED",
    }  # fmt: skip


@pytest.mark.parametrize(("command", "code"), [("status", 0), ("verify", 0), ("doctor", 0)])
def test_a_fresh_home_is_fresh_whole_and_healthy(published: Home, command: str, code: int) -> None:
    ran = updraft(published.root, command)
    assert ran.code == code, ran.out + ran.err


def test_why_as_json_says_what_the_terminal_says(published: Home) -> None:
    ran = updraft(published.root, "why", "--json")
    answer = json.loads(ran.out)
    assert ran.code == 0 and answer["is_sample"] is True
    figures = {f["label"]: f for f in answer["figures"]}
    con = reader(published.door)
    close = con.execute(
        "SELECT close FROM marts.market_daily WHERE instrument_id = 'IX:SMP' ORDER BY session_date DESC LIMIT 1"
    ).fetchone()
    con.close()
    assert close is not None and figures["Sample Composite Index close"]["value"] == close[0]
    assert len(answer["drivers"]) == 13 and any("not published by then" in gap["why"] for gap in answer["missing"])


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    why, status = updraft(tmp_path / "none", "why"), updraft(tmp_path / "none", "status")
    assert (why.code, status.code) == (2, 2)
    assert "updraft run" in why.err and "updraft run" in status.out


def test_a_file_altered_after_publishing_is_not_fresh(copied: Home) -> None:
    file = copied.current.resolve() / "updraft.duckdb"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    let_delete(copied.root)
    file.unlink()
    file.write_bytes(data)
    ran = updraft(copied.root, "status")
    assert ran.code == 1 and "altered: updraft.duckdb" in ran.out


def test_a_run_whose_process_is_gone_is_told(copied: Home) -> None:
    assert "published" in updraft(copied.root, "status").out
    note = copied.root / "attempt.json"
    said = json.loads(note.read_text())
    note.write_text(json.dumps(said | {"outcome": "running", "pid": 2**22 + 1}))
    ran = updraft(copied.root, "status")
    assert ran.code == 1 and "interrupted" in ran.out and "updraft run" in ran.out


def test_a_stale_home_says_so(copied: Home) -> None:
    ran = updraft(copied.root, "status", UPDRAFT_CLOCK="2026-01-21T01:30:00+00:00")
    assert ran.code == 1 and "stale" in ran.out


def test_sample_and_real_data_never_share_a_home(copied: Home) -> None:
    ran = updraft(copied.root, "run", "--vendors", "http://127.0.0.1:9")
    assert ran.code == 1 and "belongs to vendors 'sample'" in ran.err


def test_no_key_of_the_environment_is_kept_anywhere(published: Home) -> None:
    """Neither in packs, tables, pages and receipts nor in what Dagster and dbt log."""
    assert SIGN not in (published.root / "first_run.json").read_text()
    kinds = {path.suffix for path in published.root.rglob("*") if path.is_file()}
    assert {".duckdb", ".parquet", ".db", ".json", ".html"} <= kinds
    assert hits(published.root) == []
