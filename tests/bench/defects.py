"""Every defect of the gate's nets alone: exactly its rules refuse it. The suite lets several enter together."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "defects"))
from defect_list import AFTER, BEFORE, defects

from orchestration import steps
from orchestration.settings import Settings
from warehouse.publish import PublishRefused


def main() -> int:
    """One line per defect; exit code 1 if any is not caught by exactly its rules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names that contain this text")
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="updraft-defects-", ignore_cleanup_errors=True) as folder:
        for defect in defects("gate"):
            if options.only not in defect.name:
                continue
            tier = defect.run.partition("-")[0]
            base, home = Path(folder) / f"before_{tier}", Path(folder) / "home"
            os.environ.pop("UPDRAFT_SAMPLE_FAULT", None)
            os.environ.update(UPDRAFT_TIER=tier, UPDRAFT_HOME=str(base), UPDRAFT_CLOCK=BEFORE)
            if not base.exists():
                steps.refresh(Settings.from_env())
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(base, home, symlinks=True)
            os.environ.update(UPDRAFT_HOME=str(home), UPDRAFT_CLOCK=AFTER, UPDRAFT_SAMPLE_FAULT=defect.fault)
            try:
                steps.refresh(Settings.from_env())
                refusing: set[str] = set()
            except PublishRefused as error:
                refusing = {v.rule_id for v in error.verdicts if v.refuses}
            fine = refusing == set(defect.rules)
            wrong += not fine
            print(
                f"{'ok   ' if fine else 'WRONG'} {defect.name}: {', '.join(sorted(refusing)) or 'published'}",
                flush=True,
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
