"""What values a series can have: bounds, a largest step from one observation to the next, and the scale of a file.

Belongs here: judging the values of one answer against seed ``bounds.csv`` and against the value held before it. Does
not: reading what is held (the loader gives it), shapes of bodies, rules for bars.

A step is implausible only when it is both larger than ``max_step`` (in the unit of the series) and outside
``1/max_ratio .. max_ratio``: a yield of 15 % may fall by more points than one of 1 %, and one of 0.02 % may rise tenfold.
Indices, counts and money have a ``max_step`` of 0, so their ratio alone decides. A unit slip breaks both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

import polars as pl

from ingestion import calendar
from ingestion.source import Plausible

SEED = calendar.SEED.parent / "bounds.csv"
OUT_OF_BOUNDS, STEP, SCALE = "value_out_of_bounds", "step_implausible", "file_out_of_scale"
RULES = {
    OUT_OF_BOUNDS: "the value lies outside the bounds that seed bounds.csv gives the series; a unit slip looks like this",
    STEP: "the value is further from the observation before than seed bounds.csv allows; a unit slip looks like this",
    SCALE: "the file is in another unit: a tenth of it lies outside the bounds of seed bounds.csv, or a long history never"
    " reaches the level named there",
}
LONG = 1000  # rows from which a history must have reached its `peak`
MANY, MOST_OUTSIDE = 10, 0.1  # of so many rows or more, the share that may lie outside the bounds one by one
SETTLED = 3  # rows that agree with each other: enough to judge the others by
REACH_DAYS = 45  # a held value older than this before an answer says nothing about its first row
SPLIT_SLACK = 0.15  # the day's own move and flow beside a split, as logarithms
_Follows = Callable[[tuple[float, float | None], int], bool]


@dataclass(frozen=True, slots=True)
class Bound:
    """One row of the seed. ``peak``: what the largest value of a long history reaches; None where nothing is sure."""

    low: float
    high: float
    max_step: float
    max_ratio: float
    peak: float | None

    def holds(self, value: float) -> bool:
        """Whether a value on its own is possible."""
        return math.isfinite(value) and self.low <= value <= self.high

    def allows(self, before: float, after: float) -> bool:
        """Whether a value can follow another."""
        if abs(after - before) <= self.max_step * (1 + 1e-9) or after == before:
            return True
        if before * after <= 0:
            return False
        return 1 / self.max_ratio <= after / before <= self.max_ratio


@lru_cache(1)
def bounds() -> dict[tuple[str, str], Bound]:
    """The seed by (kind, id)."""
    table = pl.read_csv(SEED, infer_schema=False)
    return {
        (row["kind"], row["id"]): Bound(
            float(row["low"]),
            float(row["high"]),
            float(row["max_step"]),
            float(row["max_ratio"]),
            float(row["peak"]) if row["peak"] else None,
        )
        for row in table.iter_rows(named=True)
    }


def bound_of(kind: str, name: str) -> Bound:
    """The bound of one series. Raises KeyError that says where it belongs: a series without bounds is not loaded."""
    try:
        return bounds()[kind, name]
    except KeyError:
        raise KeyError(f"{kind} {name!r} has no row in {SEED.name}: give it bounds and a largest step") from None


def shaped(frame: pl.DataFrame, spec: Plausible) -> pl.DataFrame:
    """The columns judging needs of any dataset: _name, _at (Datetime), _value, _other, and those of ``spec.within``."""
    null = pl.lit(None, dtype=pl.Float64)
    return frame.with_columns(
        (pl.lit(spec.name) if spec.name else pl.col(spec.series)).cast(pl.String).alias("_name"),
        pl.col(spec.ordered).cast(pl.Datetime("us")).alias("_at"),
        pl.col(spec.value).alias("_value"),
        (pl.col(spec.undone_by) if spec.undone_by else null).alias("_other"),
    ).filter(pl.all_horizontal(pl.col("_name", "_at", "_value").is_not_null()))


def judge(frame: pl.DataFrame, spec: Plausible, held: pl.DataFrame | None = None) -> pl.Series:
    """The rule each row breaks, or null (String, one per row).

    ``frame`` has ``_answer`` (number of the answer a row came in) beside the declared columns; ``held`` is what stood
    before these answers came, ``shaped``, one row per series and moment: the first row of an answer is compared with it.
    Raises KeyError for a series without a row in the seed.
    """
    own = [*([] if spec.paged else ["_answer"]), "_name", *spec.within, *spec.apart]
    rows = shaped(frame.with_row_index("_row"), spec).sort(*own, "_at")
    found: list[str | None] = [None] * frame.height
    for group in _doubted(rows, own, spec, held):
        bound = bound_of(spec.kind, group["_name"][0])
        before = (group["_held"][0], group["_held_other"][0]) if group["_held"][0] is not None else None
        for row, rule in _broken(group, bound, before):
            found[row] = rule
    return pl.Series("_implausible", found, dtype=pl.String)


def _doubted(rows: pl.DataFrame, own: list[str], spec: Plausible, held: pl.DataFrame | None) -> Iterator[pl.DataFrame]:
    """The answers in which anything breaks a bound: nearly always none, so the rest is not looked at row by row."""
    names = rows["_name"].unique().sort().to_list()
    table = pl.DataFrame(
        [{"_name": name, **asdict(bound_of(spec.kind, name))} for name in names],
        schema={"_name": pl.String, **dict.fromkeys(("low", "high", "max_step", "max_ratio", "peak"), pl.Float64)},
    )
    firsts = rows.group_by(own, maintain_order=True).agg(pl.col("_at").first())
    if held is not None and held.height:
        by = ["_name", *spec.within]
        near = held.select(*by, "_at", pl.col("_value").alias("_held"), pl.col("_other").alias("_held_other"))
        firsts = firsts.sort("_at").join_asof(
            near.sort("_at"), on="_at", by=by, strategy="backward", tolerance=f"{REACH_DAYS}d", check_sortedness=False
        )
    else:
        null = pl.lit(None, dtype=pl.Float64)
        firsts = firsts.with_columns(null.alias("_held"), null.alias("_held_other"))
    full = rows.join(table, on="_name", maintain_order="left").join(
        firsts.drop("_at"), on=own, nulls_equal=True, maintain_order="left"
    )
    value, before = pl.col("_value"), pl.coalesce(pl.col("_value").shift(1).over(own), pl.col("_held"))
    ratio = value / before
    is_far = ((value - before).abs() > pl.col("max_step") * (1 + 1e-9)) & ~ratio.is_between(
        1 / pl.col("max_ratio"), pl.col("max_ratio")
    )
    is_outside = ~value.is_between(pl.col("low"), pl.col("high"))
    is_small = (pl.len().over(own) >= LONG) & (value.max().over(own) < pl.col("peak"))
    doubt = pl.any_horizontal(is_far.fill_null(False), is_outside.fill_null(True), is_small.fill_null(False))
    doubted = full.filter(doubt.any().over(own))
    for _, group in doubted.group_by(own, maintain_order=True):
        yield group


def _broken(group: pl.DataFrame, bound: Bound, before: tuple[float, float | None] | None) -> list[tuple[int, str]]:
    """(row number, rule) of each row of one series of one answer that cannot be. ``before`` is what is held ahead of it."""
    values, others, rows = group["_value"].to_list(), group["_other"].to_list(), group["_row"].to_list()
    outside = [i for i, value in enumerate(values) if not bound.holds(value)]
    broken = [(rows[i], OUT_OF_BOUNDS) for i in outside]
    aside = set(outside)
    inside = [i for i in range(len(values)) if i not in aside]
    if not inside:
        return broken
    if len(values) >= MANY and len(outside) > MOST_OUTSIDE * len(values):
        # so many that the file is in another unit: what happens to lie inside the bounds is as wrong
        return broken + [(rows[i], SCALE) for i in inside]
    if bound.peak is not None and len(inside) >= LONG and max(values[i] for i in inside) < bound.peak:
        return broken + [(rows[i], SCALE) for i in inside]

    def follows(a: tuple[float, float | None], i: int) -> bool:
        return bound.allows(a[0], values[i]) or _is_split(a, (values[i], others[i]))

    if before is not None and not bound.holds(before[0]):
        before = None
    chain = [(values[i], others[i]) for i in inside]
    whole = all(follows(a, i) for a, i in zip(chain, inside[1:], strict=False))
    if whole and (before is None or follows(before, inside[0])):
        return broken
    # Something does not follow. What is held comes first; else the first rows that agree with each other.
    if before is not None:
        return broken + [(rows[i], STEP) for i in _refused(inside, before, chain, follows)]
    start, end = _settled(inside, chain, follows)
    ahead = _refused(inside[end:], chain[end - 1], chain[end:], follows)
    behind = _refused(inside[:start][::-1], chain[start], chain[:start][::-1], follows)
    return broken + [(rows[i], STEP) for i in (*behind, *ahead)]


def _refused(
    order: Sequence[int],
    last: tuple[float, float | None],
    chain: Sequence[tuple[float, float | None]],
    follows: _Follows,
) -> list[int]:
    """Walk from a value that counts; a row that does not follow the newest one that counts is refused."""
    refused = []
    for i, own in zip(order, chain, strict=True):
        if follows(last, i):
            last = own
        else:
            refused.append(i)
    return refused


def _settled(inside: Sequence[int], chain: Sequence[tuple[float, float | None]], follows: _Follows) -> tuple[int, int]:
    """The first run of rows that follow one another and is at least three long; where there is none, the longest."""
    runs, start = [], 0
    for n in range(1, len(inside) + 1):
        if n == len(inside) or not follows(chain[n - 1], inside[n]):
            runs.append((start, n))
            start = n
    return next((run for run in runs if run[1] - run[0] >= SETTLED), max(runs, key=lambda run: run[1] - run[0]))


def _is_split(a: tuple[float, float | None], b: tuple[float, float | None]) -> bool:
    """A fund's value falls by what its shares rise (or the reverse): a split, not a slip."""
    if not a[1] or not b[1] or a[0] * b[0] <= 0:
        return False
    return abs(math.log(b[0] / a[0]) + math.log(b[1] / a[1])) < SPLIT_SLACK
