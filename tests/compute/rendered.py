"""Models run one by one on an in-memory DuckDB, without dbt: quick enough for property tests.

Belongs here: rendering a model's text and keeping its result as a table of the same name. Does not: dbt's contracts,
tests or layers; whoever wants those builds the project (``conftest.dbt``).
"""

from __future__ import annotations

import runpy
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import polars as pl

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
MODELS, MACROS = PROJECT / "models", [PROJECT / "macros" / name for name in ("as_of.sql", "changes.sql")]


class Dbt:
    """What a Python model is given: its inputs, each on a connection of its own, as dbt gives them while it writes."""

    def __init__(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        self.con, self.this = con, SimpleNamespace(schema="main", identifier=name)

    def config(self, **_: Any) -> None:
        """How the model is kept is no matter here."""

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        """A model's rows."""
        return self.con.cursor().query(f"SELECT * FROM {name}")


class Rendered:
    """``put`` gives the inputs as tables, ``run`` adds models in the order named, ``rows`` reads one back."""

    def __init__(self, **variables: Any) -> None:
        """``variables`` are dbt's vars; ``as_of`` is the end of time unless given."""
        self.con = duckdb.connect(config={"threads": 1})
        self.con.execute("SET TimeZone = 'UTC'")
        given = {"world": "sample", "as_of": "9999-12-31T00:00:00Z"} | variables
        self.jinja = jinja2.Environment()
        self.jinja.globals.update(
            ref=lambda name: name, var=given.__getitem__, builtins=SimpleNamespace(ref=lambda n: n)
        )
        module = self.jinja.from_string("".join(path.read_text() for path in MACROS)).module
        self.macros = {name: macro for name, macro in vars(module).items() if name != "ref"}

    def put(self, **tables: pl.DataFrame) -> None:
        """Create or replace tables."""
        for name, frame in tables.items():
            self.con.register("incoming", frame.to_arrow())
            self.con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
            self.con.unregister("incoming")

    def run(self, *models: str) -> None:
        """Render each model and keep its rows."""
        for name in models:
            (path,) = (p for p in MODELS.rglob(f"{name}.*") if p.suffix != ".yml")
            if path.suffix == ".py":
                self._run_python(path)
                continue
            sql = self.jinja.from_string(path.read_text()).render(self.macros)
            self.con.execute(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def _run_python(self, path: Path) -> None:
        made = runpy.run_path(str(path))["model"](Dbt(self.con, path.stem), self.con)
        self.con.register("made", made)
        self.con.execute(f"CREATE OR REPLACE TABLE {path.stem} AS SELECT * FROM made")
        self.con.unregister("made")

    def run_since(self, name: str, first: date) -> None:
        """Make a Python model by session again, where its sessions from ``first`` on can differ."""
        self.con.execute(f"SET VARIABLE first_made = DATE '{first}'")
        self.run(name)
        self.con.execute("RESET VARIABLE first_made")

    def rows(self, table: str) -> pl.DataFrame:
        """All rows in the order of all columns."""
        return self.con.execute(f"SELECT * FROM {table} ORDER BY ALL").pl()
