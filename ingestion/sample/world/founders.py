"""The twenty-two companies with facts set by hand, among them the tickers careless programs stumble over.

Belongs here: facts a person would look up about these. Does not: the other companies (``roster``), what happened to any
of them (``changes``), prices. ``NA`` and ``TRUE`` are tickers on purpose, because parsers read them as a missing value and
a boolean, and ``HRN-B`` is spelt ``HRN.B`` in lists. None of these companies exists.
"""

from __future__ import annotations

from datetime import date

from ingestion.sample.world.company import Company

_T, _F, _H, _E, _I = "Information Technology", "Financials", "Health Care", "Energy", "Industrials"
_D = date
FOUNDERS = (
    Company("NA", "Northarc Systems", _T, "Servers", "Reno, Nevada", "1991", 9000101,
            212.0, 150, 1.25, 0.0125, 0.006, _D(2004, 3, 22)),
    Company("TRUE", "TrueNorth Software, Inc.", _T, "Business software", "Boise, Idaho", "1999", 9000102,
            96.0, 250, 1.2, 0.0120, 0.004, _D(2010, 6, 21)),
    Company("QBRT", "Qubright", _T, "Chip design", "Austin, Texas", "2003", 9000103,
            74.0, 380, 1.45, 0.0155, 0.0, None),
    Company("VYXA", "Vyxa Networks", _T, "Network equipment", "Raleigh, North Carolina", "1996", 9000104,
            51.0, 350, 1.1, 0.0115, 0.012, _D(2011, 12, 19)),
    Company("PXLM", "Pixelmoor", _T, "Imaging chips", "Provo, Utah", "2014", 9000105,
            42.0, 300, 1.4, 0.0175, 0.0, None),
    Company("KRND", "Kernand Data", _T, "Data storage", "Madison, Wisconsin", "2007", 9000106,
            28.0, 330, 1.3, 0.0160, 0.0, None),
    Company("BNKO", "Bankoria Financial", _F, "Banking", "Charlotte, North Carolina", "1907", 9000201,
            61.0, 520, 1.05, 0.0095, 0.026, _D(1998, 1, 2)),
    Company("HRN-B", "Heronhill Holdings", _F, "Insurance holding", "Omaha, Nebraska", "1952 (1889)", 9000202,
            148.0, 190, 0.8, 0.0080, 0.018, _D(2001, 5, 14)),
    Company("LDGR", "Ledgerline", _F, "Payments", "Wilmington, Delaware", "2001", 9000203,
            83.0, 260, 1.15, 0.0110, 0.009, _D(2012, 4, 2)),
    Company("UNDW", "Underwood, Hale & Co.", _F, "Regional banking", "Tulsa, Oklahoma", "1934", 9000204,
            57.0, 140, 1.1, 0.0120, 0.030, _D(2006, 8, 7)),
    Company("MDXQ", "Medaxiq Labs", _H, "Laboratories", "Durham, North Carolina", "1978", 9000301,
            118.0, 240, 0.75, 0.0105, 0.015, _D(2000, 10, 2)),
    Company("VITQ", "Vitaquill", _H, "Medicines", "Trenton, New Jersey", "1921", 9000302,
            69.0, 430, 0.65, 0.0100, 0.028, _D(1998, 1, 2)),
    Company("SRGN", "Surgenta Devices", _H, "Surgical devices", "Minnetonka, Minnesota", "1985", 9000303,
            91.0, 210, 0.85, 0.0110, 0.010, _D(2009, 3, 23)),
    Company("CLYN", "Clynic Partners", _H, "Clinics", "Nashville, Tennessee", "1994", 9000304,
            46.0, 260, 0.8, 0.0125, 0.008, None),
    Company("PTRQ", "Petroquay", _E, "Oil production", "Midland, Texas", "1961", 9000401,
            54.0, 480, 1.0, 0.0120, 0.036, _D(1998, 1, 2)),
    Company("DRLQ", "Drillquest Services", _E, "Oil services", "Houston, Texas", "1973", 9000402,
            33.0, 300, 1.3, 0.0160, 0.020, _D(2005, 2, 14)),
    Company("PLOM", "Pipeloom Energy", _E, "Pipelines", "Tulsa, Oklahoma", "1988", 9000403,
            39.0, 330, 0.8, 0.0090, 0.052, _D(2013, 6, 24)),
    Company("WTLY", "Watterly Power", _E, "Fuel distribution", "Baton Rouge, Louisiana", "2005", 9000404,
            24.0, 210, 1.0, 0.0150, 0.016, None),
    Company("GEAQ", "Gearquay Machines", _I, "Machinery", "Peoria, Illinois", "1925", 9000501,
            126.0, 230, 1.15, 0.0100, 0.020, _D(1998, 1, 2)),
    Company("RAYL", "Raylane Railroads", _I, "Railroads", "Saint Paul, Minnesota", "1870", 9000502,
            79.0, 310, 0.9, 0.0085, 0.021, _D(1998, 1, 2)),
    Company("AVQN", "Avequen Aircraft Parts", _I, "Aircraft parts", "Wichita, Kansas", "1948", 9000503,
            64.0, 260, 1.1, 0.0115, 0.014, _D(2008, 9, 15)),
    Company("FRGT", "Freightora", _I, "Trucking", "Memphis, Tennessee", "1969", 9000504,
            37.0, 170, 1.2, 0.0130, 0.011, _D(2011, 3, 21)),
)  # fmt: skip
