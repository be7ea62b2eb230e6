"""Which news moved yields and stocks: shocks told apart by the signs they leave (Cieslak and Pang 2021), layer E.

Belongs here: the model of four variables, its accepted rotations, what each shock did to the index over a window, and the
closed form of two variables that checks them. Does not: dates, sessions without a yield, naming (those are SQL).

``z`` holds a row per session: changes of the 2-, 5- and 10-year yield in basis points and 100 times the log return of the
index. A first-order model explains what is left of them after their own past; ``H = chol(cov) @ Q`` spreads that over four
shocks for every rotation ``Q``. A rotation is accepted when its columns are one of each:

    growth    yields and stocks rise together; the 2- and the 5-year yield move more than the 10-year
    monetary  yields rise, stocks fall; the shorter the yield the more it moves
    hedging   yields and stocks fall together; the longer the yield the more it moves
    common    yields rise, stocks fall; the longer the yield the more it moves

and when growth and monetary make most of the variance of the 2-year yield, hedging and common most of the 10-year's. What
is published is the set of all accepted rotations, so its width is what the signs leave open, not sampling error; that
every rotation is as likely as another before (Haar) is an assumption, and it is not innocent.

Sums are made in a fixed order and without a linear-algebra library, so the same input gives the same bits for any number
of threads.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from updraft_kernels import linear

Array = NDArray[np.float64]
SHOCKS: Final = ("growth", "monetary", "hedging", "common")
TWO_YEAR, FIVE_YEAR, TEN_YEAR, STOCK = range(4)
LEAST_ROWS, LEAST_ACCEPTED, DRAWS, MOST_DRAWS = 1500, 300, 50_000, 2_000_000
QUANTILES: Final = (0.05, 0.16, 0.5, 0.84, 0.95)
SEED: Final = 20210901  # of the rotations; any other draws another sample of the same set
NAMED_SHARE: Final = 0.2  # of the move, that a shock must make to be named
NAMED_ANSWER: Final = 1.0  # usual deviations that the yield it moves most must have gone its way
MOST_OUTSIDE: Final = 3  # sessions at a window's end without yields, beyond which nothing is told
CHUNK: Final = 256  # windows at a time, so that memory does not grow with their number


@dataclass(frozen=True)
class Model:
    """``z[t] - mean = carry @ (z[t-1] - mean) + u[t]`` with ``cov`` of u. Shapes (4,), (4, 4), (4, 4); ``n`` rows of u."""

    mean: Array
    carry: Array
    cov: Array
    n: int


def fit(z: Array) -> Model:
    """Least squares over the rows of ``z``, shape (n + 1, 4). Raises ValueError with fewer than 1,500 rows of u or a NaN."""
    if len(z) <= LEAST_ROWS or not np.isfinite(z).all():
        raise ValueError(f"{len(z) - 1} rows with a row before, at least {LEAST_ROWS} without a gap are needed")
    mean = linear.total(z) / len(z)
    centred = z - mean
    now, past = centred[1:], centred[:-1]
    carry = linear.solved(linear.products(past, past), linear.products(past, now)).T
    left = now - linear.applied(carry, past)
    return Model(mean, carry, linear.products(left, left) / len(left), len(left))


def rotations(cov: Array, *, seed: int, draws: int = DRAWS, least: int = LEAST_ACCEPTED) -> Array:
    """Every accepted ``H`` of at least ``draws`` rotations, shape (accepted, 4, 4): rows are variables, columns SHOCKS.

    Draws go on in steps of ``draws`` until ``least`` are accepted or two million are drawn; fewer than ``least`` rows then
    tell that the signs do not fit this covariance. Signs of columns are those of the table above.
    """
    root, source = linear.cholesky(cov), np.random.Generator(np.random.PCG64(seed))
    found: list[Array] = []
    drawn = 0
    while drawn < draws or (sum(map(len, found)) < least and drawn < MOST_DRAWS):
        found.append(_accepted(root, _haar(source.standard_normal((draws, 4, 4)))))
        drawn += draws
    return np.concatenate(found)


@dataclass(frozen=True)
class Windows:
    """What made the index move of many windows, each in the unit of ``z``. Shapes (n,), ``bands`` (n, 5, 4).

    ``total`` is the sum of the returns and ``gap`` the largest difference from it that drift, lag and the four shocks leave
    under any rotation. ``surprise``, shape (n, 4), is what the model did not expect of each variable.
    """

    total: Array
    drift: Array
    lag: Array
    bands: Array
    gap: Array
    surprise: Array


def over_windows(model: Model, accepted: Array, z: Array, first: NDArray[np.int64], stop: NDArray[np.int64]) -> Windows:
    """What each shock did to the index over the windows of rows ``first`` to ``stop - 1`` of ``z``, shape (rows, 4): for every
    rotation drift, lag and the four parts are the sum of the returns; ``bands`` are the 5th, 16th, 50th, 84th and 95th percentile.

    The row before the first of ``z`` counts as the mean. Many windows cost little more than one: sums over rows are
    differences of running sums.
    """
    past = np.concatenate([model.mean[None, :], z[:-1]])
    lagged = linear.applied(model.carry, past - model.mean)
    running = [
        np.concatenate([np.zeros((1, 4)), np.cumsum(part, axis=0)]) for part in (z, lagged, z - model.mean - lagged)
    ]
    moved, carried, surprise = (part[stop] - part[first] for part in running)
    drift = model.mean[STOCK] * (stop - first)
    by_unit = accepted[:, STOCK, :, None] * _inverted(model.cov, accepted)  # (rotation, shock, variable)
    found = np.full((len(first), len(QUANTILES), 4), np.nan)
    gap = np.zeros(len(first))
    for at in range(0, len(first) if len(accepted) else 0, CHUNK):
        here = slice(at, at + CHUNK)
        parts = sum(by_unit[None, :, :, i] * surprise[here, None, None, i] for i in range(4))
        found[here] = np.quantile(parts, QUANTILES, axis=1).swapaxes(0, 1)
        whole = parts.sum(axis=2) + (drift + carried[:, STOCK])[here, None]
        gap[here] = np.abs(whole - moved[here, STOCK, None]).max(axis=1)
    return Windows(moved[:, STOCK], drift, carried[:, STOCK], found, gap, surprise)


def answers(model: Model, told: Windows, n: NDArray[np.int64]) -> Array:
    """How far the yield that each shock moves most went the way the shock's median says, shape (windows, 4).

    Growth and monetary are asked of the 2-year yield, hedging and common of the 10-year; the unit is the usual deviation of as
    many days (``n``, shape (windows,)). A rise of stocks goes with rising yields under growth and hedging, with falling ones
    under monetary and common.
    """
    tenor = [TWO_YEAR, TWO_YEAR, TEN_YEAR, TEN_YEAR]
    usual = np.sqrt(np.diag(model.cov)[tenor][None, :] * np.maximum(n, 1)[:, None])
    found: Array = told.surprise[:, tenor] / usual * np.sign(told.bands[:, 2, :]) * np.array([1.0, -1.0, 1.0, -1.0])
    return found


def is_named(bands: Array, move: Array, answer: Array) -> NDArray[np.bool_]:
    """The naming rule, shapes (windows, 5, 4), (windows,), (windows, 4): the 5th and the 95th percentile have one sign, the median
    is a fifth of the move or more, and the yield that the shock moves most answered (``answers``).

    Without the last a rally that yields had no part in is always told as less fear and a lower premium, whose effects on yields
    cancel: in worlds with known causes 99 of 100 such rallies got a name (tests/bench/known_causes.py).
    """
    low, middle, high = bands[:, 0, :], bands[:, 2, :], bands[:, 4, :]
    is_large = np.abs(middle) >= NAMED_SHARE * np.abs(move)[:, None]
    found: NDArray[np.bool_] = (low * high > 0) & is_large & (answer >= NAMED_ANSWER)
    return found


def input_hash(z: Array) -> str:
    """Names the rows a set of rotations is drawn from and the settings it is drawn with, 16 hexadecimal digits."""
    settings = repr((SEED, LEAST_ROWS, LEAST_ACCEPTED, DRAWS, MOST_DRAWS, SHOCKS)).encode()
    return hashlib.sha256(settings + np.ascontiguousarray(z, dtype="<f8").tobytes()).hexdigest()[:16]


def two_shocks(yields: Array, returns: Array) -> tuple[Array, Array, float]:
    """The closed form of two variables (Jarocinski and Karadi 2020, median rotation): parts, impacts, angle.

    ``yields`` and ``returns`` have shape (n,). The parts, shape (n, 2), are what moves stocks against yields and what moves
    them with yields; a row sums to its yield. Impacts, shape (2,), are the moves of stocks per unit of either part.
    """
    r11 = _root(yields, yields)
    first = yields / r11
    r12 = float(linear.total((first * returns)[:, None])[0])
    rest = returns - first * r12
    r22 = _root(rest, rest)
    second = rest / r22
    angle = 0.5 * np.arctan(r12 / r22) + np.pi / 4 if r12 > 0 else 0.5 * np.arctan(-r22 / r12)
    cos, sin = np.cos(angle), np.sin(angle)
    parts = np.stack([(first * cos - second * sin) * r11 * cos, (first * sin + second * cos) * r11 * sin], axis=1)
    impacts = np.array([(r12 * cos - r22 * sin) / (r11 * cos), (r12 * sin + r22 * cos) / (r11 * sin)])
    return parts, impacts, float(angle)


def _root(a: Array, b: Array) -> float:
    return float(np.sqrt(linear.total((a * b)[:, None])[0]))


def _inverted(cov: Array, accepted: Array) -> Array:
    """The inverse of each ``H``. With ``H = root @ Q`` and ``Q`` a rotation it is ``Q.T @ root^-1``, and ``Q`` is ``root^-1 @ H``."""
    inverse = linear.solved(linear.cholesky(cov), np.eye(4))
    q = np.stack([sum(inverse[i, k] * accepted[:, k, :] for k in range(4)) for i in range(4)], axis=1)
    return np.stack([sum(q[:, k, :] * inverse[k, j] for k in range(4)) for j in range(4)], axis=2)


def _haar(normal: Array) -> Array:
    """Rotations and reflections, each as likely as another: the columns of ``normal`` made orthonormal, shape (n, 4, 4)."""
    columns: list[Array] = []
    for i in range(normal.shape[2]):
        column = normal[:, :, i]
        for _ in range(2):  # twice, because one pass loses digits where columns were nearly parallel
            for other in columns:
                column = column - (column * other).sum(axis=1, keepdims=True) * other
        columns.append(column / np.sqrt((column * column).sum(axis=1, keepdims=True)))
    return np.stack(columns, axis=2)


def _accepted(root: Array, q: Array) -> Array:
    return matching(np.stack([sum(root[i, k] * q[:, k, :] for k in range(i + 1)) for i in range(4)], axis=1))


def matching(h: Array) -> Array:
    """Of the impacts ``h``, shape (n, 4, 4), those whose columns are one of each shock, in the order of SHOCKS, with its signs."""
    two, five, ten, stock = (h[:, i, :] for i in range(4))
    is_level = (np.sign(two) == np.sign(five)) & (np.sign(five) == np.sign(ten))
    with_stocks = np.sign(stock) == np.sign(two)
    a2, a5, a10 = np.abs(two), np.abs(five), np.abs(ten)
    is_shock = np.stack(
        [
            is_level & with_stocks & (a2 > a10) & (a5 > a10),
            is_level & ~with_stocks & (a2 > a5) & (a5 > a10),
            is_level & with_stocks & (a2 < a5) & (a5 < a10),
            is_level & ~with_stocks & (a2 < a5) & (a5 < a10),
        ],
        axis=2,
    )  # (draw, column, shock): the four shapes exclude one another
    fits = (is_shock.sum(axis=1) == 1).all(axis=1)
    at = is_shock[fits].argmax(axis=1)  # (draw, shock): the column of each shock
    chosen = np.take_along_axis(h[fits], at[:, None, :], axis=2)
    sign = np.sign(chosen[:, :1, :]) * np.array([1.0, 1.0, -1.0, 1.0])
    chosen = chosen * sign
    squares = chosen * chosen
    short = squares[:, TWO_YEAR, 0] + squares[:, TWO_YEAR, 1] > squares[:, TWO_YEAR, 2] + squares[:, TWO_YEAR, 3]
    long = squares[:, TEN_YEAR, 2] + squares[:, TEN_YEAR, 3] > squares[:, TEN_YEAR, 0] + squares[:, TEN_YEAR, 1]
    found: Array = chosen[short & long]
    return found
