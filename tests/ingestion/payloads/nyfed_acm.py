"""An .xls of all columns the connector reads, and one that has the ten-year premium alone."""

from collections.abc import Sequence

from ingestion.sample.workbooks import xls

SERIES = "ACMTermPremium"
HEADER = ("DATE", "ACMY02", "ACMY10", "ACMTP01", "ACMTP02", "ACMTP10", "ACMRNY02", "ACMRNY10")
LINES: list[list[str | float | None]] = [
    ["29-Dec-1989", 7.5, 8.0, 0.1, 0.5, 1.25, 7.0, 6.75],
    ["13-Jan-2026", 3.5, 4.25, 0.01, 0.125, 0.75, 3.375, 3.5],
    ["14-Jan-2026", 3.5, 4.125, 0.01, -0.125, 0.625, 3.625, 3.5],
]


def acm(
    lines: Sequence[Sequence[str | float | None]] = LINES, header: Sequence[str] = HEADER, sheet: str = "ACM Daily"
) -> bytes:
    return xls(sheet, [list(header), *lines])


GOOD = acm()
PREMIUM_ALONE = acm([["14-Jan-2026", None, 0.625]], ("DATE", "ACMY10", "ACMTP10"))
BODIES = [GOOD, PREMIUM_ALONE]
