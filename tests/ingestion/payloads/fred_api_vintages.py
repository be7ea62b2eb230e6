"""Some vintages of a series, one row cut at the day asked; a "." ; an unknown series; a key that is not taken; XML."""

import json
from typing import Any

SERIES = "PAYEMS"


def row(period: str, start: str, value: str, end: str = "9999-12-31") -> dict[str, str]:
    return {"realtime_start": start, "realtime_end": end, "date": period, "value": value}


ROWS = (
    row("2012-11-01", "2013-01-01", "134472", "2013-02-07"),  # stood already when the days asked begin
    row("2012-11-01", "2013-02-08", "134510"),
    row("2012-12-01", "2013-01-04", "134021", "2013-02-07"),
    row("2012-12-01", "2013-02-08", "134706"),
    row("2013-01-01", "2013-02-08", "."),
    row("2013-01-01", "2013-03-08", "134839"),
)


def answer(*rows: dict[str, str], **fields: Any) -> bytes:
    head = {
        "realtime_start": "2013-01-01", "realtime_end": "9999-12-31", "observation_start": "2005-01-01",
        "observation_end": "9999-12-31", "units": "lin", "output_type": 1, "file_type": "json",
        "order_by": "observation_date", "sort_order": "asc", "count": len(rows), "offset": 0, "limit": 100000,
    }  # fmt: skip
    return json.dumps({**head, "observations": list(rows), **fields}).encode()


def error(said: str) -> bytes:
    return json.dumps({"error_code": 400, "error_message": f"Bad Request.  {said}"}).encode()


GOOD = answer(*ROWS)
BODIES = [
    GOOD,
    answer(ROWS[0]),
    error("The series does not exist."),
    error("The value for variable api_key is not registered."),
    b'<?xml version="1.0" encoding="utf-8" ?>\n<observations realtime_start="2013-01-01" count="0">\n</observations>\n',
]
