"""The long version of tests/faults/test_readers_while_publishing.py: figures, no assertions. Not collected by pytest.

Run: python tests/bench/readers_while_publishing.py --publishes 1000 --readers 4 --kills 200
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "faults"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "warehouse"))

from reading import attached
from stage import Stage
from tiny_warehouse import served

from orchestration.health import verify_home
from warehouse import generations
from warehouse.crash_points import STEPS
from warehouse.home import Home


def main() -> None:
    """Publish and kill under readers; print what they saw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publishes", type=int, default=1000)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument(
        "--kills", type=int, default=0, help="whole runs killed, half at a named step, half at a random moment"
    )
    parser.add_argument("--seed", type=int, default=20260115)
    wanted = parser.parse_args()
    chance = random.Random(wanted.seed)
    with tempfile.TemporaryDirectory() as folder, Stage() as stage:
        home = Home(Path(folder) / "home")
        assert stage.act("refresh", home.root, 1).value
        stop, started = Path(folder) / "stop", time.monotonic()
        dead, wrong, edition = 0, 0, 1
        with attached(home.door, wanted.readers // 2, wanted.readers - wanted.readers // 2, stop) as saw:
            for number in range(wanted.kills):
                fault = {"die_at": chance.choice(STEPS)} if number % 2 else {"die_after": chance.uniform(0.002, 0.6)}
                ended = stage.act("refresh", home.root, edition + 1, **fault)
                dead += ended.code < 0
                wrong += bool(ended.error)
                now = served(home)
                wrong += not edition <= now <= edition + 1
                edition = now
            published = stage.act("publish_many", home.root, edition + 1, edition + wanted.publishes).value
        print(f"seed {wanted.seed}, {time.monotonic() - started:.0f} s")
        print(
            f"publishes {published} of {wanted.publishes}; killed runs {dead} of {wanted.kills}, wrong after a kill {wrong}"
        )
        print(
            f"reads {sum(s.reads for s in saw)}, of held connections {sum(s.held_reads for s in saw)}, readers {len(saw)}"
        )
        print(
            f"failed, mixed or backward: {sum(len(s.bad) for s in saw)}",
            *[line for s in saw for line in s.bad[:5]],
            sep="\n",
        )
        print(f"generations kept {len(generations.all_generations(home))}, problems {verify_home(home)}")
        for generation in home.generations.iterdir():
            generations.make_writable(generation)


if __name__ == "__main__":
    main()
