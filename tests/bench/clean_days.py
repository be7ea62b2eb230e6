"""Session after session without a defect: none may be refused. Belongs here: the run of days. Does not: defects."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import date
from pathlib import Path

from ingestion.calendar import sessions, snapshot_at
from orchestration import steps
from orchestration.settings import Settings
from warehouse.publish import PublishRefused


def main() -> int:
    """One line per session; exit code 1 if any was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=60)
    parser.add_argument("--last", type=date.fromisoformat, default=date(2026, 1, 15))
    parser.add_argument("--tier", default="full", choices=("core", "full"))
    options = parser.parse_args()
    days = [day for day in sessions() if day <= options.last][-options.sessions :]
    refused = 0
    with tempfile.TemporaryDirectory(prefix="updraft-days-", ignore_cleanup_errors=True) as folder:
        os.environ.update(UPDRAFT_HOME=str(Path(folder) / "home"), UPDRAFT_TIER=options.tier)
        for day in days:
            os.environ["UPDRAFT_CLOCK"] = snapshot_at(day).isoformat()
            start = time.perf_counter()
            try:
                done = steps.refresh(Settings.from_env())
                said = f"published {done.generation}" if done else "nothing new"
                warned = [v.rule_id for v in done.verdicts if v.outcome == "failed"] if done else []
            except PublishRefused as error:
                refused += 1
                said, warned = "REFUSED", [v.rule_id for v in error.verdicts if v.refuses]
            print(f"{day} {time.perf_counter() - start:5.1f} s  {said}  {' '.join(warned)}", flush=True)
    print(f"{len(days)} sessions, {refused} refused")
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
