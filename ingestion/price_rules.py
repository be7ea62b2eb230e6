"""Row rules that hold for any bar of prices.

Belongs here: what makes an open-high-low-close bar impossible. Does not: calendars, and vendors' own exceptions.
"""

from __future__ import annotations

import polars as pl

from ingestion.source import RowRule

PRICES = ("open", "high", "low", "close")
_HIGH, _LOW, _CLOSE = pl.col("high"), pl.col("low"), pl.col("close")
_SLACK = _HIGH.abs() * 1e-6  # vendors round each price on its own

CLOSE_IN_RANGE = RowRule(
    "close_outside_range",
    (_CLOSE > _HIGH + _SLACK) | (_CLOSE < _LOW - _SLACK),
    "close must lie between low and high (one millionth of slack)",
)
BAR_RULES = (
    RowRule(
        "price_missing",
        pl.any_horizontal(*(pl.col(name).is_null() | ~pl.col(name).is_finite() for name in PRICES)),
        "open, high, low and close must be finite numbers",
    ),
    RowRule(
        "price_not_positive",
        pl.any_horizontal(*(pl.col(name) <= 0 for name in PRICES)),
        "prices must be above zero",
    ),
    RowRule("high_below_low", _HIGH < _LOW, "high must not be below low"),
    RowRule("volume_negative", pl.col("volume") < 0, "volume must not be negative"),
)
