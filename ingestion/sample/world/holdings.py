"""What funds of stocks hold: the same small part of each member's shares, some cash, and a claim that is no stock.

Belongs here: which lines a fund holds after a session, how many shares, at which weight. Does not: how a sponsor writes
them down (``vendors``). A fund of a sector holds that sector's members only; both lines of an issuer are held. Weights
follow from shares and closes, so a split changes the shares and not the weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestion.sample.world.clock import clock
from ingestion.sample.world.directory import COMPANIES, Company
from ingestion.sample.world.funds import FUNDS
from ingestion.sample.world.payouts import share_factor

if TYPE_CHECKING:
    from ingestion.sample.world.market import World

PORTIONS = {"SLRG": 0.004, "SBRD": 0.003}  # part of a company's shares that the broad funds hold; others SECTOR_PORTION
SECTOR_PORTION = 0.002
# of a fund's net assets; what is left to 100 % is owed to it, and not listed
STOCKS, CASH, CLAIM = 0.998, 0.0008, 0.0002
SECTOR_OF = {symbol: sector for symbol, _, _, sector, *_ in FUNDS} | {"SLRG": None}


@dataclass(frozen=True)
class Holding:
    """One line of a fund. ``company`` None: cash, or a claim on a company that was bought."""

    name: str
    company: Company | None
    order: int  # position in COMPANIES
    symbol: str  # on the day, in Yahoo's spelling; empty where there is none
    shares: float  # of cash, its dollars
    price: float
    weight: float  # percent of net assets

    @property
    def value(self) -> float:
        """USD."""
        return self.shares * self.price


def held(market: World, fund: str, t: int) -> list[Holding]:
    """The lines of ``fund`` after session ``t``, largest first, then cash and the claim."""
    day, sector = clock().days[t], SECTOR_OF[fund]
    portion = PORTIONS.get(fund, SECTOR_PORTION)
    lines = []
    for n, company in enumerate(COMPANIES):
        if market.companies.member[t, n] and sector in (None, company.sector):
            bars = market.bars[company.key]
            shares = float(round(company.shares * 1e6 * float(share_factor(company)[t]) * portion))
            lines.append((float(bars.close[t - bars.start]), shares, n, company))
    lines.sort(key=lambda line: (-line[0] * line[1], line[2]))
    net = sum(price * shares for price, shares, *_ in lines) / STOCKS
    cash, claim = round(net * CASH, 2), round(net * CLAIM, 2)
    stocks = [
        Holding(c.name, c, n, c.symbol_on(day), shares, price, 100.0 * price * shares / net)
        for price, shares, n, c in lines
    ]
    return [
        *stocks,
        Holding("US Dollar", None, -1, "", cash, 1.0, 100.0 * cash / net),
        Holding("Contra Sample Claim", None, -2, "", claim, 1.0, 100.0 * claim / net),
    ]
