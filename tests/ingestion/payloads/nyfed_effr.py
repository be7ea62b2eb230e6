"""Newest first; an old day has neither range nor percentiles, a revised one has a mark."""

import json

SERIES = "EFFR"
DAYS = [
    {
        "effectiveDate": "2026-01-14", "type": "EFFR", "percentRate": 3.63, "percentPercentile1": 3.60,
        "percentPercentile25": 3.62, "percentPercentile75": 3.63, "percentPercentile99": 3.65, "targetRateFrom": 3.50,
        "targetRateTo": 3.75, "volumeInBillions": 114, "revisionIndicator": "",
    },
    {
        "effectiveDate": "2026-01-13", "type": "EFFR", "percentRate": 3.64, "percentPercentile1": 3.60,
        "percentPercentile25": 3.63, "percentPercentile75": 3.65, "percentPercentile99": 3.70, "targetRateFrom": 3.50,
        "targetRateTo": 3.75, "volumeInBillions": 101, "revisionIndicator": "[r]",
    },
    {"effectiveDate": "2026-01-12", "type": "EFFR", "percentRate": 3.62, "revisionIndicator": ""},
]  # fmt: skip
GOOD = json.dumps({"refRates": DAYS}).encode()
BODIES = [GOOD, b'{"refRates": []}']
