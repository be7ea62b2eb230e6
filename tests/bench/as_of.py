"""The as-of promise at length: random days, every mart of a build as of the day against one as of the last evening.

    python tests/bench/as_of.py --work DIR [--dates 64] [--seed 1] [--thin]

On the home that was asked at several clocks (``lived``), with every company unless ``--thin``. Prints one line per day and
what happened after it; exit 1 on any difference. Belongs here: the days and the table. Does not: the comparison
(``point_in_time``).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
from compiled import Compiled
from lived import CORRECTED, EVENINGS, copy_of, environment, live, never_corrected, thinned
from point_in_time import chosen, compare, happened_after

from ingestion.calendar import snapshot_at
from orchestration import steps
from orchestration.manifest import ensure_manifest
from orchestration.settings import Settings, moment

LAST = date.fromisoformat(list(EVENINGS)[-1])


def main() -> None:
    """Build, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--dates", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--thin", action="store_true")
    args = parser.parse_args()
    ensure_manifest()
    shutil.rmtree(args.work, ignore_errors=True)
    args.work.mkdir(parents=True)
    raw = copy_of(live(args.work / "lived"), args.work / "raw")
    if args.thin:
        thinned(raw)
    uncorrected = copy_of(raw, args.work / "uncorrected")
    never_corrected(uncorrected)
    built = copy_of(raw, args.work / "built")
    with environment(UPDRAFT_HOME=str(built.root)):
        steps.compute(replace(Settings.from_env(), clock=moment("evening", str(LAST))))
    compiled = Compiled.of(built, snapshot_at(LAST))
    files = {home.root.name: args.work / f"{home.root.name}.duckdb" for home in (raw, uncorrected)}
    for home in (raw, uncorrected):
        compiled.seeded(home.build, files[home.root.name])
    now = compiled.run(files["raw"], args.work / "now", snapshot_at(LAST))
    before = compiled.run(files["uncorrected"], args.work / "now uncorrected", snapshot_at(LAST))
    same = compare(built.build, now, LAST)
    print(
        f"compiled nodes against dbt's own build: {sum(same.rows.values()):,} rows, {len(same.differences)} marts differ"
    )
    cases = wrong = 0
    events = Counter[str]()
    for day in chosen(args.seed, args.dates, LAST, max(2, args.dates // 10)):
        started = time.process_time()
        then = compiled.run(files["raw"], args.work / "then", snapshot_at(day))
        found = compare(then, now if day >= date.fromisoformat(CORRECTED) else before, day)
        after = happened_after(files["raw"], day)
        events.update(after)
        cases += len(found.rows)
        wrong += len(found.differences)
        print(f"{day}: {len(found.rows)} marts, {sum(found.rows.values()):>9,} rows, {len(found.differences)} differ, "
              f"{time.process_time() - started:.0f} CPU-s; later: {after}", flush=True)  # fmt: skip
        for one in found.differences:
            print(f"    {one}", flush=True)
    print(f"{cases:,} cases of (day, mart), {wrong} differ; after these days: {dict(events)}")
    sys.exit(1 if wrong or same.differences else 0)


if __name__ == "__main__":
    main()
