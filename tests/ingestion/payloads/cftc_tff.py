"""Three reports of the S&P 500 contract as Socrata tells them (texts, padded codes, more fields than are read), and one
with an empty field, which Socrata leaves out.
"""

import json
from typing import Any

SERIES = "13874A"
NAMES = (
    "open_interest_all", "dealer_positions_long_all", "dealer_positions_short_all", "asset_mgr_positions_long",
    "asset_mgr_positions_short", "lev_money_positions_long", "lev_money_positions_short",
)  # fmt: skip


def row(day: str, *counts: str, code: str = "13874A", **more: Any) -> dict[str, Any]:
    """One report; an empty text is a field left out."""
    return {
        "id": f"{day[2:].replace('-', '')}{code}F",
        "market_and_exchange_names": "E-MINI S&P 500 - CHICAGO MERCANTILE EXCHANGE",
        "report_date_as_yyyy_mm_dd": f"{day}T00:00:00.000",
        "cftc_contract_market_code": code,
        "cftc_market_code": "CME ",
        **{name: text for name, text in zip(NAMES, counts, strict=True) if text},
        "asset_mgr_positions_spread": "1",
        **more,
    }


ROWS = [
    row("2025-12-30", "1500", "100", "600", "900", "250", "150", "480"),
    row("2025-12-23", "2300000", "150000", "900000", "950000.0", "250000", "160000", "530000"),
    row("2025-12-16", "1400", "120", "500", "800", "200", "100", ""),
]


def told(rows: list[Any]) -> bytes:
    """An answer of these rows."""
    return json.dumps(rows).encode()


GOOD = told(ROWS)
BODIES = [GOOD, told([dict(reversed(ROWS[0].items()))])]
