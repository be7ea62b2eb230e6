"""Notes of what the build file has loaded, so that a dataset with nothing new need not open it.

Belongs here: the note of one dataset, beside the build file. Does not: loading (``raw``). A note only spares work: before
anything is computed every dataset is loaded that is behind its landing, whatever its note says.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

from ingestion.source import Source
from warehouse.files import atomic_write
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.raw import LoadReport
from warehouse.versions import columns_of


def nothing_new(home: Home, source: Source) -> LoadReport | None:
    """What a load would report, if nothing has changed since the last one of this dataset; else None."""
    note = _note(home, source)
    if not home.build.exists() or not note.exists():
        return None
    key, _, newest = note.read_text().partition(" ")
    if key != _key(home, source):
        return None
    return LoadReport(source.dataset, newest=date.fromisoformat(newest) if newest else None)


def remember(home: Home, source: Source, report: LoadReport) -> None:
    """Note that the build file holds all of the dataset's landing. The caller holds the lease."""
    note = _note(home, source)
    note.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(note, f"{_key(home, source)} {report.newest or ''}".encode())


def _note(home: Home, source: Source) -> Path:
    return home.temp / "loaded" / source.dataset


def _key(home: Home, source: Source) -> str:
    """Which build file, which packs, which answers set aside, which columns."""
    landing, dataset = Landing(home.landing), source.reads or source.dataset
    basis = [
        home.build.stat().st_ino,
        [pack.name for pack in landing.packs(dataset)],
        sorted(landing.set_aside(dataset)),
        columns_of(source),
    ]
    return hashlib.sha256(json.dumps(basis).encode()).hexdigest()
