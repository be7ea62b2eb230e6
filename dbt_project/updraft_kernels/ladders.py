"""What a ladder of bets says of a number: its distribution, median and range.

Belongs here: prices of contracts on one number (one meeting, one release, one evening) in, a distribution out. Does not:
which contracts belong together, what is done with the median.

A contract pays one dollar if "above x", "below x" or "between x and y" comes true, so the middle of its bid and ask is a
probability. Such middles need not fall with x, because each rung trades on its own; the nearest falling curve (least
squares, pool adjacent violators) takes their place. A ladder that contradicts itself by more than ``MOST_CROSSING`` is
not repaired: it is suspect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WIDEST = 0.20  # a bid and an ask further apart (dollars) say nothing of a price between
MOST_CROSSING = 0.10  # probability
LEAST_RUNGS = 2
LOW, HIGH = 0.16, 0.84  # the range of one standard deviation of a normal distribution
ABOVE, BELOW, BETWEEN = ("greater", "greater_or_equal"), ("less", "less_or_equal"), "between"
OK, SUSPECT, UNDEFINED, NOT_AVAILABLE = "OK", "SUSPECT_INPUT", "UNDEFINED", "NOT_AVAILABLE"


@dataclass(frozen=True, slots=True)
class Distribution:
    """``above[i]`` is the probability of a value above ``level[i]``, falling; both are empty unless it could be read.

    ``median``, ``low`` (16 %) and ``high`` (84 %) are in the unit of the strikes; NaN where they lie outside the ladder.
    ``n_used`` counts the contracts with a price. ``crossing`` is the largest contradiction before repair, a probability:
    by how much a higher level is dearer than a lower one, or by how much a full set of ranges differs from 1.
    ``status``: OK; SUSPECT_INPUT (crosses itself); UNDEFINED (the median lies outside the ladder); NOT_AVAILABLE (fewer
    than two rungs with a price, or ranges with a gap).
    """

    status: str
    median: float
    low: float
    high: float
    n_used: int
    crossing: float
    level: Floats
    above: Floats


def _nothing(status: str, n_used: int, crossing: float = float("nan")) -> Distribution:
    nan, none = float("nan"), np.empty(0)
    return Distribution(status, nan, nan, nan, n_used, crossing, none, none)


def prices(bid: Floats, ask: Floats, last: Floats, widest: float = WIDEST) -> Floats:
    """The middle of bid and ask; where they are further apart than ``widest``, the last price; else NaN.

    Nobody bids (NaN) means a bid of 0, nobody sells means an ask of 1. A bid above the ask is no quote.
    """
    low, high = np.where(np.isnan(bid), 0.0, bid), np.where(np.isnan(ask), 1.0, ask)
    spread = high - low
    is_quote = (spread >= 0) & (spread <= widest + 1e-12)
    return np.asarray(np.where(is_quote, (low + high) / 2, last))


def falling(values: Floats) -> Floats:
    """The nearest sequence (least squares) that never rises: pool adjacent violators."""
    blocks: list[tuple[float, int]] = []
    for value in values.tolist():
        mean, size = value, 1
        while blocks and blocks[-1][0] < mean:
            before, n = blocks.pop()
            mean, size = (before * n + mean * size) / (n + size), n + size
        blocks.append((mean, size))
    return np.repeat([mean for mean, _ in blocks], [size for _, size in blocks]).astype(np.float64)


def quantile(level: Floats, above: Floats, share: float) -> float:
    """The level with ``share`` of the probability below it, by linear interpolation; NaN outside the ladder.

    ``above`` must not rise. Where it rests at that probability, the middle of the resting place.
    """
    wanted = 1.0 - share
    if above.size == 0 or above[0] < wanted or above[-1] > wanted:
        return float("nan")
    at = np.flatnonzero(above == wanted)
    if at.size:
        return float((level[at[0]] + level[at[-1]]) / 2)
    right = int(np.argmax(above < wanted))
    left = right - 1
    share_of_step = (above[left] - wanted) / (above[left] - above[right])
    return float(level[left] + share_of_step * (level[right] - level[left]))


def distribution(
    kind: Sequence[str],
    strike: Floats,
    cap: Floats,
    bid: Floats,
    ask: Floats,
    last: Floats,
    *,
    tick: float = 0.0,
    widest: float = WIDEST,
) -> Distribution:
    """The distribution that the contracts on one number tell of it.

    Arrays have one element per contract; ``kind`` is its strike type, ``strike`` and ``cap`` its levels (``cap`` only of
    ranges), prices are dollars, NaN where there is none. ``tick`` is the step in which the number is published: a rate
    of one decimal is above 0.3 if it is 0.4 at least, so the level between is 0.35 (tick 0.1); 0 for a continuous one.
    Contracts of other kinds, or without a strike or a price, are left out. Raises ValueError for arrays of different
    lengths and for prices outside 0 to 1.
    """
    sizes = {len(kind), strike.size, cap.size, bid.size, ask.size, last.size}
    if len(sizes) != 1:
        raise ValueError(f"ladders: one element per contract in each array, got lengths {sorted(sizes)}")
    for name, values in (("bid", bid), ("ask", ask), ("last", last)):
        wrong = values[(values < 0) | (values > 1)]
        if wrong.size:
            raise ValueError(f"ladders: {name} must be a probability, not {float(wrong[0])}")
    kinds = np.array(kind, dtype=object)
    price = prices(bid, ask, last, widest)
    is_range = (kinds == BETWEEN) & (strike < cap)
    is_rung = np.isin(kinds, ABOVE) | np.isin(kinds, BELOW)
    used = ~np.isnan(price) & ~np.isnan(strike) & (is_range | is_rung)
    n_used = int(used.sum())
    if n_used < LEAST_RUNGS:
        return _nothing(NOT_AVAILABLE, n_used)
    if is_range.any():
        # a range nobody prices leaves a gap, which is found there
        found = _of_ranges(kinds[used], strike[used], cap[used], price[used], tick)
    else:
        found = _of_rungs(kinds[used], strike[used], price[used], tick)
    if found is None:
        return _nothing(NOT_AVAILABLE, n_used)
    level, above, crossing = found
    if level.size < LEAST_RUNGS:
        return _nothing(NOT_AVAILABLE, n_used, crossing)
    if crossing > MOST_CROSSING + 1e-12:
        return _nothing(SUSPECT, n_used, crossing)
    above = falling(above)
    low, median, high = (quantile(level, above, share) for share in (LOW, 0.5, HIGH))
    status = UNDEFINED if np.isnan(median) else OK
    return Distribution(status, median, low, high, n_used, crossing, level, above)


def _edge(kind: str, strike: float, tick: float) -> float:
    """The level that divides the values for which a statement holds from the others, of a number published in ticks."""
    return strike + tick / 2 if kind in ("greater", "less_or_equal") else strike - tick / 2


def _of_rungs(kinds: NDArray[np.object_], strike: Floats, price: Floats, tick: float) -> tuple[Floats, Floats, float]:
    """Levels, probabilities above them (not repaired) and the largest rise, of statements "above" and "below"."""
    edges = np.round([_edge(k, s, tick) for k, s in zip(kinds, strike.tolist(), strict=True)], 9)
    above = np.where(np.isin(kinds, BELOW), 1.0 - price, price)
    level, place, count = np.unique(edges, return_inverse=True, return_counts=True)
    # the same level twice ("above 4", "4 or below") is the mean of both, and a contradiction between them counts
    mean = np.bincount(place, above) / count
    order = np.lexsort((-above, edges))
    rising = above[order] - np.minimum.accumulate(above[order])
    apart = max((float(np.ptp(above[place == n])) for n in np.flatnonzero(count > 1)), default=0.0)
    return level, mean, max(float(rising.max()), apart)


def _of_ranges(
    kinds: NDArray[np.object_], strike: Floats, cap: Floats, price: Floats, tick: float
) -> tuple[Floats, Floats, float] | None:
    """The same of a full set of ranges, perhaps with an open one at each end; None where they leave a gap or overlap.

    The prices of a full set need not add up to 1; they are divided by their sum.
    """
    is_below, is_above = np.isin(kinds, BELOW), np.isin(kinds, ABOVE)
    from_, to = np.where(is_below, -np.inf, strike), np.where(is_below, strike, np.where(is_above, np.inf, cap))
    order = np.lexsort((to, from_))
    from_, to, price = from_[order], to[order], price[order]
    gaps = from_[1:] - to[:-1]
    if not np.isfinite(gaps).all() or (gaps < -1e-9).any() or (gaps > tick + 1e-9).any():
        return None
    edges = (from_[1:] + to[:-1]) / 2
    total = float(price.sum())
    if total <= 0:
        return None
    above = np.cumsum(price[::-1])[::-1] / total
    ends = [edge for edge in (from_[0],) if np.isfinite(edge)], [edge for edge in (to[-1],) if np.isfinite(edge)]
    level = np.concatenate([ends[0], edges, ends[1]])
    share = np.concatenate([[1.0] * len(ends[0]), above[1:], [0.0] * len(ends[1])])
    return level, share, abs(total - 1.0)
