"""Fields between bars; a security over the counter, one without volume, one nobody was short of, a split, a revision."""

from collections.abc import Sequence

SERIES = "2025-12-31"
HEADER = (
    "accountingYearMonthNumber|symbolCode|issueName|issuerServicesGroupExchangeCode|marketClassCode|"
    "currentShortPositionQuantity|previousShortPositionQuantity|stockSplitFlag|averageDailyVolumeQuantity|"
    "daysToCoverQuantity|revisionFlag|changePercent|changePreviousNumber|settlementDate"
)
ROWS = [
    "20251231|BRKB|Berk & Sons Class B|A|NYSE|1300|1250||400|3.25||4.00|50|2025-12-31",
    '20251231|NA|Nation "Apples" Inc.|R|NNM|900|1000||4000|1.00|R|-10.00|-100|2025-12-31',
    "20251231|NEWQ|New Acquisition Corp Class|H|BZX|75|0||300|1.00||100.00|75|2025-12-31",
    "20251231|OVER|Over The Counter AG|S|OTC|500|500||0|999.99||0.00|0|2025-12-31",
    "20251231|RARE|Rarely Traded Preferred Series|A|NYSE|60|40||0|999.99||50.00|20|2025-12-31",
    "20251231|SPLT|Splitter|E|ARCA|2000|1000|S|1600|1.25||100.00|1000|2025-12-31",
]


def told(rows: Sequence[str] = ROWS, header: str = HEADER) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


GOOD = told()
NOT_THERE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)
BODIES = [GOOD, NOT_THERE]
