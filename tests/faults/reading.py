"""A reader in a process of its own: reads until it is told to stop, and says what it saw.

Belongs here: opening again and again, holding old connections, noticing mixed and backward reads. Does not: publishing.
Run as ``reading.py DOOR plain|hardened STOP PAUSE``; it prints one line of JSON when the file STOP appears.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
from tiny_warehouse import seen

from warehouse.database import reader

HELD = 7  # connections held open at once: more than the generations that are kept, so some read a removed one


@dataclass
class Saw:
    """What one reader process saw."""

    reads: int = 0
    held_reads: int = 0
    editions: int = 0
    last: int = 0
    bad: list[str] = field(default_factory=list)


def read_until(door: Path, is_plain: bool, stop: Path, pause: float) -> Saw:
    """Open, read, hold, read again."""
    saw = Saw()
    held: list[tuple[duckdb.DuckDBPyConnection, tuple[int, str]]] = []
    is_last = False
    while not is_last:
        is_last = stop.exists()
        try:
            con = duckdb.connect(str(door), read_only=True) if is_plain else reader(door)
            found = seen(con)
            saw.reads += 1
            if found[0] < saw.last:
                saw.bad.append(f"backward: {found} after edition {saw.last}")
            if found[0] > saw.last:
                saw.editions, saw.last = saw.editions + 1, found[0]
                held.append((con, found))
            else:
                con.close()
            while len(held) > HELD:
                held.pop(0)[0].close()
            if held:
                old, then = held[saw.reads % len(held)]
                saw.held_reads += 1
                if (now := seen(old)) != then:
                    saw.bad.append(f"a held connection saw {now} after {then}")
        except Exception as error:
            saw.bad.append(f"{type(error).__name__}: {error}")
        time.sleep(pause)
    return saw


@contextlib.contextmanager
def attached(door: Path, plain: int, hardened: int, stop: Path, pause: float = 0.0) -> Iterator[list[Saw]]:
    """So many reader processes while the block runs; what they saw is in the list afterwards."""
    saw: list[Saw] = []
    readers = [
        subprocess.Popen(
            [sys.executable, __file__, str(door), kind, str(stop), str(pause)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for kind in ["plain"] * plain + ["hardened"] * hardened
    ]
    try:
        for process in readers:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
        yield saw
    finally:
        stop.touch()
        said = [process.communicate()[0] for process in readers]
    saw += [Saw(**json.loads(text)) for text in said]


if __name__ == "__main__":
    print("ready", flush=True)
    print(
        json.dumps(asdict(read_until(Path(sys.argv[1]), sys.argv[2] == "plain", Path(sys.argv[3]), float(sys.argv[4]))))
    )
