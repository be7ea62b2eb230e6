"""The directory of made-up companies: names, sectors, membership of the index, splits and listings.

Belongs here: facts a person would look up. Does not: prices. No company here exists; ``NA`` and ``TRUE`` are tickers on
purpose, because careless parsers read them as a missing value and a boolean, and ``HRN-B`` is spelt ``HRN.B`` in lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SECTORS = ("Information Technology", "Financials", "Health Care", "Energy", "Industrials")
WORLD_STARTS = date(2018, 1, 2)


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
    split: tuple[date, int, int] | None = None

    @property
    def listed_as(self) -> str:
        """The spelling of constituent lists: class shares with a dot."""
        return self.symbol.replace("-", ".")


_T, _F, _H, _E, _I = SECTORS
_D = date
_NA_SPLIT, _TRUE_SPLIT = (_D(2022, 6, 13), 4, 1), (_D(2024, 3, 18), 3, 2)
COMPANIES = (
    Company("NA", "Northarc Systems", _T, "Servers", "Reno, Nevada", "1991", 9000101,
            212.0, 150, 1.25, 0.0125, 0.006, _D(2004, 3, 22), split=_NA_SPLIT),
    Company("TRUE", "TrueNorth Software, Inc.", _T, "Business software", "Boise, Idaho", "1999", 9000102,
            96.0, 250, 1.2, 0.0120, 0.004, _D(2010, 6, 21), split=_TRUE_SPLIT),
    Company("QBRT", "Qubright", _T, "Chip design", "Austin, Texas", "2003", 9000103,
            74.0, 380, 1.45, 0.0155, 0.0, _D(2015, 9, 21)),
    Company("VYXA", "Vyxa Networks", _T, "Network equipment", "Raleigh, North Carolina", "1996", 9000104,
            51.0, 350, 1.1, 0.0115, 0.012, _D(2011, 12, 19)),
    Company("PXLM", "Pixelmoor", _T, "Imaging chips", "Provo, Utah", "2014", 9000105,
            42.0, 300, 1.4, 0.0175, 0.0, _D(2022, 9, 19), listed=_D(2021, 5, 18)),
    Company("KRND", "Kernand Data", _T, "Data storage", "Madison, Wisconsin", "2007", 9000106,
            28.0, 330, 1.3, 0.0160, 0.0, _D(2024, 6, 24)),
    Company("BNKO", "Bankoria Financial", _F, "Banking", "Charlotte, North Carolina", "1907", 9000201,
            61.0, 520, 1.05, 0.0095, 0.026, _D(1998, 1, 2)),
    Company("HRN-B", "Heronhill Holdings", _F, "Insurance holding", "Omaha, Nebraska", "1952 (1889)", 9000202,
            148.0, 190, 0.8, 0.0080, 0.018, _D(2001, 5, 14)),
    Company("LDGR", "Ledgerline", _F, "Payments", "Wilmington, Delaware", "2001", 9000203,
            83.0, 260, 1.15, 0.0110, 0.009, _D(2012, 4, 2)),
    Company("UNDW", "Underwood, Hale & Co.", _F, "Regional banking", "Tulsa, Oklahoma", "1934", 9000204,
            57.0, 140, 1.1, 0.0120, 0.030, _D(2006, 8, 7), left=_D(2023, 10, 9), last_bar=_D(2023, 10, 6)),
    Company("MDXQ", "Medaxiq Labs", _H, "Laboratories", "Durham, North Carolina", "1978", 9000301,
            118.0, 240, 0.75, 0.0105, 0.015, _D(2000, 10, 2)),
    Company("VITQ", "Vitaquill", _H, "Medicines", "Trenton, New Jersey", "1921", 9000302,
            69.0, 430, 0.65, 0.0100, 0.028, _D(1998, 1, 2)),
    Company("SRGN", "Surgenta Devices", _H, "Surgical devices", "Minnetonka, Minnesota", "1985", 9000303,
            91.0, 210, 0.85, 0.0110, 0.010, _D(2009, 3, 23)),
    Company("CLYN", "Clynic Partners", _H, "Clinics", "Nashville, Tennessee", "1994", 9000304,
            46.0, 260, 0.8, 0.0125, 0.008, _D(2014, 7, 1)),
    Company("PTRQ", "Petroquay", _E, "Oil production", "Midland, Texas", "1961", 9000401,
            54.0, 480, 1.0, 0.0120, 0.036, _D(1998, 1, 2)),
    Company("DRLQ", "Drillquest Services", _E, "Oil services", "Houston, Texas", "1973", 9000402,
            33.0, 300, 1.3, 0.0160, 0.020, _D(2005, 2, 14)),
    Company("PLOM", "Pipeloom Energy", _E, "Pipelines", "Tulsa, Oklahoma", "1988", 9000403,
            39.0, 330, 0.8, 0.0090, 0.052, _D(2013, 6, 24)),
    Company("WTLY", "Watterly Power", _E, "Fuel distribution", "Baton Rouge, Louisiana", "2005", 9000404,
            24.0, 210, 1.0, 0.0150, 0.016, _D(2023, 10, 9)),
    Company("GEAQ", "Gearquay Machines", _I, "Machinery", "Peoria, Illinois", "1925", 9000501,
            126.0, 230, 1.15, 0.0100, 0.020, _D(1998, 1, 2)),
    Company("RAYL", "Raylane Railroads", _I, "Railroads", "Saint Paul, Minnesota", "1870", 9000502,
            79.0, 310, 0.9, 0.0085, 0.021, _D(1998, 1, 2)),
    Company("AVQN", "Avequen Aircraft Parts", _I, "Aircraft parts", "Wichita, Kansas", "1948", 9000503,
            64.0, 260, 1.1, 0.0115, 0.014, _D(2008, 9, 15)),
    Company("FRGT", "Freightora", _I, "Trucking", "Memphis, Tennessee", "1969", 9000504,
            37.0, 170, 1.2, 0.0130, 0.011, _D(2011, 3, 21), left=_D(2024, 6, 24)),
)  # fmt: skip
