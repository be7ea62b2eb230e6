"""What became of rallies, and chances made of it walking forward: base rates by age, a barrier, one regressor, a gate.

Belongs here: arithmetic on positions of closes. Does not: dates, readings, verdict words (those are SQL), the rally
machine (``rally``).

A *decision* is a session of a rally at which somebody may ask: the confirmation and a few ages after it. Three things can
be true ``horizon`` closes later: the index is not below or at the trough on any close between and ends no lower
(``SUSTAINED``), the trough holds (``HOLDS``), the index is no lower (``HIGHER``). An outcome is known at the close that
ends its horizon, and every chance told at a close is made of outcomes known by then:

    age matched  (k + prior) / (n + weight) over the decisions of the same age
    barrier      a random walk from here with the mean and deviation of all returns so far; its log odds are shifted by
                 one number learnt from the outcomes known
    model        log odds of the better of the two, plus a slope times (score - 1/2); the slope is learnt when a rally is
                 confirmed and stays for the whole of it

The gate bets on the model. One bet stands at a time, so that it is settled before the next is placed: wealth times
(1 + fraction x (squared error of the benchmark - squared error of the model)). Without skill wealth is not expected to
grow, so it reaches ``opens_at`` with a chance of at most 1 / opens_at, however often one looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Positions = NDArray[np.int64]
SUSTAINED, HOLDS, HIGHER = range(3)
KINDS: Final = ("age_matched", "barrier", "model")
LEAST_RETURNS: Final = 252


@dataclass(frozen=True, slots=True)
class Settings:
    """Conventions, fixed before outcomes are looked at. ``prior`` and ``weight``: successes and cases before the first."""

    horizon: int
    prior: tuple[float, float, float]
    weight: float
    least_decisions: int
    least_episodes: int
    shift_ridge: float
    slope_ridge: float
    fraction: float
    opens_at: float
    closes_below: float


@dataclass(frozen=True, slots=True)
class Decisions:
    """One entry per decision, oldest first: position of its close, age (a number of the grid), rally, trough in ticks."""

    at: Positions
    age: Positions
    episode: Positions
    trough: Positions

    def __post_init__(self) -> None:
        """Raises ValueError unless the decisions are in order of time."""
        if (np.diff(self.at) < 0).any():
            raise ValueError("decisions must be oldest first: what is known at one is counted from those before it")


def outcomes(ticks: Positions, decisions: Decisions, horizon: int) -> Array:
    """Shape (decisions, 3): 1 or 0 for sustained, trough holds, higher; NaN until ``horizon`` closes have passed."""
    found = np.full((len(decisions.at), 3), np.nan)
    for n, (t, trough) in enumerate(zip(decisions.at.tolist(), decisions.trough.tolist(), strict=True)):
        if t + horizon < len(ticks):
            holds = int(ticks[t + 1 : t + horizon + 1].min()) > trough
            higher = int(ticks[t + horizon]) >= int(ticks[t])
            found[n] = holds and higher, holds, higher
    return found


def barrier(distance: Array, mean: Array, deviation: Array, horizon: int) -> Array:
    """Chances of the three outcomes for a random walk, shape (n, 3). ``distance``: log of the price over the trough, > 0.

    By reflection: of the paths that end higher, those that touched the trough weigh exp(-2 mean distance / variance) as
    much as paths that start as far below it. NaN where the deviation is not positive or something is missing.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.where(deviation > 0, deviation, np.nan) * sqrt(horizon)
        drift = mean * horizon
        mirror = np.exp(np.minimum(-2 * mean * distance / np.square(np.where(deviation > 0, deviation, np.nan)), 700.0))
        higher = normal(drift / spread)
        both = higher - mirror * normal((drift - 2 * distance) / spread)
        holds = normal((distance + drift) / spread) - mirror * normal((drift - distance) / spread)
    return np.clip(np.column_stack([both, holds, higher]), 0.0, 1.0)


