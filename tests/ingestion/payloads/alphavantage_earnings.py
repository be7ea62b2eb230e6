"""Quarters as texts, one without an estimate; notes instead of data; an unknown symbol."""

import json
from typing import Any

SERIES = "ABC-B"


def quarter(**fields: Any) -> dict[str, Any]:
    """One quarter as the vendor writes it; a field of ... is left out."""
    told = {
        "fiscalDateEnding": "2025-12-31",
        "reportedDate": "2026-01-14",
        "reportedEPS": "3.87",
        "estimatedEPS": "3.78",
        "surprise": "0.09",
        "surprisePercentage": "2.381",
        "reportTime": "post-market",
        **fields,
    }
    return {name: value for name, value in told.items() if value is not ...}


def told(*quarters: dict[str, Any], symbol: str = SERIES) -> bytes:
    years = [{"fiscalDateEnding": "2025-12-31", "reportedEPS": "9.6"}]
    return json.dumps({"symbol": symbol, "annualEarnings": years, "quarterlyEarnings": list(quarters)}).encode()


OLD = quarter(
    fiscalDateEnding="1996-03-31", reportedDate="1996-04-17", reportedEPS="-0.5", estimatedEPS="None", surprise="None",
    surprisePercentage="None", reportTime=...,
)  # fmt: skip
GOOD = told(quarter(), OLD)
NOTE = b'{"Note": "Thank you for using our interface! Our standard call frequency is 5 calls a minute."}'
INFORMATION = b'{"Information": "This is a premium endpoint."}'
BODIES = [GOOD, told(), NOTE, INFORMATION, b"{}"]
