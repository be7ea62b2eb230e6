"""A day that is over (figures and surprises), a day to come, a day without reports, a day the vendor does not hold."""

import json
from datetime import date
from typing import Any

from ingestion.sources.nasdaq import as_told

DAY = date(2026, 1, 14)
SERIES = str(DAY)
OVER: dict[str, Any] = {
    "eps": "$1.05",
    "surprise": "5",
    "time": "time-pre-market",
    "symbol": "ABC",
    "name": "Alphabetical Industries ",
    "marketCap": "$614,938,050",
    "fiscalQuarterEnding": "Dec/2025",
    "epsForecast": "$1.00",
    "noOfEsts": "6",
}
TO_COME: dict[str, Any] = {
    "lastYearRptDt": "1/09/2025",
    "lastYearEPS": "($0.30)",
    "time": "time-after-hours",
    "symbol": "MOG.A",
    "name": "Moongate Inc.",
    "marketCap": "$89,778,197",
    "fiscalQuarterEnding": "Nov/2025",
    "epsForecast": "($0.11)",
    "noOfEsts": "2",
}


def told(*rows: dict[str, Any], day: date = DAY, **data: Any) -> bytes:
    """An answer with these companies; a field of None is left out."""
    held = [{name: value for name, value in row.items() if value is not None} for row in rows]
    answer = {"asOf": as_told(day), "headers": {}, "rows": held, **data}
    status = {"rCode": 200, "bCodeMessage": None, "developerMessage": None}
    return json.dumps({"data": answer, "message": None, "status": status}).encode()


def over(**fields: Any) -> dict[str, Any]:
    return {**OVER, **fields}


GOOD = told(
    OVER,
    over(symbol="DEF", eps="($0.70)", epsForecast="($0.60)", surprise="-16.67", time="time-not-supplied"),
    over(symbol="GHI", eps="N/A", epsForecast="", surprise="N/A", noOfEsts="N/A", marketCap="", fiscalQuarterEnding=""),
    over(symbol="BRK/B", eps="$3,466.00", epsForecast="", surprise="N/A", time="time-after-hours"),
)
NOBODY = told(headers=None, rows=None)
NOT_HELD = json.dumps(
    {
        "data": None,
        "message": None,
        "status": {"rCode": 400, "bCodeMessage": [{"code": 1001, "errorMessage": "Invalid date."}]},
    }
).encode()
BODIES = [GOOD, told(TO_COME), NOBODY, NOT_HELD]
