"""Everything but landing can be deleted: the rebuild has the same content, for any number of threads and order of packs."""

from __future__ import annotations

import pytest
from arrivals import load_in_batches, rebuilt, shuffled

from orchestration.settings import Settings
from warehouse import generations
from warehouse.home import Home


@pytest.mark.parametrize("threads", [1, 4])  # the home they are compared with was made by two, its packs in order
def test_rebuilt_with_identical_content(
    copied: Home, settings: Settings, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    """The packs come in random order and in three batches, one pack long after the others."""
    now = generations.published(copied)
    assert now is not None
    monkeypatch.setenv("UPDRAFT_THREADS", str(threads))
    copied.build.unlink()
    load_in_batches(settings, shuffled(copied, seed=threads))
    assert rebuilt(settings) == now.receipt["content"]
