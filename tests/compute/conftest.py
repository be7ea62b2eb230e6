"""How the compute tests run dbt: in process, in a scratch folder, against a file of their own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
Dbt = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """``dbt(build_file, *arguments, **vars)`` → status per node name. Raises when dbt itself fails.

    The manifest names the catalog, so every build file must be called ``build.duckdb``.
    """
    from dbt.cli.main import dbtRunner

    scratch = tmp_path_factory.mktemp("dbt")
    parsed: list[Any] = []  # the manifest: parsing takes longer than building, and other vars would parse again

    def run(build: Path, *arguments: str, **variables: str) -> dict[str, str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("UPDRAFT_BUILD", str(build))
            patch.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
            folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
            outputs = ["--target-path", str(scratch / "target"), "--log-path", str(scratch / "logs"), "--quiet"]
            if not parsed:
                parsed.append(dbtRunner().invoke(["parse", *folders, *outputs]).result)
            result = dbtRunner(manifest=parsed[0]).invoke(
                [*arguments, *folders, *outputs, "--vars", json.dumps(variables)]
            )
        if result.exception:
            raise result.exception
        return {
            r.node.name: f"{r.status}{': ' + r.message if r.message and r.status != 'success' else ''}"
            for r in result.result
        }

    return run
