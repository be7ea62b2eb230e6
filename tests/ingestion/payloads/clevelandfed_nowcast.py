"""Two target months, one of which runs over the end of the year; a file without estimates."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

SERIES = "nowcast_month"
NAMES = ("CPI Inflation", "Core CPI Inflation", "PCE Inflation", "Core PCE Inflation")
LINE = {"label": "CPI Nov", "vline": "true"}  # a release day, marked in the chart: it has no point


def month(subcaption: str, labels: Sequence[Any], series: Mapping[str, Sequence[Any]], **chart: Any) -> dict[str, Any]:
    """One target month; labels are texts, or whole categories."""
    told = {"_comment": "2026-01-15 00:00", "subcaption": subcaption, "yaxisname": "Month-over-month percent change"}
    return {
        "chart": {**told, "caption": "Inflation Nowcasting", **chart},
        "categories": [{"category": [{"label": one} if isinstance(one, str) else one for one in labels]}],
        "dataset": [
            {"seriesname": name, "data": [{"value": v, "tooltext": f"{name} {v}"} for v in values]}
            for name, values in series.items()
        ],
    }


DECEMBER = month(
    "2025-12",
    ["12/01", "12/18", LINE, "12/31", "01/12", "01/13", "01/15"],
    {
        NAMES[0]: ["0.1350", "0.4203", "0.3890", "0.3890", "", ""],
        "Actual CPI Inflation": ["", "", "", "", "0.4705", ""],
        NAMES[1]: ["0.3913", "0.4047", "0.4047", "0.4047", "", ""],
        NAMES[2]: ["0.2157", "0.3787", "0.3700", "0.3700", "0.3798", "0.3798"],
        NAMES[3]: ["0.2500", "0.2600", "-0.0100", "0.2600", "0.2650", "0.2650"],
    },
)
JANUARY = month("2026-1", ["12/31", "01/15", "01/16"], {name: ["0.2100", "2.2e-1", "0.2300"] for name in NAMES})
GOOD = json.dumps([DECEMBER, JANUARY]).encode()
BODIES = [GOOD, json.dumps([month("2026-1", ["01/15"], {name: [""] for name in NAMES})]).encode()]