def normal(x: Array) -> Array:
    """Standard normal distribution function."""
    return np.array([0.5 * (1.0 + erf(v / sqrt(2.0))) for v in x.tolist()])


def expanding(ticks: Positions) -> tuple[Array, Array]:
    """Mean and deviation (n - 1) of the log returns up to each close; NaN before 252 of them."""
    moves = np.diff(np.log(ticks.astype(np.float64)))
    n = np.arange(1, len(moves) + 1)
    # around the first returns' size nothing cancels: daily means are a hundredth of daily deviations
    total, squares = np.cumsum(moves), np.cumsum(np.square(moves))
    mean = total / n
    variance = np.maximum(squares - n * np.square(mean), 0.0) / np.maximum(n - 1, 1)
    mean, deviation = (np.concatenate([[np.nan], x]) for x in (mean, np.sqrt(variance)))
    mean[:LEAST_RETURNS] = deviation[:LEAST_RETURNS] = np.nan
    return mean, deviation


def logit(p: Array) -> Array:
    """Log odds; chances of 0 and 1 count as a millionth from them."""
    inside = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))


def chance(log_odds: Array) -> Array:
    """The other way."""
    return 1 / (1 + np.exp(-np.clip(log_odds, -50.0, 50.0)))


def slope(regressor: Array, offset: Array, y: Array, ridge: float) -> float:
    """Slope of a logistic regression through ``offset`` (log odds), shrunk towards 0 by ridge / 2 x slope squared.

    The loss is strictly convex in one number, so Newton's steps with halving find its only minimum. 0 without rows.
    """
    if len(y) == 0:
        return 0.0

    def loss(b: float) -> float:
        at = offset + b * regressor
        return float(np.sum(np.logaddexp(0.0, at) - y * at)) + 0.5 * ridge * b * b

    b, now = 0.0, loss(0.0)
    for _ in range(100):
        p = chance(offset + b * regressor)
        gradient = float(np.sum((p - y) * regressor)) + ridge * b
        step = gradient / (float(np.sum(p * (1 - p) * np.square(regressor))) + ridge)
        while abs(step) > 1e-12 and loss(b - step) > now:
            step /= 2
        b, now = b - step, loss(b - step)
        if abs(step) < 1e-10:
            break
    return b


@dataclass(frozen=True, slots=True)
class Walked:
    """What could be said at each close; NaN (-1 in ``benchmark`` and ``kind``) where nothing can.

    ``p``: (closes, kinds, outcomes). ``alone``: (closes, regressors), the model of SUSTAINED with each regressor in turn;
    the first is the model of ``p``. ``k``: (closes, outcomes), how often each was true among the ``n`` known decisions of
    the age. ``benchmark`` and ``kind``: positions in ``KINDS`` of the better base and of the headline. ``wealth`` and
    ``bets``: the gate. ``brier`` and ``made``: (closes, kinds), over so many known decisions at which the kind spoke.
    ``episodes``: rallies with a known outcome. ``slope``: (closes, regressors).
    """

    p: Array
    alone: Array
    k: Array
    n: Positions
    benchmark: Positions
    kind: Positions
    wealth: Array
    bets: Positions
    brier: Array
    made: Positions
    episodes: Positions
    slope: Array


