"""Keys in address, header and environment, through every error path of the client and on to what readers see: no hit.

The client alone: tests/network/test_client_secrets.py. Here the same answers go the whole way, into one home.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import polars as pl
import pytest
import tiny_warehouse
import wire
from canary_search import SIGN, hits
from test_client_secrets import ADDED, ENVIRONMENT, HEADER, KEYED, PATHS, QUERY, question
from tiny_warehouse import served, tiny, ungated

from orchestration import steps
from orchestration.health import examine, verify_home
from warehouse import generations
from warehouse.home import Home


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch, _clean_environment: None) -> None:
    monkeypatch.setenv("UPDRAFT_TEST_API_KEY", ENVIRONMENT)


class Run:
    """Runs of one home against a server that misbehaves; collects all that was said."""

    def __init__(self, root: Path, server: wire.Server, criticality: str) -> None:
        self.root, self.server, self.minute, self.said = root, server, 0, [""]
        self.source = wire.source(
            **KEYED, criticality=criticality, requests=lambda state, now: [question()],
            known_at=lambda frame: frame["day"].cast(pl.Datetime("us", "UTC")),
        )  # fmt: skip

    def go(self, path: str, *, is_whole: bool) -> None:
        """Ask and load what the server says; ``is_whole``: compute and publish too."""
        self.server.says(PATHS[path])
        self.minute += 1
        at = tiny_warehouse.settings(self.root, self.minute)

        def compute(args: list[str], *_: Any) -> tiny_warehouse.Outcome:
            build_id = json.loads(args[args.index("--vars") + 1])["build_id"]
            tiny_warehouse.make_marts(Path(os.environ["UPDRAFT_BUILD"]), build_id, self.minute)
            return tiny_warehouse.Outcome()

        with (
            tiny(),
            ungated(),
            patch.multiple(
                steps, all_sources=lambda: (self.source,), Client=lambda *_: wire.client(self.server.base)
            ),
            patch("orchestration.dbt.invoke", compute),
        ):  # fmt: skip
            try:
                self.said.append(str(steps.fetch_dataset(at, self.source)))
            except steps.StepFailed as error:
                self.said.append("".join(traceback.format_exception(error)))
            self.said.append(str(steps.load_dataset(at, self.source)))
            if is_whole:
                self.said.append(str(steps.publish_build(at, steps.compute(at))))
            self.said += examine(at)


@pytest.mark.parametrize("criticality", ["optional", "required"])
def test_no_key_is_anywhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], criticality: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with wire.serving() as server:
        run = Run(tmp_path / "home", server, criticality)
        for path in PATHS:
            run.go(path, is_whole=path == list(PATHS)[-1])
        heard = b"".join(server.heard).decode()
    assert QUERY in heard and HEADER in heard and "CANARY-in%2Benv" in heard and ADDED in heard, (
        "the keys were really sent"
    )
    home = Home(run.root)
    packed = list((home.landing / "numbers").glob("*.parquet"))
    assert len(packed) == len(PATHS)
    outcomes = {row[0] for pack in packed for row in pl.read_parquet(pack, columns=["outcome"]).rows()}
    assert outcomes == {"data", "error", "missing"}
    if criticality == "required":
        assert sum("StepFailed" in text for text in run.said) >= 8
    assert served(home) >= 1 and verify_home(home) == []
    receipt = generations.published(home)
    assert receipt is not None and SIGN not in str(receipt)
    assert hits(run.root) == []
    printed = capfd.readouterr()
    for text in (*run.said, caplog.text, printed.out, printed.err):
        assert SIGN not in text
    assert os.environ["UPDRAFT_TEST_API_KEY"] == ENVIRONMENT


def test_the_search_finds_what_is_hidden(tmp_path: Path) -> None:
    """In a table, in a compressed column, in a name, in plain bytes."""
    with duckdb.connect(str(tmp_path / "a.duckdb")) as con:
        con.execute("CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 'x CANARY y' AS text FROM range(3000)")
    pl.DataFrame({"body": [b"a CANARY b"] * 3000}).write_parquet(tmp_path / "b.parquet", compression="zstd")
    (tmp_path / "CANARY.txt").write_text("")
    (tmp_path / "d.log").write_text("CANARY")
    found = hits(tmp_path)
    for what in ("a.duckdb: s.t: ", "b.parquet: ", "CANARY.txt", "d.log"):
        assert any(f"{tmp_path}/{what}" in line for line in found), what
