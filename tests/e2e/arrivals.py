"""Packs of landing that arrive in another order than they were written.

Belongs here: hiding packs, letting them come in batches, the content that results. Does not: which orders are tried.
"""

from __future__ import annotations

import random
from pathlib import Path

from ingestion.registry import all_sources
from orchestration import steps
from orchestration.settings import Settings
from warehouse import content
from warehouse.database import build_session
from warehouse.home import Home


def shuffled(home: Home, seed: int) -> list[list[Path]]:
    """All packs in a random order, as three batches; the last is a single pack: one that comes late."""
    draw = random.Random(seed)
    packs = sorted(home.landing.glob("*/*.parquet"))
    draw.shuffle(packs)
    cut = draw.randrange(1, len(packs) - 1)
    return [packs[:cut], packs[cut:-1], packs[-1:]]


def load_in_batches(settings: Settings, batches: list[list[Path]]) -> None:
    """Hide every pack, then let them arrive batch by batch, loading after each."""
    aside = settings.home.root / "not yet"
    aside.mkdir()
    for number, pack in enumerate(one for batch in batches for one in batch):
        pack.rename(aside / str(number))
    number = 0
    for batch in batches:
        for pack in batch:
            (aside / str(number)).rename(pack)
            number += 1
        for source in all_sources():
            if any(pack.parent.name == (source.reads or source.dataset) for pack in batch):
                steps.load_dataset(settings, source)
    aside.rmdir()


def rebuilt(settings: Settings) -> dict[str, str]:
    """Content hashes of every mart after computing anew from what is loaded."""
    build = steps.compute(settings)
    with build_session(settings.home, build.path) as con:
        marts = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'").fetchall()
        return content.content_hashes(con, [name for (name,) in marts])
