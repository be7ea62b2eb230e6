"""Session after session without a defect: none may be refused, and no warning may be untrue.

dbt builds the first session; the others run what it compiled, which is the same (tests/e2e/test_as_of.py) for half the time.
Belongs here: the run of days. Does not: defects.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
from compiled import Compiled

from ingestion.calendar import sessions, snapshot_at
from ingestion.registry import all_sources
from orchestration import steps
from orchestration.settings import Settings
from warehouse.publish import Published, PublishRefused


def one_day(settings: Settings, compiled: list[Compiled]) -> Published | None:
    """Ask, load, compute, publish. Raises PublishRefused."""
    if not compiled:
        done = steps.refresh(settings)
        compiled.append(Compiled.of(settings.home, settings.as_of_moment()))
        return done
    for source in all_sources():
        steps.load_dataset(settings, source, steps.fetch_dataset(settings, source))
    return compiled[0].publish(settings)


def main() -> int:
    """One line per session; exit code 1 if any was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=60)
    parser.add_argument("--last", type=date.fromisoformat, default=date(2026, 1, 15))
    parser.add_argument("--tier", default="full", choices=("core", "full"))
    options = parser.parse_args()
    days = [day for day in sessions() if day <= options.last][-options.sessions :]
    refused, warnings, compiled = 0, Counter[str](), list[Compiled]()
    with tempfile.TemporaryDirectory(prefix="updraft-days-", ignore_cleanup_errors=True) as folder:
        os.environ.update(UPDRAFT_HOME=str(Path(folder) / "home"), UPDRAFT_TIER=options.tier)
        for day in days:
            os.environ["UPDRAFT_CLOCK"] = snapshot_at(day).isoformat()
            start = time.perf_counter()
            try:
                done = one_day(Settings.from_env(), compiled)
                said = f"published {done.generation}" if done else "nothing new"
                warned = [v.rule_id for v in done.verdicts if v.outcome == "failed"] if done else []
            except PublishRefused as error:
                refused += 1
                said, warned = "REFUSED", [v.rule_id for v in error.verdicts if v.refuses]
            warnings.update(warned)
            print(f"{day} {time.perf_counter() - start:5.1f} s  {said}  {' '.join(warned)}", flush=True)
    print(f"{len(days)} sessions, {refused} refused; warnings: {dict(warnings) or 'none'}")
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
