"""Rules that any list of a fund's holdings obeys, whoever publishes it.

Belongs here: what is refused as a whole, what is set aside as a row, and when a list was public. Does not: a sponsor's
layout, and how it is told which lines are securities. Frames have the columns fund, as_of_date, ticker, weight (percent),
shares_held and is_equity.

A list is refused when its securities do not make up the fund, when one of them stands there twice, or when it is from the
future: a part of a fund, or a fund with a line too many, would shift every weight that is derived from it.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from ingestion import calendar
from ingestion.body import Body
from ingestion.source import RowRule

LEAST_WEIGHT, MOST_WEIGHT = 95.0, 105.0  # percent of net assets that a fund of stocks has in its securities
LEAST_LINES, LEAST_LINES_OF_SECTOR = 20, 5
_HINT = "Look at the body in landing: the file may be cut, double or another fund's."


def judged(body: Body, frame: pl.DataFrame, security: tuple[str, ...], least: int) -> pl.DataFrame:
    """The frame itself. Raises ShapeError where it cannot be the whole list of a fund of stocks.

    ``security`` names the columns each of which tells securities apart, ``least`` how many the fund has at least.
    """
    day, today = frame["as_of_date"][0], body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    if isinstance(day, date) and day > today:
        raise body.wrong(f"a list of holdings must not be of a day after {today}", f"as of {day}")
    held = frame.filter("is_equity")
    if held.height < least:
        raise body.wrong(
            f"the fund must hold at least {least} securities", f"{held.height} of {frame.height} rows", _HINT
        )
    for column in security:
        twice = held.filter(pl.col(column).is_duplicated())
        if twice.height:
            shown = twice.select(column, "name", "weight").head(2).rows()
            raise body.wrong(f"each security must stand once ({column})", f"{shown}", _HINT)
    total = float(held["weight"].fill_nan(None).sum())
    if not LEAST_WEIGHT <= total <= MOST_WEIGHT:
        rule = f"the weights of the securities must sum to {LEAST_WEIGHT:g} to {MOST_WEIGHT:g} percent"
        raise body.wrong(rule, f"{total:.2f} over {held.height} securities", _HINT)
    return frame


def known_at(frame: pl.DataFrame) -> pl.Series:
    """09:00 New York of the next session."""
    return calendar.at_new_york(calendar.next_session(frame["as_of_date"]), 9)


_WEIGHT, _SHARES = pl.col("weight"), pl.col("shares_held")
# Cash may be negative (owed), and a line that is no security may have no weight.
ROW_RULES = (
    RowRule(
        "weight_not_a_share",
        pl.col("is_equity") & (_WEIGHT.is_null() | ~_WEIGHT.is_between(0, 100)),
        "the weight of a security must lie between 0 and 100 percent",
    ),
    RowRule(
        "shares_not_positive",
        pl.col("is_equity") & (_SHARES.is_null() | ~_SHARES.is_finite() | (_SHARES <= 0)),
        "a fund holds a finite number of shares above zero",
    ),
)
