"""What happened to the companies: listings, endings, a renaming, a failed trial, splits, and every change of the index.

Belongs here: the timeline. Does not: who the companies are, or prices. Days are the first day of the new state, except
the last bar of a company that ended. ``NEVER`` names companies that are listed but were not in the index at the start;
some of them join later, the others are the spares.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

_D = date
LISTED: dict[str, date] = {
    "LMNQ": _D(2014, 9, 19), "JNCQ": _D(2015, 6, 18), "NVZQ": _D(2016, 11, 2), "YQSO": _D(2017, 3, 2),
    "DQRV": _D(2018, 4, 3), "SYZG": _D(2019, 5, 10), "PXLM": _D(2021, 5, 18), "HQTM": _D(2020, 12, 10),
    "SQSN": _D(2023, 9, 14), "TQBR": _D(2022, 3, 24), "ZENQ": _D(2020, 9, 16), "WZBN": _D(2025, 3, 28),
}  # fmt: skip
ENDED: dict[str, tuple[date, Literal["bankruptcy", "merger"]]] = {
    "RZNX": (_D(2015, 12, 4), "merger"),
    "KLQR": (_D(2016, 2, 26), "bankruptcy"),
    "ENZQ": (_D(2018, 9, 14), "merger"),
    "FLXR": (_D(2019, 6, 7), "merger"),
    "RQWS": (_D(2020, 7, 10), "bankruptcy"),
    "PQLS": (_D(2021, 10, 1), "merger"),
    "UNDW": (_D(2023, 10, 6), "bankruptcy"),
    "WZHT": (_D(2024, 12, 6), "merger"),
}
# A trial that failed: the day, and what a share lost beyond what moved all others. Real, so it must be told as it is.
FAILED_TRIALS: dict[str, tuple[date, float]] = {"ABQX": (_D(2023, 5, 16), -0.53)}
NEWCOMER_SYMBOL = {"ZENQ": "ENZQ"}  # a later company took the symbol of one that had been bought
# Two lines of shares of one issuer: the second line, and the company whose filings speak for both.
SECOND_LINES = {"NZRA": "BZWV"}
RENAMED: dict[str, tuple[str, date]] = {"VXSC": ("FCBQ", _D(2021, 10, 28))}
NEVER = frozenset(("WTLY", "KRND", "GLYQ", "STQB", "ORQT", "DKZQ", "CZCK", "TQLD", "KQSP", "DZYE", "TZTW", "CZDR"))
SPLITS: dict[str, tuple[tuple[date, int, int], ...]] = {
    "NA": ((_D(2022, 6, 13), 4, 1),),
    "TRUE": ((_D(2024, 3, 18), 3, 2),),
    "GLYQ": ((_D(2023, 6, 12), 20, 1),),
    "JNCQ": ((_D(2021, 7, 19), 4, 1), (_D(2025, 6, 9), 2, 1)),
    "TZRQ": ((_D(2021, 3, 29), 5, 1),),
    "BRZQ": ((_D(2022, 1, 18), 2, 1), (_D(2025, 8, 25), 3, 2)),
    "HQLT": ((_D(2017, 8, 14), 3, 1), (_D(2022, 4, 25), 3, 1)),
    "WXLB": ((_D(2017, 6, 5), 2, 1), (_D(2024, 1, 16), 3, 1)),
    "BQOL": ((_D(2019, 6, 24), 4, 1),),
    "CZDR": ((_D(2020, 8, 31), 7, 1),),
    "NXPT": ((_D(2018, 6, 11), 3, 1),),
    "OZRX": ((_D(2019, 2, 4), 2, 1), (_D(2024, 6, 10), 3, 1)),
    "GQTL": ((_D(2018, 3, 26), 2, 1),),
    "TZCM": ((_D(2018, 1, 22), 3, 1), (_D(2021, 8, 16), 3, 2)),
    "KQLN": ((_D(2017, 4, 24), 4, 1),),
    "DQMC": ((_D(2018, 2, 20), 2, 1), (_D(2023, 9, 11), 2, 1)),
    "MQLL": ((_D(2019, 1, 14), 3, 1),),
    "LZRE": ((_D(2019, 9, 9), 3, 1),),
    "VQYG": ((_D(2024, 7, 22), 4, 1),),
    "BQRW": ((_D(2024, 2, 5), 3, 2),),
    "KZMB": ((_D(2021, 2, 8), 1, 8),),
    "CBLX": ((_D(2019, 8, 19), 1, 5),),
}
# (day, out, in); None: no company leaves or joins that day.
CHANGES: tuple[tuple[date, str | None, str | None], ...] = (
    (_D(2014, 7, 1), None, "CLYN"),
    (_D(2014, 12, 22), "NXPT", "GLYQ"),
    (_D(2015, 9, 21), "FZNR", "QBRT"),
    (_D(2015, 12, 7), "RZNX", "DZYE"),
    (_D(2016, 2, 29), "KLQR", "STQB"),
    (_D(2016, 9, 19), "DVQX", "JNCQ"),
    (_D(2017, 3, 20), "CQRR", "CZDR"),
    (_D(2017, 12, 18), "MZLL", "NVZQ"),
    (_D(2018, 6, 18), "BLZT", "YQSO"),
    (_D(2018, 9, 17), "ENZQ", "DKZQ"),
    (_D(2019, 6, 10), "FLXR", "CZCK"),
    (_D(2019, 9, 23), "FQSH", "DQRV"),
    (_D(2020, 3, 23), "INLX", "SYZG"),
    (_D(2020, 7, 13), "RQWS", "KQSP"),
    (_D(2020, 12, 21), "EMBX", "TZTW"),
    (_D(2021, 6, 21), "CNZA", "ZENQ"),
    (_D(2021, 10, 4), "PQLS", "LMNQ"),
    (_D(2021, 12, 20), "ELZB", "HQTM"),
    (_D(2022, 3, 21), "FZFC", None),
    (_D(2022, 6, 21), "JVQM", None),
    (_D(2022, 9, 19), None, "PXLM"),
    (_D(2022, 12, 19), "FNQR", "TQBR"),
    (_D(2023, 3, 20), "JZTY", None),
    (_D(2023, 9, 18), "GLYQ", None),
    (_D(2023, 10, 9), "UNDW", "WTLY"),
    (_D(2023, 12, 18), "FQWT", None),
    (_D(2024, 3, 18), "MRQZ", "SQSN"),
    (_D(2024, 6, 24), "FRGT", "KRND"),
    (_D(2024, 9, 23), None, "GLYQ"),
    (_D(2024, 12, 9), "WZHT", "TQLD"),
    (_D(2025, 3, 24), "NQVT", None),
    (_D(2025, 9, 22), "OPQL", None),
)
