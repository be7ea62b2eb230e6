"""The shared lake as a run and the command line use it: whether there is one, whose name it bears, its words on screen.

Belongs here: UPDRAFT_LAKE and what is printed. Does not: committing (``warehouse.lake``), which is imported only where a
lake is set, so that one machine pays nothing for it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from orchestration.settings import Settings
from warehouse.errors import HomeError, LakeError

if TYPE_CHECKING:
    from warehouse.lake import Committed
    from warehouse.lake_catalog import Lake, Snapshot

NOT_THERE = "published here, not in the lake: "


def is_set() -> bool:
    """Whether a run commits to a lake."""
    return bool(os.environ.get("UPDRAFT_LAKE"))


def lake() -> Lake:
    """The lake of the environment. Raises LakeError where the variables cannot be used."""
    from warehouse.lake_catalog import lake_at

    return lake_at(os.environ)


def pipeline(settings: Settings, name: str = "") -> str:
    """The name under which this home writes. Raises LakeError."""
    from warehouse.lake_catalog import pipeline_named, pipeline_of

    given = name or os.environ.get("UPDRAFT_LAKE_PIPELINE", "")
    return pipeline_named(given) if given else pipeline_of(settings.vendors.slug)


def answers(settings: Settings) -> None:
    """Raises LakeError where a lake is set and cannot be reached: before any vendor is asked. Writes nothing."""
    if not is_set():
        return
    from warehouse.lake_catalog import reach, session

    where = lake()
    pipeline(settings)
    with session(settings.home, where) as con:
        reach(con, where)


def bring_up_to_date(settings: Settings) -> Committed | None:
    """Commit what is published to the lake, if one is set; nothing is written where the lake has it.

    Raises LakeError or HomeError, with what to type next; what is published in the home stays so.
    """
    if not is_set():
        return None
    from warehouse.lake import commit

    try:
        return commit(settings.home, lake(), pipeline(settings))
    except (LakeError, HomeError) as error:
        again = "" if "updraft publish-lake" in str(error) else " Again: updraft publish-lake"
        # without a cause: the innermost error is what Dagster's history and the command line show
        raise LakeError(f"{NOT_THERE}{str(error).rstrip('.')}.{again}") from None


def committed_lines(done: Committed, where: Lake) -> list[str]:
    """One short block: what was committed, and how to read it."""
    now = done.snapshot
    said = "committed" if done.is_new else "nothing new: the lake has it already"
    made = [
        f"{said}: pipeline {now.pipeline}, generation {now.told['generation']}, snapshot {now.number}",
    ]
    if done.is_new:
        made.append(
            f"  wrote    {len(done.exchanged)} marts, kept {done.kept}; {done.rows:,} rows in {done.files} files,"
            f" {done.size / 1e6:.1f} MB"
        )
        if done.expired:
            made.append(f"  expired  {done.expired} older snapshot(s) of this pipeline")
    made.append(f"  lake     {where.shown}")
    made.append(f"  files    {where.files}")
    made.append("  again    updraft lake (how to read it) · updraft publish-lake --verify")
    return made


def listed_lines(held: list[Snapshot]) -> list[str]:
    """A line for each commit that the lake holds."""
    wide = max(8, *(len(one.pipeline) for one in held)) if held else 8
    head = f"{'pipeline':<{wide}}  {'generation':<15}  {'snapshot':>8}  as of (UTC)"
    return [head] + [
        f"{one.pipeline:<{wide}}  {one.told['generation']:<15}  {one.number:>8}  {one.as_of:%Y-%m-%d %H:%M}"
        for one in held
    ]
