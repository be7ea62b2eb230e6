"""The sample rows of dbt's seeds that follow from the world or from a sample vendor.

``python -m ingestion.sample.seeds`` writes them; ``--check`` compares.

Belongs here: putting rows into files that also hold rows of the real world. Does not: the rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping

from ingestion import calendar
from ingestion.sample import registry
from ingestion.sample.world import releases

OF_THE_WORLD: Mapping[str, Callable[[], Iterable[str]]] = {
    "release_dates.csv": releases.release_rows,
    "policy_meetings.csv": releases.meeting_rows,
}


def rendered() -> dict[str, tuple[str, str]]:
    """Each seed file that holds such rows: its text as it is, and as it should be."""
    made: dict[str, list[str]] = {}
    vendors = [vendor.seed_rows for vendor in registry.all_vendors().values()]
    for seeds in (OF_THE_WORLD, *vendors):
        for name, rows in seeds.items():
            made.setdefault(name, []).extend(rows())
    texts = {}
    for name, lines in made.items():
        old = calendar.SEED.with_name(name).read_text()
        kept = [line for line in old.splitlines() if not line.startswith("sample,")]
        texts[name] = (old, "\n".join([*kept, *lines]) + "\n")
    return texts


if __name__ == "__main__":
    for name, (old, new) in rendered().items():
        if "--check" in sys.argv and old != new:
            sys.exit(f"{name}: the sample rows are not those of this world: run python -m ingestion.sample.seeds")
        if old != new:
            calendar.SEED.with_name(name).write_text(new)
