"""What a sample vendor hands back: status, headers, body. Nothing about any vendor belongs here."""

from __future__ import annotations

from datetime import datetime

import orjson

Reply = tuple[int, dict[str, str], bytes]
# English months: a locale must not change the bytes.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def text_reply(text: str, content_type: str, status: int = 200) -> Reply:
    """A text body in UTF-8."""
    return status, {"content-type": content_type}, text.encode()


def json_reply(value: object, status: int = 200) -> Reply:
    """A JSON body the way web services write it: no spaces, whole numbers without a decimal point.

    Numpy arrays are lists; a float is the shortest text that reads back as the same float, on every machine.
    """
    text = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    # Only floats end in ".0" before a separator: JSON text that does is written by no vendor here inside a string.
    text = text.replace(b".0,", b",").replace(b".0]", b"]").replace(b".0}", b"}")
    return status, {"content-type": "application/json;charset=utf-8"}, text


def epoch(moment: datetime) -> int:
    """Seconds since 1970, UTC. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"moment must carry a time zone: {moment!r}")
    return int(moment.timestamp())


def is_number(text: str) -> bool:
    """Whether a cell's text is a plain decimal number."""
    return text.removeprefix("-").replace(".", "", 1).isdigit()
