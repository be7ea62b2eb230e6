"""Defects in the arithmetic, put into models and kernels one by one: which test catches each?

``python tests/bench/mutations.py [--home DIR] [--only NAME ...] [--no-unit-tests]``. The list is ``mutations.yml``. Without
``--home`` a fresh sample home is made (a minute). Per defect the mutated model and what depends on it are computed anew in
a copy of the build, compared with the second computation, and the unit tests are run with the defect in it: dbt's of the
model, pytest's of the kernel.
Prints a table; ends with 1 when a defect passes.

Belongs here: mutating, computing anew, the table. Does not: what is right (``tests/compute/second``).
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "compute"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import duckdb
from compiled import Compiled, Node, execute
from e2e_support import updraft
from second import registry, scores
from second.facts import World

from orchestration.manifest import read_manifest
from warehouse import generations
from warehouse.home import REPO, Home

PROJECT = REPO / "dbt_project"


@dataclass(frozen=True)
class Mutation:
    """One defect: ``old`` becomes ``new`` in a file below dbt_project/models, or in a kernel that ``models`` call."""

    name: str
    what: str
    file: str
    old: str
    new: str
    models: tuple[str, ...] = ()

    @property
    def is_kernel(self) -> bool:
        """Whether the defect is in a kernel."""
        return bool(self.models)

    @property
    def changed(self) -> tuple[str, ...]:
        """The models that compute something else: indicators stand inside ``all_readings``."""
        return self.models or ("all_readings" if self.file.startswith("indicators/") else Path(self.file).stem,)

    def applied(self, text: str) -> str:
        """The text with the defect in it. Raises ValueError where ``old`` is not found."""
        if self.old not in text:
            raise ValueError(f"mutations.yml, {self.name}: {self.old!r} does not stand in {self.file}")
        return text.replace(self.old, self.new)


def mutations() -> list[Mutation]:
    """The list, each checked to stand in its file."""
    listed = yaml.safe_load((Path(__file__).parent / "mutations.yml").read_text())
    found = [Mutation(**row | {"models": tuple(row.get("models", ()))}) for row in listed]
    for one in found:
        one.applied((PROJECT / "models" / one.file).read_text())
    return found


def affected(changed: Sequence[str]) -> set[str]:
    """The models and every model that depends on them."""
    manifest = read_manifest()
    keys = {k: n["name"] for k, n in manifest["nodes"].items() if n["resource_type"] == "model"}
    queue = [k for k, name in keys.items() if name in changed]
    found = set(queue)
    while queue:
        for child in manifest["child_map"][queue.pop()]:
            if child in keys and child not in found:
                found.add(child)
                queue.append(child)
    return {keys[k] for k in found}


def rebuild(compiled: Compiled, mutation: Mutation, to: Path) -> None:
    """A copy of the build with the mutated model and all that depends on it computed anew."""
    shutil.copyfile(compiled.build, to)
    wanted = affected(mutation.changed)
    con = duckdb.connect(str(to))
    try:
        con.execute("SET TimeZone = 'UTC'")
        for node in compiled.nodes:
            if node.name in wanted:
                is_here = node.name in mutation.changed and not mutation.is_kernel
                code = mutation.applied(node.code) if is_here else node.code
                if node.kind != "view":
                    con.execute(f"DELETE FROM {node.relation}")
                execute(con, Node(node.name, node.schema, node.relation, code, node.kind), code)
    finally:
        con.close()


@contextmanager
def kernel(mutation: Mutation) -> Iterator[None]:
    """The kernel with the defect in it stands in for the right one."""
    if not mutation.is_kernel:
        yield
        return
    name, path = Path(mutation.file).stem, PROJECT / "models" / mutation.file
    for other in (PROJECT / "updraft_kernels").glob("[!_]*.py"):
        importlib.import_module(f"updraft_kernels.{other.stem}")
    right = sys.modules[f"updraft_kernels.{name}"]
    wrong = types.ModuleType(right.__name__)
    wrong.__dict__.update(__package__=right.__package__, __file__=right.__file__)
    sys.modules[right.__name__] = wrong
    exec(compile(mutation.applied(path.read_text()), str(path), "exec"), wrong.__dict__)
    # kernels that call this one hold it by name
    callers = [m for m in sys.modules.values() if getattr(m, "__name__", "").startswith("updraft_kernels")]
    callers = [m for m in callers if getattr(m, name, None) is right]
    for caller in callers:
        setattr(caller, name, wrong)
    try:
        yield
    finally:
        sys.modules[right.__name__] = right
        for caller in callers:
            setattr(caller, name, right)


def noticed(world: World, mutation: Mutation, scratch: Path) -> list[str]:
    """Readings and columns whose second computation differs from the mutated build."""
    world.marts = scratch / "mutated" / world.build.name  # the compiled code names the catalog
    world.marts.parent.mkdir(exist_ok=True)
    with kernel(mutation):
        rebuild(Compiled.of(Home(world.build.parent), world.as_of), mutation, world.marts)
    for forget in (registry.held, registry.wrong_columns, registry.wrong_reading, registry.computed, scores.published):
        forget.cache_clear()
    touched, found = affected(mutation.changed), []
    if "indicator_readings" in touched:
        found += [f"reading {r}" for r in registry.OF_READING if registry.wrong_reading(world, r)]
    for mart in sorted(touched & set(registry.MARTS)):
        found += [f"column {mart}.{column}" for column in registry.wrong_columns(world, mart)]
    return found


def kernel_tests(mutation: Mutation, scratch: Path) -> list[str]:
    """The pytest files of the kernel, if they fail with the defect in it."""
    folder = scratch / "kernels"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(PROJECT / "updraft_kernels", folder / "updraft_kernels")
    path = folder / "updraft_kernels" / Path(mutation.file).name
    path.write_text(mutation.applied(path.read_text()))
    tests = REPO / "tests" / "compute" / f"test_{path.stem}.py"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", str(tests)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, check=False)
    return [tests.stem] if done.returncode == 1 else []


def unit_tests(mutation: Mutation, scratch: Path) -> list[str]:
    """The unit tests that fail with the defect in it."""
    if mutation.is_kernel:
        return kernel_tests(mutation, scratch)
    from dbt.cli.main import dbtRunner

    from orchestration.dbt import close_database

    project = scratch / "project"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs", "__pycache__"))
    path = project / "models" / mutation.file
    path.write_text(mutation.applied(path.read_text()))
    folders = ["--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(scratch / "target")]
    given = ["--log-path", str(scratch / "logs"), "--log-level", "none", "--vars", json.dumps({"world": "sample"})]
    try:
        model = mutation.changed[0] if mutation.is_kernel else Path(mutation.file).stem
        result = dbtRunner().invoke(["test", "--select", f"{model},test_type:unit", *folders, *given])
    finally:
        close_database()
    if result.exception:
        raise result.exception
    return [r.node.name for r in result.result if r.node.resource_type == "unit_test" and str(r.status) != "pass"]


def main() -> int:
    """Run them all; 1 when one passes unseen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--no-unit-tests", action="store_true")
    args = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="mutations "))
    try:
        return _all(args, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _all(args: Any, scratch: Path) -> int:
    if args.home is None:
        args.home = scratch / "home"
        ran = updraft(args.home, "run")
        assert ran.code == 0, ran.err + ran.out
    home = Home(args.home.resolve())
    now = generations.published(home)
    assert now is not None, f"{home.root} has published nothing; run updraft in it first"
    world = World(home.build, datetime.fromisoformat(now.receipt["as_of"]))
    (scratch / "units").mkdir()
    shutil.copyfile(home.build, scratch / "units" / "build.duckdb")
    os.environ["UPDRAFT_BUILD"] = str(scratch / "units" / "build.duckdb")
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    unseen = []
    print("| defect | second computation | unit tests |", "|---|---|---|", sep="\n", flush=True)
    for mutation in mutations():
        if args.only and mutation.name not in args.only:
            continue
        again = noticed(world, mutation, scratch)
        units = [] if args.no_unit_tests else unit_tests(mutation, scratch)
        shown = ", ".join(again[:3]) + (f" and {len(again) - 3} more" if len(again) > 3 else "")
        print(f"| {mutation.what} | {shown or '**nothing**'} | {', '.join(units) or '–'} |", flush=True)
        unseen += [] if again or units else [mutation.name]
    print(f"\nunseen: {', '.join(unseen) or 'none'}")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
