"""Evening after evening on the sample vendors, each begun on the one before, held against a whole build every so often.

    python tests/bench/many_evenings.py 2025-10-20 --evenings 60 --every 10

Prints a line per evening (seconds of the processor and of the wall without asking, sizes of the build file and of what
is published) and one per comparison. Exit code 1 where a mart differs from what a whole build makes of the same facts.

Belongs here: the evenings and their cost. Does not: a single pair of days by stage (``evening.py``).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path


def main() -> int:
    """Run the evenings."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=date.fromisoformat, help="the first evening, made whole")
    parser.add_argument("--evenings", type=int, default=60)
    parser.add_argument("--every", type=int, default=10, help="compare with a whole build after so many evenings")
    parser.add_argument("--tier", choices=("core", "full"), default="full")
    parser.add_argument("--work", type=Path, default=None, help="keep the home in this folder")
    options = parser.parse_args()
    from ingestion.calendar import sessions, snapshot_at
    from ingestion.registry import all_sources
    from orchestration import steps
    from orchestration.manifest import ensure_manifest
    from orchestration.settings import Settings

    ensure_manifest()
    work = options.work or Path(tempfile.mkdtemp(prefix="updraft-evenings-"))
    os.environ |= {"UPDRAFT_HOME": str(work), "UPDRAFT_VENDORS": "sample", "UPDRAFT_TIER": options.tier}
    differing: list[str] = []
    days = [day for day in sessions() if day >= options.first][: options.evenings]
    for n, day in enumerate(days):
        os.environ["UPDRAFT_CLOCK"] = snapshot_at(day).isoformat()
        settings = Settings.from_env()
        asked = [(source, steps.fetch_dataset(settings, source)) for source in all_sources()]
        cpu, wall = time.process_time(), time.perf_counter()
        steps.load_datasets(settings, asked)
        build = steps.compute(settings)
        done = steps.publish_build(settings, build)
        cost = f"{time.process_time() - cpu:6.1f} {time.perf_counter() - wall:6.1f}"
        sizes = [file.stat().st_size / 1e6 for file in (settings.home.build, done.path / "updraft.duckdb")]
        begun = "whole: " + build.plan.because if build.plan.is_whole else "begun on the last"
        print(f"{day}  CPU, wall s {cost}   MB {sizes[0]:.0f}, {sizes[1]:.0f}   {done.generation}  {begun}", flush=True)
        if n and (n % options.every == 0 or day == days[-1]):
            found = steps.against_rebuild(settings)
            differing += [f"{day} {line}" for line in found]
            print(f"{day}  against a whole build: {len(found)} marts differ", *found, sep="\n  ", flush=True)
    if options.work is None:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{len(days)} evenings; marts that differ from a whole build: {len(differing)}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
