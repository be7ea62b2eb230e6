"""Where things lie: every path of a home. Does not belong here: opening or writing any of them, but for its folders."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import HomeError
from warehouse.files import atomic_write

REPO = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Home:
    """One home per vendors mode. All paths of the warehouse, none outside ``root``."""

    root: Path

    @classmethod
    def default(cls, slug: str) -> Home:
        """``$UPDRAFT_HOME`` if set, else ``warehouse/data/<slug>`` of this checkout."""
        moved = os.environ.get("UPDRAFT_HOME")
        return cls((Path(moved) if moved else REPO / "warehouse" / "data" / slug).absolute())

    @property
    def landing(self) -> Path:
        """Immutable vendor bytes, one folder per dataset."""
        return self.root / "landing"

    @property
    def build(self) -> Path:
        """The private database: raw facts and the candidate marts. Can be deleted at any time."""
        return self.root / "build.duckdb"

    @property
    def seal(self) -> Path:
        """sha256 of the build file as the last finished compute left it; absent while anything may be writing it."""
        return self.root / "build.sha256"

    @property
    def generations(self) -> Path:
        """Published generations, one folder each."""
        return self.root / "generations"

    @property
    def current(self) -> Path:
        """The one symlink that decides what readers see."""
        return self.root / "current"

    @property
    def door(self) -> Path:
        """What readers open: always the catalog ``updraft``, whatever the generation."""
        return self.root / "updraft.duckdb"

    @property
    def refusals(self) -> Path:
        """Why candidates were refused, newest last."""
        return self.root / "refused"

    @property
    def temp(self) -> Path:
        """Spill of DuckDB and notes between steps; what a killed process left of the first is removed by the next writer."""
        return self.root / "tmp"

    @property
    def earlier(self) -> Path:
        """The last build as of an earlier moment than what is served: shown once, never served."""
        return self.temp / "earlier"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.root / "dagster"

    @property
    def lease(self) -> Path:
        """The writer lease."""
        return self.root / "lease.json"

    def prepare(self, vendors: str) -> None:
        """Create the folders; record the vendors mode at first use and refuse another later. Raises HomeError."""
        mode = self.root / "home.json"
        try:
            for folder in (self.landing, self.generations, self.refusals, self.temp, self.dagster):
                folder.mkdir(parents=True, exist_ok=True)
            if not mode.exists():
                atomic_write(mode, json.dumps({"vendors": vendors}).encode())
        except OSError as error:
            raise HomeError(
                f"cannot write to the home {self.root}: {error}. Choose another with UPDRAFT_HOME."
            ) from error
        try:
            recorded = json.loads(mode.read_text())["vendors"]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise HomeError(
                f'{mode} is unreadable ({error!r}). It must hold {{"vendors": "<mode>"}}; write there the '
                "mode of this home's landing."
            ) from error
        if recorded != vendors:
            raise HomeError(
                f"the home {self.root} belongs to vendors {recorded!r}; this run wants {vendors!r}. "
                "Sample and real data never share a home: unset UPDRAFT_HOME or point it to another folder."
            )