def walk(
    ticks: Positions, standing: Positions, regressors: Array, decisions: Decisions, y: Array, s: Settings
) -> Walked:
    """Walk forward over the closes.

    ``ticks``: closes as integers. ``standing``: for each close the decision that is the newest of the rally open then, -1
    without a rally. ``regressors``: (closes, m), the composite first, NaN where one abstains. ``y``: (decisions, 3) as of
    ``outcomes``. Raises ValueError when lengths differ or there are no closes.
    """
    if not 0 < len(ticks) == len(standing) == len(regressors) or len(y) != len(decisions.at):
        raise ValueError(
            f"{len(ticks)} closes, {len(standing)} standings, {len(regressors)} rows of regressors must be as many, and so"
            f" must {len(decisions.at)} decisions and {len(y)} outcomes"
        )
    settled = decisions.at + s.horizon
    known = np.searchsorted(settled, np.arange(len(ticks)), side="right")  # decisions whose outcome is known at a close
    here = standing >= 0
    mine = np.flatnonzero(here)  # closes of a rally, and the decision each stands by
    by = standing[mine]

    mean, deviation = expanding(ticks)
    raw = np.full((len(ticks), 3), np.nan)
    raw[mine] = barrier(np.log(ticks[mine] / decisions.trough[by]), mean[mine], deviation[mine], s.horizon)
    age = np.full(len(ticks), -1)
    age[mine] = decisions.age[by]
    k, n = _counted(decisions, y, known, age)
    p = np.full((len(ticks), 3, 3), np.nan)
    p[mine, 0] = ((k + np.array(s.prior)) / (n + s.weight)[:, None])[mine]
    p[:, 1] = _shifted(raw, decisions, y, known, s.shift_ridge)

    is_barrier = _is_barrier_better(p[decisions.at, :2, SUSTAINED], y, known, s) & np.isfinite(p[:, 1, SUSTAINED])
    benchmark = np.where(here, np.where(is_barrier, 1, 0), -1)
    base = np.where(is_barrier[:, None], p[:, 1], p[:, 0])

    x = regressors - 0.5
    slopes = np.full_like(x, np.nan)
    slopes[mine] = _slopes(x[decisions.at], base[decisions.at, SUSTAINED], decisions, y, known, s)[by]
    alone = chance(logit(base[:, [SUSTAINED]]) + slopes * x)
    p[:, 2] = _around(alone[:, 0], base)
    told = p[decisions.at, :, SUSTAINED]
    wealth, bets, is_open = _gate(told[:, 2], base[decisions.at, SUSTAINED], y[:, SUSTAINED], decisions, len(ticks), s)
    kind = np.where(here & is_open & np.isfinite(alone[:, 0]), 2, benchmark)
    brier, made = _briers(told, y, known)
    begun = np.concatenate([[0], np.cumsum(np.diff(decisions.episode, prepend=-1) != 0)])
    return Walked(p, alone, k, n, benchmark, kind, wealth, bets, brier, made, begun[known], slopes)


def _briers(told: Array, y: Array, known: Positions) -> tuple[Array, Positions]:
    """Mean squared error at each close of the chances told at known decisions, and of how many, kind by kind."""
    squared = np.square(told - y[:, [SUSTAINED]])
    there = np.isfinite(squared)
    sums = np.concatenate([np.zeros((1, told.shape[1])), np.cumsum(np.where(there, squared, 0.0), axis=0)])[known]
    made = np.concatenate([np.zeros((1, told.shape[1]), np.int64), np.cumsum(there, axis=0)])[known]
    return np.where(made > 0, sums / np.maximum(made, 1), np.nan), made


def _is_barrier_better(told: Array, y: Array, known: Positions, s: Settings) -> NDArray[np.bool_]:
    """Whether at each close the barrier has the smaller error over the known decisions at which both bases spoke."""
    both = np.where(np.isfinite(told.sum(axis=1, keepdims=True)), told, np.nan)
    brier, made = _briers(both, y, known)
    with np.errstate(invalid="ignore"):
        return (made[:, 0] >= s.least_decisions) & (brier[:, 1] < brier[:, 0])


def _counted(decisions: Decisions, y: Array, known: Positions, age: Positions) -> tuple[Array, Positions]:
    """Successes and cases known at each close among the decisions of its age."""
    k, n = np.zeros((len(known), 3)), np.zeros(len(known), np.int64)
    for one in np.unique(decisions.age).tolist():
        is_age = decisions.age == one
        sums = np.concatenate([np.zeros((1, 3)), np.cumsum(np.where(is_age[:, None], np.nan_to_num(y), 0.0), axis=0)])
        cases = np.concatenate([[0], np.cumsum(is_age)])
        at = age == one
        k[at], n[at] = sums[known[at]], cases[known[at]]
    return k, n


