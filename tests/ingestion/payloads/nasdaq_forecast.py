"""Forecasts as numbers and as text, a company without forecasts of years, one without any, an unknown symbol."""

import json
from typing import Any

SERIES = "ABC-B"


def period(end: str = "Dec 2025", **fields: Any) -> dict[str, Any]:
    """One period as the vendor writes it."""
    told = {
        "fiscalEnd": end,
        "consensusEPSForecast": 2.47,
        "highEPSForecast": 2.6,
        "lowEPSForecast": 2.31,
        "noOfEstimates": 12,
        "up": 3,
        "down": 0,
    }
    return told | fields


def told(quarters: list[dict[str, Any]] | None, years: list[dict[str, Any]] | None = None, **data: Any) -> bytes:
    """An answer with these tables; None for a table that is null."""
    held: dict[str, Any] = {
        "symbol": "abc.b",
        "quarterlyForecast": None if quarters is None else {"asOf": None, "rows": quarters},
        "yearlyForecast": None if years is None else {"asOf": None, "rows": years},
    }
    status = {"rCode": 200, "bCodeMessage": None, "developerMessage": None}
    return json.dumps({"data": held | data, "message": None, "status": status}).encode()


TEXT = period(
    "Mar/2026",
    consensusEPSForecast="$2.72",
    highEPSForecast="2.9",
    lowEPSForecast="N/A",
    noOfEstimates="11",
    up="",
    down="1",
)
GOOD = told([period(), TEXT], [period("Jan 2027", consensusEPSForecast=-0.5, highEPSForecast=-0.25, lowEPSForecast=-1)])
UNKNOWN = json.dumps(
    {"data": None, "status": {"rCode": 400, "bCodeMessage": [{"code": 1001, "errorMessage": "Symbol not exists."}]}}
).encode()
BODIES = [GOOD, told([period()]), told(None), UNKNOWN]
