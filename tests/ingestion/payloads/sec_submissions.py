"""A company's filings as columns: reports, announcements, an amendment, and what is not wanted; none; the SEC's not found."""

import json
from typing import Any

SERIES = "0000900001"
FIELDS = ("accessionNumber", "filingDate", "reportDate", "acceptanceDateTime", "form", "items", "primaryDocument")
Row = tuple[str, str, str, str, str, str, str]


def filings(*rows: Row, cik: Any = "0000900001", **lists: Any) -> bytes:
    """The newest filings as EDGAR writes them; ``lists`` replaces columns (None leaves one out)."""
    recent = {name: [row[n] for row in rows] for n, name in enumerate(FIELDS)}
    recent |= {"size": [1000 + n for n in range(len(rows))], **lists}
    told = {"cik": cik, "entityType": "operating", "name": "Abcedary Corp", "tickers": ["ABC"]}
    kept = {name: column for name, column in recent.items() if column is not None}
    older = [{"name": "CIK0000900001-submissions-001.json", "filingCount": 800}]
    return json.dumps({**told, "filings": {"recent": kept, "files": older}}).encode()


REPORT: Row = ("0000900001-25-000031", "2025-11-03", "2025-09-30", "2025-10-31T21:45:10.000Z", "10-Q", "", "abc-q.htm")
RESULTS: Row = ("0000900001-25-000030", "2025-10-30", "2025-10-30", "2025-10-30T20:05:01.000Z", "8-K", "2.02,9.01", "")
AMENDED: Row = (
    "0000900001-25-000012",
    "2025-03-07",
    "2024-12-31",
    "2025-03-07T13:00:00.000Z",
    "10-K/A",
    "",
    "abc-ka.htm",
)
OTHERS: tuple[Row, ...] = (
    ("0000900001-25-000029", "2025-10-02", "2025-10-01", "2025-10-02T12:00:00.000Z", "8-K", "5.02", "abc-8k.htm"),
    ("0000900077-25-000001", "2025-09-12", "", "2025-09-12T22:31:00.000Z", "4", "", "xslF345X05/form4.xml"),
)
BODIES = [
    filings(REPORT, RESULTS, OTHERS[0], OTHERS[1], AMENDED),
    filings(*OTHERS),
    filings(),
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>x</Message></Error>',
]
