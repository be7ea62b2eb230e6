"""How numbers, dates and reasons are said, on the page and in the answer.

Belongs here: formatting that is the same everywhere. Does not: sentences about a market, markup.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
NO_ROW = "no row for this session"
NO_MEMBERS = "no list of members is held"  # as in a run of tier core
RECONSTRUCTED = "from today's figures"  # of a series that gets revised: nobody knew them at the time
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SUFFIX = {
    "pct": "%",
    "pp": " pp",
    "bp": " bp",
    "sessions": " sessions",
    "probability": "%",
    "share": "%",
    "z": " z",
    "cuts": " cuts",
}
_UNITS = {"pct": "%", "probability": "%", "share": "%", "text": "", "flag": "", "usd": "US$"}
MOVES = {  # class of the move of the yield curve (MP06): its name, and what happened
    "bull_steepener": ("bull steepener", "yields fell, short ones more"),
    "bull_flattener": ("bull flattener", "yields fell, long ones more"),
    "bear_steepener": ("bear steepener", "yields rose, long ones more"),
    "bear_flattener": ("bear flattener", "yields rose, short ones more"),
    "mixed": ("mixed", "level or slope moved by less than 5 bp"),
}
NOTE = 28  # letters at most of a note beside a figure: what a terminal of 80 columns leaves for it
_REASONS = {
    "WARMUP": "not enough history yet",
    "LOW_COVERAGE": "too few inputs have a value",
    "STALE_INPUT": "the newest input is too old",
    "SUSPECT_INPUT": "the newest input is in doubt",
    "NO_ACTIONS": "the vendor lists no payout",
    "NOT_PUBLISHED": "not published by then",
    "UNDEFINED": "not defined for these inputs",
    "ILL_CONDITIONED": "not determined by the inputs",
    "NOT_AVAILABLE": "no source is held",
}


def number(value: float, decimals: int = 2) -> str:
    """``1,234.50``, with a minus sign below zero; a value that rounds to zero has no sign."""
    said = f"{abs(value):,.{decimals}f}"
    return f"{MINUS}{said}" if value < 0 and any(c in "123456789" for c in said) else said


def signed(value: float, decimals: int = 1) -> str:
    """The same with ``+`` before what is above zero."""
    said = number(value, decimals)
    return f"+{said}" if value > 0 and any(c in "123456789" for c in said) else said


def amount(value: float | str | None, unit: str) -> str:
    """A value as a table shows it, without its unit; an en dash where there is none."""
    if value is None:
        return NONE
    if isinstance(value, str):
        return value
    if unit in _SAID:
        return _SAID[unit](value)
    return number(value, 0 if unit in ("count", "sessions") else _telling(value, 2))


def quantity(value: float, unit: str) -> str:
    """A value with its unit, as a sentence says it: ``48 bp``, ``80%``, ``14.59``, ``US$ 404.8 billion``; a large count has
    no decimals."""
    if unit == "usd" and abs(value) >= 1e9:
        return f"US$ {number(value / 1e9, 1)} billion"
    if unit in _SAID:
        return _SAID[unit](value) + _SUFFIX.get(unit, "")
    least = 0 if unit == "count" and abs(value) >= 1000 else 2
    decimals = next(d for d in range(3) if d == least or abs(value - round(value, d)) < 5e-7)
    decimals = _telling(value, decimals) if decimals else 0
    said = number(value, decimals) + _SUFFIX.get(unit, "")
    return f"US$ {said}" if unit == "usd" else said


def signed_quantity(value: float, unit: str) -> str:
    """The same with ``+`` before what is above zero; points where the unit is a percentage, of which it is a difference."""
    said = quantity(value, "pp" if unit == "pct" else unit)
    return f"+{said}" if value > 0 and not said.startswith("+") else said


def moved(value: float, unit: str) -> str:
    """A change as a note has room for it: ``+4.7 pp``, ``\N{MINUS SIGN}123 bp``."""
    return signed(value, 0 if abs(value) >= 100 else 1) + _SUFFIX.get(unit, "")


def _chance(value: float) -> str:
    """A probability in percent; what is not quite none or not quite certain is not rounded to it."""
    said = f"{100 * value:.0f}"
    if said == "0" and value > 0:
        return "<1"
    return ">99" if said == "100" and value < 1 else said


_SAID: dict[str, Callable[[float], str]] = {  # units whose values are not said as plain numbers
    "probability": _chance,
    "flag": lambda value: "yes" if value else "no",
    "z": lambda value: signed(value, 2),
    "share": lambda value: number(100 * value, 1),
}


def _telling(value: float, decimals: int) -> int:
    """More decimals where the usual ones would say zero of what is not: a ratio of -0.0004 decides a direction."""
    return next((d for d in range(decimals, 7) if round(value, d)), decimals)


def with_unit(value: float | str | None, unit: str) -> str:
    """A value as one cell shows it, unit included: ``83.47%``, ``44 sessions``, ``6,945.26``; an en dash for none."""
    return amount(value, unit) + (_SUFFIX.get(unit, "") if value is not None else "")


def unit_word(unit: str) -> str:
    """A unit as a table column shows it."""
    return _UNITS.get(unit, unit)


def rally_rule(rule: str) -> str:
    """``5_5_10`` (fall, rise and fade in percent) in words: ``5% fall, 5% rise``."""
    fall, rise, _ = rule.split("_")
    return f"{fall}% fall, {rise}% rise"


def day(value: date) -> str:
    """``15 January 2026``."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """``15 Jan 2026``."""
    return f"{value.day} {month(value)} {value.year}"


def month(value: date) -> str:
    """``Jan``."""
    return _MONTHS[value.month - 1][:3]


def counted(n: int, noun: str) -> str:
    """``1 rally``, ``2 rallies``, ``3 readings``."""
    if n == 1:
        return f"1 {noun}"
    return f"{n:,} {noun[:-1]}ies" if noun.endswith("y") else f"{n:,} {noun}s"


def reason(status: str) -> str:
    """Why a value is missing, in words; a status that has none is said as it is."""
    return _REASONS.get(status, status)


def noted(status: str, text: str) -> str:
    """``text``, or the reason where the value is missing."""
    return text if status == "OK" else reason(status)
