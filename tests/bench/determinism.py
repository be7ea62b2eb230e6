"""Rebuild after rebuild from one landing: threads 1, 2, 4, 8 and packs in random orders, content hashes compared.

    python tests/bench/determinism.py --work DIR [--rounds 3]

The landing is that of a home which was asked at several clocks (``lived``), so there are many packs, late facts and
revisions. Belongs here: the rounds and their table. Does not: how packs are shuffled (``arrivals``).
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from dataclasses import replace
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
from arrivals import load_in_batches, rebuilt, shuffled
from lived import EVENINGS, environment, live

from orchestration.manifest import ensure_manifest
from orchestration.settings import Settings, moment
from warehouse.home import Home


def main() -> None:
    """Print one line per rebuild; exit 1 when any mart differs from the first."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 4, 8])
    args = parser.parse_args()
    ensure_manifest()
    lived, again = args.work / "lived", args.work / "again"
    if not lived.exists():
        live(lived)
    first: dict[str, str] = {}
    wrong = 0
    for number, threads in product(range(args.rounds), args.threads):
        shutil.rmtree(again, ignore_errors=True)
        shutil.copytree(lived, again, symlinks=True)
        started = time.monotonic()
        with environment(UPDRAFT_HOME=str(again), UPDRAFT_THREADS=str(threads)):
            settings = replace(Settings.from_env(), clock=moment("evening", list(EVENINGS)[-1]))
            Home(again).build.unlink()
            load_in_batches(settings, shuffled(Home(again), seed=100 * number + threads))
            found = rebuilt(settings)
        first = first or found
        bad = sorted(mart for mart in found if found[mart] != first[mart])
        wrong += len(bad)
        said = "identical" if not bad else "DIFFERS in " + ", ".join(bad)
        print(
            f"round {number + 1} threads {threads}: {len(found)} marts {said}, {time.monotonic() - started:.0f} s",
            flush=True,
        )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
