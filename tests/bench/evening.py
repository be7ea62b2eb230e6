"""What an evening costs: a first day, the next day, a rebuild of it and a run with nothing new, by stage, in one table.

    python tests/bench/evening.py 2026-01-13 2026-01-14
    python tests/bench/evening.py 2026-01-14 2026-01-15 --vendors BASE_URL --before 'curl -fsSX POST BASE_URL/…/{day}'

Each row is a process of its own. ``ask`` is what the vendors cost (the sample vendors make their answers in this process);
the aims are about the rest. ``updraft run`` is the whole command as people run it, with its start and its words.

Belongs here: runs, stages, the table. Does not: judging figures. Exit code 1 where the next day and its rebuild differ.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

STAGES = ("ask", "load", "compute", "publish")


def stages() -> None:
    """The stages of one run in this process, as JSON: seconds of the wall and of the processor, and the content made."""
    from ingestion.registry import all_sources
    from orchestration import steps
    from orchestration.manifest import ensure_manifest
    from orchestration.settings import Settings

    ensure_manifest()
    settings, found = Settings.from_env(), dict.fromkeys(STAGES, (0.0, 0.0))

    def timed(stage: str, work):  # type: ignore[no-untyped-def]
        wall, cpu = time.perf_counter(), time.process_time()
        done = work()
        found[stage] = (found[stage][0] + time.perf_counter() - wall, found[stage][1] + time.process_time() - cpu)
        return done

    # a rebuild asks nobody: a vendor that is asked for old sessions bit by bit would give it other facts
    asked = [
        (source, timed("ask", lambda source=source: steps.fetch_dataset(settings, source)))
        for source in (() if settings.rebuild else all_sources())
    ]
    if asked:
        timed("load", lambda: steps.load_datasets(settings, asked))
    build = timed("compute", lambda: steps.compute(settings))
    done = timed("publish", lambda: steps.publish_build(settings, build))
    print(json.dumps({"stages": found, "content": done.hashes, "plan": str(build.plan)}))


def whole_command(env: dict[str, str]) -> tuple[float, float]:
    """(wall, CPU) of `updraft run`."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    updraft = Path(sys.executable).parent / "updraft"
    subprocess.run([str(updraft), "run"], env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - wall, cpu


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first")
    parser.add_argument("next")
    parser.add_argument("--vendors", default="sample")
    parser.add_argument("--before", default="", help="run before each day's run; {day} is the day")
    parser.add_argument("--work", type=Path, default=None, help="keep the homes in this folder")
    parser.add_argument("--stages", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stages:
        stages()
        return 0
    from ingestion.calendar import snapshot_at

    work = options.work or Path(tempfile.mkdtemp(prefix="updraft-evening-"))
    rows: list[tuple[str, dict[str, tuple[float, float]]]] = []
    contents: dict[str, dict[str, str]] = {}

    def env_of(home: str, day: str) -> dict[str, str]:
        from datetime import date

        if options.before:
            subprocess.run(shlex.split(options.before.format(day=day)), check=True, stdout=subprocess.DEVNULL)
        clock = "UPDRAFT_CLOCK" if options.vendors == "sample" else "UPDRAFT_AS_OF"
        moment = snapshot_at(date.fromisoformat(day)).isoformat()
        return os.environ | {"UPDRAFT_HOME": str(work / home), "UPDRAFT_VENDORS": options.vendors, clock: moment}

    def staged(name: str, home: str, day: str, **more: str) -> None:
        command = [sys.executable, __file__, options.first, options.next, "--stages"]
        said = subprocess.run(command, env=env_of(home, day) | more, check=True, capture_output=True, text=True).stdout
        found = json.loads(said.strip().splitlines()[-1])
        rows.append((f"{name}\n[dim]{found['plan']}[/]", found["stages"]))
        contents[name] = found["content"]

    staged("first day", "home", options.first)
    shutil.copytree(work / "home", work / "command", symlinks=True)
    staged("next day", "home", options.next)
    staged("the same, rebuilt", "home", options.next, UPDRAFT_REBUILD="1")
    commands = [("updraft run, next day", whole_command(env_of("command", options.next)))]
    commands += [("updraft run, nothing new", whole_command(env_of("command", options.next)))]
    table = Table(title=f"vendors {options.vendors}", header_style="bold", box=None, padding=(0, 2, 0, 0))
    table.add_column("CPU s (wall s)")
    for stage in (*STAGES, "all but ask"):
        table.add_column(stage, justify="right")
    for name, found in rows:
        rest = tuple(sum(found[stage][n] for stage in STAGES[1:]) for n in (0, 1))
        cells = [f"{cpu:.1f} ({wall:.1f})" for wall, cpu in (*(found[stage] for stage in STAGES), rest)]
        table.add_row(name, *cells)
    for name, (wall, cpu) in commands:
        table.add_row(name, *[""] * len(STAGES), f"{cpu:.1f} ({wall:.1f})")
    Console(width=110).print(table)
    costs = [sum(found[stage][1] for stage in STAGES[1:]) for _, found in rows]
    differ = [mart for mart, sha in contents["next day"].items() if contents["the same, rebuilt"][mart] != sha]
    print(
        f"next day / first day, without asking: {costs[1] / costs[0]:.3f}; next day / rebuild: {costs[1] / costs[2]:.3f}"
    )
    print(
        f"marts that differ between the next day and its rebuild: {', '.join(differ) or 'none'} of {len(contents['next day'])}"
    )
    if options.work is None:
        shutil.rmtree(work, ignore_errors=True)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
