"""Rules that hold for any bar of prices, and what a step of prices looks like that a split makes.

Belongs here: what makes an open-high-low-close bar impossible, the ratios at which shares are split. Does not: calendars,
vendors' own exceptions, and whether a step was a split (that takes more than prices).
"""

from __future__ import annotations

from math import log

import polars as pl

from ingestion.source import RowRule

PRICES = ("open", "high", "low", "close")
SPLIT_LIKE = 0.2  # a natural logarithm: from 5:4 on a split stands out of a day's move
_USUAL_RATIOS = (5 / 4, 4 / 3, 3 / 2, 5 / 3, 2, 5 / 2, *range(3, 11), 12, 15, 20, 25, 30, 40, 50, 100)
_HIGH, _LOW, _CLOSE = pl.col("high"), pl.col("low"), pl.col("close")
_SLACK = _HIGH.abs() * 1e-6  # vendors round each price on its own

CLOSE_IN_RANGE = RowRule(
    "close_outside_range",
    (_CLOSE > _HIGH + _SLACK) | (_CLOSE < _LOW - _SLACK),
    "close must lie between low and high (one millionth of slack)",
)
NOT_POSITIVE = RowRule(
    "price_not_positive",
    pl.any_horizontal(*(pl.col(name) <= 0 for name in PRICES)),
    "prices must be above zero",
)
BAR_RULES = (
    RowRule(
        "price_missing",
        pl.any_horizontal(*(pl.col(name).is_null() | ~pl.col(name).is_finite() for name in PRICES)),
        "open, high, low and close must be finite numbers",
    ),
    NOT_POSITIVE,
    RowRule("high_below_low", _HIGH < _LOW, "high must not be below low"),
    RowRule("volume_negative", pl.col("volume") < 0, "volume must not be negative"),
)


def is_split_like(ratio: float, slack: float = 0.06) -> bool:
    """Whether a price ratio lies within ``slack`` (a natural logarithm: the day's own move) of a usual split's."""
    return any(abs(abs(log(ratio)) - log(usual)) <= slack for usual in _USUAL_RATIOS)
