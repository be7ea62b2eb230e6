"""Everything but landing can be deleted: the rebuild has the same content, for any number of threads."""

from __future__ import annotations

import pytest

from ingestion.registry import all_sources
from orchestration import steps
from orchestration.settings import Settings
from warehouse import candidate, generations
from warehouse.store import Home, build_session


def rebuilt(settings: Settings) -> dict[str, str]:
    """Content hashes of every mart after loading whatever landing holds and computing anew."""
    for source in all_sources():
        steps.load_dataset(settings, source)
    build = steps.compute(settings)
    with build_session(settings.home, build.path) as con:
        marts = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'").fetchall()
        return candidate.content_hashes(con, [name for (name,) in marts])


@pytest.mark.parametrize("threads", ["1", "4"])
def test_rebuilt_from_landing_with_identical_content(
    copied: Home, settings: Settings, monkeypatch: pytest.MonkeyPatch, threads: str
) -> None:
    now = generations.published(copied)
    assert now is not None
    monkeypatch.setenv("UPDRAFT_THREADS", threads)
    copied.build.unlink()
    assert rebuilt(settings) == now.receipt["content"]


def test_packs_that_arrive_in_another_order_change_nothing(copied: Home, settings: Settings) -> None:
    """The newest pack of a dataset is held back, the rest loaded, then it comes: as if an old pack came late."""
    now = generations.published(copied)
    assert now is not None
    held = sorted((copied.landing / "fred_observations").glob("*.parquet"))
    assert held
    aside = copied.root / held[0].name
    home_folder = held[0].parent
    held[0].rename(aside)
    copied.build.unlink()
    for source in all_sources():
        steps.load_dataset(settings, source)
    aside.rename(home_folder / aside.name)
    assert rebuilt(settings) == now.receipt["content"]
