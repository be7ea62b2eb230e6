"""A process that has imported everything once and forks a child for each act, so that a crash costs milliseconds.

Belongs here: starting children under a fault (death at a step or a moment, a file-size limit, a small disk) and
telling what became of them. Does not: what an act does (``tiny_warehouse``), what must hold after it (the tests).
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Ended:
    """How an act ended: exit code (negative: the signal), what it returned, or the error it raised."""

    code: int
    value: Any = None
    error: str = ""
    text: str = ""


class Stage:
    """The process and the line to it. Use as a context manager."""

    def __init__(self, *before: str) -> None:
        """``before``: a command that starts the process, e.g. in a namespace of its own."""
        self._process = subprocess.Popen(
            [*before, sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).resolve().parents[2], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "UPDRAFT_THREADS": "1"},
        )  # fmt: skip

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def act(self, name: str, root: Path, *args: Any, **fault: Any) -> Ended:
        """Run ``tiny_warehouse.<name>(root, *args)`` in a child.

        Faults: ``die_at`` a named step, ``die_after`` seconds, ``largest_file`` in bytes, ``disk`` in bytes (root is
        then a copy on a file system of that size, made by ``name`` itself).
        """
        assert self._process.stdin and self._process.stdout
        order = {"act": name, "root": str(root), "args": args, **fault}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the stage itself has died"
        return Ended(**json.loads(answer))


def _child(order: dict[str, Any], to: int) -> None:
    import tiny_warehouse

    os.dup2(2, 1)
    said: dict[str, Any]
    try:
        os.environ["UPDRAFT_DIE_AT"] = order.get("die_at", "")
        if limit := order.get("largest_file"):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        if after := order.get("die_after"):
            signal.setitimer(signal.ITIMER_REAL, after)
        if order["act"] == "on_a_small_disk":
            said = {"value": on_a_small_disk(Path(order["root"]), *order["args"])}
        else:
            said = {"value": getattr(tiny_warehouse, order["act"])(Path(order["root"]), *order["args"])}
    except BaseException as error:
        said = {"error": type(error).__name__, "text": "".join(traceback.format_exception_only(error))}
    os.write(to, json.dumps(said).encode())


def on_a_small_disk(mount: Path, base: str, megabytes: float, fill: int, edition: int) -> dict[str, Any]:
    """Refresh a copy of ``base`` on a disk with ``fill`` bytes left; then again with room enough. Both outcomes."""
    import tiny_warehouse

    from orchestration.health import verify_home
    from warehouse.home import Home

    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(mount)], check=True)
    home = Home(mount / "home")
    shutil.copytree(base, home.root, symlinks=True)
    ballast = mount / "ballast"
    with ballast.open("wb") as file:
        free = shutil.disk_usage(mount).free - fill
        while free > 0:
            file.write(b"\0" * min(free, 2**20))
            free -= 2**20
    found: dict[str, Any] = {"error": ""}
    try:
        tiny_warehouse.refresh(home.root, edition)
    except BaseException as error:
        found = {"error": type(error).__name__, "text": str(error)}
    found["full"] = tiny_warehouse.served(home)
    found["half"] = [p.name for p in home.generations.glob(".*")]
    ballast.unlink()
    found["again"] = tiny_warehouse.refresh(home.root, edition)
    found["after"] = tiny_warehouse.served(home)
    found["problems"] = verify_home(home)
    found["left"] = [str(p) for p in home.root.rglob(".*")]
    return found


def main() -> None:
    """Read one order a line, fork, answer with one line."""
    import tiny_warehouse

    tiny_warehouse.warm()
    answers = os.dup(1)
    for line in sys.stdin:
        order = json.loads(line)
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(ours)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            _child(order, theirs)
            os._exit(0)
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            said = pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(answers, (json.dumps({"code": code, **(json.loads(said) if said else {})}) + "\n").encode())


if __name__ == "__main__":
    time.tzset()
    main()
