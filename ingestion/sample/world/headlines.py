"""Made-up newspaper claims about this world, with their truth: the answer key of the claims audit.

Belongs here: what was said, by whom, and whether it held. Does not: how a claim is checked (a test does it from the
world's own arrays, the product from its marts). "Record" means above every earlier close since 2014-01-02; a week ends
with its last session; a member is near its high when it closed at most 5 % below its highest close of 252 sessions,
splits taken out. No outlet here exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Truth = Literal["TRUE", "FALSE", "PARTLY", "OPEN", "NOT_TESTABLE"]


@dataclass(frozen=True)
class Headline:
    """One claim. ``settles_on`` is the first session whose close decides it; ``why`` explains the truth."""

    claim_id: str
    reported_on: date
    outlet: str
    title: str
    statement: str
    truth: Truth
    why: str
    settles_on: date

    @property
    def url(self) -> str:
        """An address under a domain reserved for examples."""
        return f"https://{self.outlet.lower().replace(' ', '-')}.example/{self.reported_on}/{self.claim_id.lower()}"


_D = date
HEADLINES = (
    Headline(
        "S01", _D(2026, 1, 13), "Midland Courier", "Stocks end at a new high",
        "The Sample Composite closed at a record on 13 January 2026.", "TRUE",
        "2,798.07 is above every close before it.", _D(2026, 1, 13)),
    Headline(
        "S02", _D(2026, 1, 14), "The Daily Ticker", "Third record in a row",
        "The Sample Composite closed at a record on each of the three sessions to 14 January 2026.", "FALSE",
        "It did on the 12th and the 13th, and fell 0.4 % on the 14th.", _D(2026, 1, 14)),
    Headline(
        "S03", _D(2025, 11, 12), "Midland Courier", "Relief after the sell-off",
        "The Sample Composite rose more than 2 % on 12 November 2025.", "TRUE",
        "It closed 2.3 % above the close of the 11th, the low of the correction.", _D(2025, 11, 12)),
    Headline(
        "S04", _D(2025, 11, 7), "Harbour Post", "A third losing week",
        "The Sample Composite fell in each of the three weeks to 7 November 2025.", "TRUE",
        "It lost 2.9 %, 0.7 % and 2.4 %.", _D(2025, 11, 7)),
    Headline(
        "S05", _D(2026, 1, 13), "The Daily Ticker", "Index conquers 2,800",
        "The Sample Composite closed above 2,800 points on 13 January 2026.", "FALSE",
        "It closed at 2,798.07; 2,800 was passed at no close.", _D(2026, 1, 13)),
    Headline(
        "S06", _D(2026, 1, 9), "Harbour Post", "Six up weeks",
        "The Sample Composite rose in each of the six weeks to 9 January 2026.", "TRUE",
        "The smallest gain was 0.1 %, in the week to 2 January.", _D(2026, 1, 9)),
    Headline(
        "S07", _D(2026, 1, 15), "The Daily Ticker", "Technology joins the record party",
        "The Sample Technology Index closed at a record in January 2026.", "FALSE",
        "Its highest close is that of 2 September 2025; in January it stayed below.", _D(2026, 1, 15)),
    Headline(
        "S08", _D(2026, 1, 15), "The Daily Ticker", "Everything is near its high",
        "More than half of the index members closed within 5 % of their 252-session high on 15 January 2026.", "FALSE",
        "About a quarter did: the index is back at its high, most of its members are not.", _D(2026, 1, 15)),
    Headline(
        "S09", _D(2026, 1, 12), "Harbour Post", "Rallies on the assembly line",
        "The rise since 11 November 2025 is the fourth rally of at least 5 % that began after 1 January 2024.", "TRUE",
        "The lows were those of April and August 2024, April 2025 and November 2025.", _D(2026, 1, 12)),
    Headline(
        "S10", _D(2026, 1, 15), "Midland Courier", "Strategists see 2,800 by month's end",
        "The Sample Composite will close above 2,800 points on 30 January 2026.", "OPEN",
        "The world ends on 15 January 2026; nobody can know.", _D(2026, 1, 30)),
    Headline(
        "S11", _D(2025, 12, 10), "Harbour Post", "Rates cut by half a point",
        "The central bank lowered its target by half a point on 10 December 2025.", "FALSE",
        "It lowered it by a quarter of a point.", _D(2025, 12, 10)),
    Headline(
        "S12", _D(2025, 12, 15), "The Daily Ticker", "Shoppers fall short",
        "Retail sales of November 2025 came in below the 0.2 % that was expected.", "TRUE",
        "They fell 0.3 %.", _D(2025, 12, 15)),
    Headline(
        "S13", _D(2026, 1, 15), "Midland Courier", "Banks have all beaten",
        "Every bank that had reported by 15 January 2026 earned more than forecast.", "TRUE",
        "Both that had reported did.", _D(2026, 1, 15)),
    Headline(
        "S14", _D(2026, 1, 14), "Midland Courier", "Chips lead, index follows",
        "Chip makers rose more than the index on 14 January 2026.", "FALSE",
        "Three of four fell more than the index, which fell as well.", _D(2026, 1, 14)),
    Headline(
        "S15", _D(2026, 1, 15), "Harbour Post", "Fear is back",
        "The VIX closed above 20 on 15 January 2026.", "FALSE",
        "It closed at 14.56.", _D(2026, 1, 15)),
    Headline(
        "S16", _D(2026, 1, 15), "The Daily Ticker", "A rally with many fathers",
        "At least five drivers pointed up on 15 January 2026.", "TRUE",
        "Nine of thirteen did.", _D(2026, 1, 15)),
    Headline(
        "S17", _D(2026, 1, 13), "Harbour Post", "Bank profit up by a fifth, a record",
        "Profit of Bankoria Financial rose by a fifth and was the highest it had named.", "PARTLY",
        "It rose by a fifth, and the second quarter was better.", _D(2026, 1, 13)),
    Headline(
        "S18", _D(2026, 1, 15), "The Daily Ticker", "Stock market without its giants",
        "The ten largest made more than half of the gain of twenty sessions on 15 January 2026.", "FALSE",
        "They made 47 %, which is what they weigh.", _D(2026, 1, 15)),
    Headline(
        "S19", _D(2026, 1, 15), "Midland Courier", "Hot names, calm market",
        "Single stocks moved wildly in December 2025 while the VIX stayed below 20.", "TRUE",
        "Five sessions after Christmas Eve were such, and the VIX was below 18.", _D(2026, 1, 15)),
    Headline(
        "S20", _D(2026, 1, 14), "Harbour Post", "Technology funds follow the index up",
        "The technology fund and the financials fund both rose on 14 January 2026.", "PARTLY",
        "Financials rose, technology fell.", _D(2026, 1, 14)),
    Headline(
        "S21", _D(2026, 1, 15), "Midland Courier", "Why it rose: nobody could say",
        "The market rose because people were in a good mood.", "NOT_TESTABLE",
        "Nobody measures a mood that way.", _D(2026, 1, 15)),
)  # fmt: skip
