"""A session with its volumes (products that nobody asked about among them), one of the older layout, one that is not there."""

import json
from typing import Any

SERIES = "2026-01-14"
RATIOS = {
    "TOTAL": "0.80", "INDEX": "1.25", "EXCHANGE TRADED PRODUCTS": "1.00", "EQUITY": "0.50", "OEX": "0.00",
    "SPX + SPXW": "1.31",
}  # fmt: skip


def block(calls: int, puts: int) -> list[dict[str, Any]]:
    return [
        {"name": "VOLUME", "call": calls, "put": puts, "total": calls + puts},
        {"name": "OPEN INTEREST", "call": 9 * calls, "put": 8 * puts, "total": 9 * calls + 8 * puts},
    ]


def told(ratios: dict[str, Any] | None = None, **blocks: Any) -> bytes:
    """An answer; ``blocks`` replace those with volumes (underscores stand for blanks; None leaves one out)."""
    named = [
        {"name": f"{name} PUT/CALL RATIO", "value": value}
        for name, value in (RATIOS if ratios is None else ratios).items()
    ]
    held = {
        "SUM OF ALL PRODUCTS": block(1000, 800), "INDEX OPTIONS": block(200, 250), "EQUITY OPTIONS": block(700, 350),
        "OEX": block(0, 0), **{name.replace("_", " "): value for name, value in blocks.items()},
    }  # fmt: skip
    return json.dumps({"ratios": named, **{name: rows for name, rows in held.items() if rows is not None}}).encode()


GOOD = told()
OLDER = told(SUM_OF_ALL_PRODUCTS=block(1000, 800)[0])
NOT_THERE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
)
BODIES = [GOOD, OLDER, NOT_THERE]
