"""A build once more as of another day: the SQL and Python that dbt compiled, run in dbt's order without dbt.

dbt costs more than the queries it runs, and the tests of the as-of promise need many builds. A test shows that what comes
out is what dbt itself builds. Belongs here: running compiled nodes. Does not: comparing builds (``point_in_time``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from ingestion.registry import all_sources
from orchestration import steps
from orchestration.manifest import marts, read_manifest
from orchestration.settings import Settings
from warehouse import publish
from warehouse.database import build_session
from warehouse.home import Home
from warehouse.lease import writing
from warehouse.rulebook import Rule, load_rules


@dataclass(frozen=True)
class Node:
    """A compiled model: where it goes, what computes it, and as what it is kept."""

    name: str
    schema: str
    relation: str
    code: str
    kind: str  # view, table or python


@dataclass(frozen=True)
class Compiled:
    """Everything one finished dbt build ran, in an order that works, and the moment it was as of."""

    nodes: tuple[Node, ...]
    build: Path
    as_of: str

    @classmethod
    def of(cls, home: Home, as_of: datetime) -> Compiled:
        """What the newest build of ``home`` ran."""
        manifest, written = read_manifest(), home.temp / "dbt" / "compiled" / "updraft"
        models = {k: n for k, n in manifest["nodes"].items() if n["resource_type"] == "model"}
        graph = {k: [p for p in n["depends_on"]["nodes"] if p in models] for k, n in models.items()}
        nodes = []
        for key in TopologicalSorter(graph).static_order():
            n = models[key]
            if n["config"]["materialized"] == "ephemeral":
                continue  # its SQL stands in that of the model that reads it
            kept_as = "view" if n["config"]["materialized"] == "view" else "table"
            kind = "python" if n["language"] == "python" else kept_as
            code = (written / n["original_file_path"]).read_text()
            assert code, f"{key} was not compiled by the build of {home.root}"
            nodes.append(Node(n["name"], n["schema"], n["relation_name"], code, kind))
        return cls(tuple(nodes), home.build, as_of.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def seeded(self, raw: Path, to: Path) -> None:
        """A file with the raw facts of ``raw`` and the seeds of the build; nothing computed yet."""
        shutil.copyfile(raw, to)
        con = duckdb.connect(str(to))
        try:
            con.execute(f"ATTACH '{str(self.build).replace(chr(39), chr(39) * 2)}' AS built (READ_ONLY)")
            for schema in {n.schema for n in self.nodes} | {"seeds"}:
                con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            tables = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'built'"
            for schema, table in con.execute(f"{tables} AND schema_name NOT IN ('raw', 'quarantine')").fetchall():
                rows = "" if schema == "seeds" else " LIMIT 0"  # of models: names and types, as dbt made them
                con.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
                con.execute(f'CREATE OR REPLACE TABLE "{schema}"."{table}" AS FROM built."{schema}"."{table}"{rows}')
        finally:
            con.close()

    def run(self, seeded: Path, root: Path, as_of: datetime, change: Callable[[Node, str], str] | None = None) -> Path:
        """Every model on a copy of ``seeded`` as of a moment; ``change`` may spoil the code of a node. The build file."""
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        home, moment = Home(root), as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
        shutil.copyfile(seeded, home.build)
        with build_session(home) as con:
            self._run(con, moment, change)
        return home.build

    def again(self, con: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
        """Every model once more in the file where dbt built it, as of a moment; no later build may begin on that."""
        con.execute("DROP TABLE IF EXISTS changes.built")
        for node in self.nodes:
            if node.kind != "view":
                con.execute(f"DELETE FROM {node.relation}")
        self._run(con, as_of.strftime("%Y-%m-%dT%H:%M:%SZ"), None)

    def publish(self, settings: Settings, rules: Mapping[str, Sequence[Rule]] | None = None) -> publish.Published:
        """Compute and publish what is loaded, as a run would but without dbt. Raises PublishRefused."""
        facts = steps.facts_of(settings)
        with writing(settings.home, "compute"), build_session(settings.home) as con:
            self.again(con, facts.as_of)
            con.execute("UPDATE build_log.marts SET build_id = ?", [facts.build_id])
        with writing(settings.home, "publish"):
            specs = marts()
            new = publish.Candidate(settings.home.build, facts, specs, all_sources(), rules or load_rules(specs))
            return publish.publish(settings.home, new)

    def _run(self, con: duckdb.DuckDBPyConnection, moment: str, change: Callable[[Node, str], str] | None) -> None:
        for node in self.nodes:
            code = node.code.replace(self.as_of, moment)
            execute(con, node, change(node, code) if change else code)


def execute(con: duckdb.DuckDBPyConnection, node: Node, code: str) -> None:
    """Compute one node into its table, which must be empty."""
    if node.kind == "view":
        con.execute(f"CREATE OR REPLACE VIEW {node.relation} AS {code}")
    elif node.kind == "table":
        con.execute(f"INSERT INTO {node.relation} BY NAME {code}")
    else:
        _python(con, node, code)


def _python(con: duckdb.DuckDBPyConnection, node: Node, code: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(code, node.name, "exec"), names)
    # inputs come on connections of their own: a model may still read while its rows are written
    frame = names["model"](names["dbtObj"](lambda relation: con.cursor().query(f"SELECT * FROM {relation}")), con)
    con.register("made", frame)
    con.execute(f"INSERT INTO {node.relation} BY NAME SELECT * FROM made")
    con.unregister("made")
