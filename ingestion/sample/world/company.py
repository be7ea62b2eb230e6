"""What the world knows of one listed company. Belongs here: the record. Does not: any company, or any price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

WORLD_STARTS = date(2014, 1, 2)
SECTORS = (
    "Information Technology", "Financials", "Health Care", "Energy", "Industrials", "Communication Services",
    "Consumer Discretionary", "Consumer Staples", "Materials", "Utilities", "Real Estate",
)  # fmt: skip
Split = tuple[date, int, int]  # ex-date, new shares, old shares


@dataclass(frozen=True)
class Company:
    """One listed company. ``symbol`` is Yahoo's spelling. ``beta`` is its answer to the market."""

    symbol: str
    name: str
    sector: str
    trade: str
    headquarters: str
    founded: str
    cik: int
    price: float  # USD, first session
    shares: float  # millions, first session
    beta: float
    noise: float  # own daily volatility
    dividend_yield: float  # a year; 0 pays none
    joined: date | None  # first day in the index
    left: date | None = None  # first day out of it
    listed: date = WORLD_STARTS
    last_bar: date | None = None
    ending: Literal["bankruptcy", "merger"] | None = None
    splits: tuple[Split, ...] = ()
    short_interest: float = 0.02  # share of the capital that is sold short
    former: tuple[str, date] | None = None  # the symbol until the day of the renaming
    is_reused: bool = False  # its symbol belongs to another company since

    @property
    def key(self) -> str:
        """Unique in the world: the symbol, with ``.1`` behind it if a later company has the same."""
        return f"{self.symbol}.1" if self.is_reused else self.symbol

    def symbol_on(self, day: date) -> str:
        """The symbol it trades under on ``day``."""
        return self.former[0] if self.former and day < self.former[1] else self.symbol
