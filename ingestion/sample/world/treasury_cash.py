"""What this world's government takes in, pays and borrows, working day by working day, in whole millions of dollars.

Belongs here: the days and their amounts; they add up exactly. Does not: how a statement is written (``vendors``). Spending
is a little above revenue, more so at the beginning of a month; borrowing keeps the balance around its aim.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from ingestion import calendar
from ingestion.sample.world.clock import LAST, normal

FROM = date(2012, 10, 1)
START, AIM = 60_000, 450_000  # the balance at first, and where it tends to
REVENUE = ("Taxes - Withheld Individual/FICA", "Taxes - Corporate Income", "Customs and Certain Excise Taxes")
SPENDING = ("SSA - Benefits Payments", "Interest on Treasury Securities", "Defense Vendor Payments (EFT)")


@dataclass(frozen=True)
class Day:
    """Millions of dollars; the lines of ``revenue`` and ``spending`` are those of REVENUE and SPENDING."""

    day: date
    opening: int
    revenue: tuple[int, ...]
    spending: tuple[int, ...]
    issues: int
    redemptions: int

    @property
    def closing(self) -> int:
        """The balance of the evening, which is the next day's opening one."""
        return self.opening + sum(self.revenue) + self.issues - sum(self.spending) - self.redemptions


@lru_cache(1)
def days() -> tuple[Day, ...]:
    """Every day on which the Treasury's bank works, oldest first: also days on which offices were shut by order."""
    bond = set(calendar.table().filter("is_bond_day")["date"].to_list())
    every = (FROM + timedelta(n) for n in range((LAST - FROM).days + 1))
    held = [day for day in every if day in bond or calendar.is_federal_day(day)]
    luck = normal("treasury cash", len(held), 8).tolist()
    balance, found = START, []
    for n, day in enumerate(held):
        size = 1.0 + 0.05 * (day.year - 2012)
        is_early = day.day <= 3
        due = day.month in (1, 4, 6, 9) and 15 <= day.day <= 17  # taxes that are paid by the quarter
        revenue = tuple(
            max(1, round(base * size * (1.0 + 0.25 * luck[n][k]) * (4.0 if due and k < 2 else 1.0)))
            for k, base in enumerate((7_000, 1_200, 500))
        )
        spending = tuple(
            max(1, round(base * size * (1.0 + 0.25 * luck[n][3 + k]) * (1.9 if is_early else 1.0)))
            for k, base in enumerate((7_600, 1_500, 2_000))
        )
        redemptions = round(30_000 * size * (1.0 + 0.1 * luck[n][6]))
        gap = sum(spending) - sum(revenue)
        wanted = redemptions + gap + (AIM - balance) * 0.01 + 4_000.0 * luck[n][7]
        one = Day(day, balance, revenue, spending, max(1, round(wanted)), redemptions)
        found.append(one)
        balance = one.closing
    assert min(one.closing for one in found) > 0
    return tuple(found)