def _shifted(raw: Array, decisions: Decisions, y: Array, known: Positions, ridge: float) -> Array:
    """Barrier chances with log odds shifted by what the outcomes known at each close teach.

    Three shifts of their own would let "sustained" be likelier than "higher". So the first is of sustained, the second of
    the trough holding where it was not, the third of an end no lower where neither was: the three stay possible together.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = 1 - raw[:, 0]
        holds = (raw[:, 1] - raw[:, 0]) / rest
        higher = (raw[:, 2] - raw[:, 0]) / (rest * (1 - holds))
    is_first = np.ones(len(decisions.at), np.bool_)
    is_second = y[:, SUSTAINED] == 0
    taught = (is_first, is_second, is_second & (y[:, HOLDS] == 0))
    one = np.ones(len(decisions.at))
    shifted = []
    for o, (plain, counts) in enumerate(zip((raw[:, 0], holds, higher), taught, strict=True)):
        offset = logit(plain[decisions.at])
        usable = np.isfinite(offset) & counts
        shift = np.zeros(len(decisions.at) + 1)
        for m in np.unique(known).tolist():
            rows = np.flatnonzero(usable[:m])
            shift[m] = slope(one[rows], offset[rows], y[rows, o], ridge)
        shifted.append(np.where(np.isfinite(plain), chance(logit(plain) + shift[known]), np.nan))
    return together(*shifted)


def _around(sustained: Array, base: Array) -> Array:
    """Another chance of sustained, with the others as the base has them where it is not."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = (1 - sustained) / (1 - base[:, SUSTAINED])
        return sustained[:, None] + rest[:, None] * (base - base[:, [SUSTAINED]])


def together(sustained: Array, holds: Array, higher: Array) -> Array:
    """The three chances, shape (n, 3), from that of sustained, of holding if not, and of an end no lower if neither."""
    rest = 1 - sustained
    return np.column_stack([sustained, sustained + rest * holds, sustained + rest * (1 - holds) * higher])


def _slopes(x: Array, base: Array, decisions: Decisions, y: Array, known: Positions, s: Settings) -> Array:
    """(decisions, regressors): slopes learnt when the rally was confirmed; NaN while too few rallies had a score."""
    found, offset = np.full_like(x, np.nan), logit(base)
    for episode in np.unique(decisions.episode).tolist():
        mine = np.flatnonzero(decisions.episode == episode)
        before = int(known[decisions.at[mine[0]]])
        for c in range(x.shape[1]):
            rows = np.flatnonzero(np.isfinite(x[:before, c]) & np.isfinite(offset[:before]))
            if len(np.unique(decisions.episode[rows])) >= s.least_episodes:
                found[mine, c] = slope(x[rows, c], offset[rows], y[rows, SUSTAINED], s.slope_ridge)
    return found


def _gate(
    model: Array, base: Array, y: Array, decisions: Decisions, size: int, s: Settings
) -> tuple[Array, Positions, NDArray[np.bool_]]:
    """Wealth, bets settled and whether the gate is open after each close."""
    wealth, bets, is_open = np.ones(size), np.zeros(size, np.int64), np.zeros(size, np.bool_)
    now, placed, opened, free_from = 1.0, 0, False, 0
    for n, t in enumerate(decisions.at.tolist()):
        if t < free_from or not np.isfinite(model[n]):
            continue
        free_from = t + s.horizon
        if free_from >= size:
            break
        now *= 1 + s.fraction * (float(base[n] - y[n]) ** 2 - float(model[n] - y[n]) ** 2)
        placed += 1
        opened = now >= s.opens_at or (opened and now >= s.closes_below)
        wealth[free_from:], bets[free_from:], is_open[free_from:] = now, placed, opened
    return wealth, bets, is_open
