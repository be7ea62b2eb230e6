"""Many random histories of corrections on a tiny home: how many evenings published, cells changed, left untold.

    python tests/bench/corrections.py --histories 20 --first 100 --work /somewhere

Belongs here: the table. Does not: what a history is (``tests/corrections``).
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "warehouse"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "corrections"))

from evenings import TinyHome, live, untold_kinds

from warehouse.generations import make_writable
from warehouse.publish import PublishRefused


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=10)
    parser.add_argument("--first", type=int, default=100, help="seed of the first history")
    parser.add_argument("--work", type=Path, default=Path("warehouse/data/bench/corrections"))
    told = parser.parse_args()
    shutil.rmtree(told.work, ignore_errors=True)
    told.work.mkdir(parents=True)
    os.environ["UPDRAFT_HOME"] = str(told.work / "prepared")
    TinyHome.prepare(told.work / "prepared")
    evenings, kinds, changed, bad = 0, Counter[str](), 0, 0
    for seed in range(told.first, told.first + told.histories):
        root = told.work / str(seed)
        os.environ["UPDRAFT_HOME"] = str(root)
        try:
            lived = live(TinyHome(root, told.work / "prepared"), seed)
        except PublishRefused as refused:
            print(f"history {seed}: {refused}", flush=True)
            bad += 1
            continue
        wrong = [line for one in lived for line in one.untold] + untold_kinds(lived)
        bad += bool(wrong)
        evenings += len(lived)
        changed += sum(one.changed.total() for one in lived)
        kinds += Counter({kind: n for one in lived for (_, kind), n in one.kinds.items()})
        print(
            f"history {seed}: {len(lived)} evenings published" + "".join(f"\n  untold: {w}" for w in wrong), flush=True
        )
        for generation in (root / "generations").iterdir():
            make_writable(generation)
        shutil.rmtree(root)
    print(f"{told.histories} histories, {evenings} evenings published, {bad} bad; {changed} rows of past sessions changed;"
          f" told: {dict(sorted(kinds.items()))}")  # fmt: skip
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
