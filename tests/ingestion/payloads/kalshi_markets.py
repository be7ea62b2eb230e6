"""A page of contracts in dollars, of each kind of statement; the same kind in cents; nothing open; an error."""

import json
from typing import Any

SERIES = "KXFED"


def market(name: str, kind: str = "greater", **fields: Any) -> dict[str, Any]:
    """A contract as the vendor writes it, with prices in dollars; a field of None is left out."""
    told = {
        "ticker": f"KXFED-26JAN-{name}",
        "event_ticker": "KXFED-26JAN",
        "market_type": "binary",
        "title": f"Will the upper bound of the federal funds rate be above {name[1:]}% following the Fed's Jan 21 meeting?",
        "yes_sub_title": f"Above {name[1:]}%",
        "no_sub_title": f"Above {name[1:]}%",
        "status": "active",
        "yes_bid_dollars": "0.4200",
        "yes_ask_dollars": "0.4400",
        "last_price_dollars": "0.4300",
        "volume_fp": "10369.92",
        "open_interest_fp": "6579.63",
        "open_time": "2025-10-13T14:00:00Z",
        "close_time": "2026-01-21T18:55:00Z",
        "expected_expiration_time": "2026-01-21T19:05:00.123456Z",
        "strike_type": kind,
        "floor_strike": float(name[1:]) if name[0] == "T" else None,
        **fields,
    }
    return {name: value for name, value in told.items() if value is not None}


def page(*markets: dict[str, Any], cursor: str = "") -> bytes:
    return json.dumps({"markets": list(markets), "cursor": cursor}).encode()


LADDER = (
    market("T3.50", yes_bid_dollars="0.9100", yes_ask_dollars="0.9300", last_price_dollars="0.9200", cap_strike=3.5),
    market("T3.75", yes_bid_dollars="0.4200", yes_ask_dollars="0.4400"),
    market("T4.00", yes_bid_dollars="0.0000", yes_ask_dollars="0.0200", last_price_dollars="0.0000"),
)
GOOD = page(*LADDER, market("B3.75", "between", floor_strike=3.5, cap_strike=3.75), cursor="CgsI")
CENTS: dict[str, Any] = {
    "yes_bid_dollars": None,
    "yes_ask_dollars": None,
    "last_price_dollars": None,
    "volume_fp": None,
}
BODIES = [
    GOOD,
    page(market("T4.25", yes_bid=42, yes_ask=44, last_price=43, volume=120, **CENTS), market("X", "custom")),
    page(),
    b'{"error":{"code":"bad_request","message":"bad request"}}',
]
