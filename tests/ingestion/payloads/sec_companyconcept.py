"""One line of a company's statements: quarters and spans, told twice, in several units; too old; the SEC's not found."""

import json
from typing import Any

SERIES = "0000900001/NetIncomeLoss"
Fact = dict[str, Any]


def fact(start: str, end: str, val: Any, accn: str, filed: str, form: str = "10-Q", **more: Any) -> Fact:
    """A figure as EDGAR writes it; a field of None is left out."""
    told = {"start": start, "end": end, "val": val, "accn": f"0000900001-{accn}", "fy": 2025, "fp": "Q3", "form": form}
    return {name: value for name, value in {**told, "filed": filed, **more}.items() if value is not None}


def concept(*facts: Fact, cik: Any = 900001, tag: str = "NetIncomeLoss", unit: str = "USD", **units: Any) -> bytes:
    told = {"cik": cik, "taxonomy": "us-gaap", "tag": tag, "label": "x", "entityName": "Abcedary Corp"}
    return json.dumps({**told, "units": {unit: list(facts), **units}}).encode()


QUARTER = fact("2025-07-01", "2025-09-30", 1200000000, "25-000031", "2025-11-03", frame="CY2025Q3")
NINE_MONTHS = fact("2025-01-01", "2025-09-30", 3500000000, "25-000031", "2025-11-03")
YEAR_BEFORE = fact("2024-07-01", "2024-09-30", -5, "25-000031", "2025-11-03")
TOLD_BEFORE = fact("2024-07-01", "2024-09-30", 1000, "24-000029", "2024-11-01", frame="CY2024Q3")
OLD = fact("2016-10-01", "2016-12-31", 7, "17-000003", "2017-02-20", form="10-K")
BODIES = [
    concept(OLD, TOLD_BEFORE, YEAR_BEFORE, NINE_MONTHS, QUARTER, EUR=[QUARTER]),
    concept(OLD),
    concept(fact("2025-07-01", "2025-09-30", 1.25, "25-000031", "2025-11-03"), unit="USD/shares"),
    concept({k: v for k, v in QUARTER.items() if k != "filed"}),
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>x</Message></Error>',
]
