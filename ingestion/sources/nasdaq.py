"""Nasdaq: which companies report on a day, with what figure, and what analysts forecast for the quarters to come.

Both answers are made for the pages of a web site: money is text ("$3.46", "($0.17)", "N/A", "") in the calendar, a number
or text in the forecasts, and the site wants the headers of a browser. Neither has a history. A day of the calendar is
asked before it comes, so that what was expected is kept as it was, and after it, for the figures; a day that passed
before the first run shows both as they stand now. What is not held is ``data: null`` with code 400 in the body.

The calendar follows two recorded answers. No answer with forecasts is recorded: their layout follows public code that
reads them (numbers, ``fiscalEnd`` as "Sep 2026", the symbol in the answer, either table null where there is none).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded
from ingestion.source import Column, Covered, FetchState, Request, RowRule, Source

HOST = "api.nasdaq.com"
CALENDAR, FORECAST = "nasdaq_earnings_calendar", "nasdaq_forecast"
HEADERS = (
    ("User-Agent", "Mozilla/5.0 (compatible; updraft/0.1)"),
    ("Accept", "application/json, text/plain, */*"),
    ("Accept-Language", "en-US,en;q=0.9"),
    ("Origin", "https://www.nasdaq.com"),
    ("Referer", "https://www.nasdaq.com/"),
)
HISTORY, AHEAD = 504, 20  # sessions back and ahead of which days are asked
WEEK, CLOSE = 5, 5  # sessions: how often a day far ahead is asked; from when on it is asked every session
SETTLED, LATER = 2, 7  # sessions after a day: until when it is asked every session, and when once more
DOUBTED = 3  # how often in a row a day that had companies must be told to have none before it is believed
MANY, MOST_LARGE, LARGE = 5, 0.2, 50.0  # of so many figures, the share above so many dollars that makes them cents
LARGEST = 150  # companies by weight in the index whose forecasts are asked
WEIGHED_BY = ("spy_holdings", "ivv_holdings", "sp500_constituents")
CENT = 0.005  # how far a figure rounded to cents may lie from what it was
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TIMES = {"time-pre-market": "bmo", "time-after-hours": "amc", "time-not-supplied": "unknown"}
_NONE = ("", "N/A", "--")
_MONEY = re.compile(r"^(\()?\$?(-)?\$?(\d[\d,]{0,20}(?:\.\d{1,9})?|\.\d{1,9})(\))?$")
_MONTH = re.compile(r"^([A-Z][a-z]{2})[/ ](\d{4})$")
_DAY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_SYMBOL = r"^[A-Z0-9\-]{1,12}$"
_NEEDED = ("symbol", "name", "time", "fiscalQuarterEnding", "epsForecast", "noOfEsts", "marketCap")

CALENDAR_COLUMNS = {
    "report_date": Column(pl.Date(), "date", "Day of the calendar: when the company reports, or was expected to"),
    "symbol": Column(pl.String(), "id", "Ticker in Yahoo's spelling (BRK-B)"),
    "name": Column(pl.String(), "text", "Company name as told"),
    "timing": Column(
        pl.String(), "text", "bmo before the open, amc after the close, unknown where the vendor does not say"
    ),
    "eps": Column(pl.Float64(), "usd", "Earnings per share as reported; null before they are told"),
    "eps_forecast": Column(
        pl.Float64(), "usd", "Consensus forecast of eps as it stood when asked; of a past day the last; null for none"
    ),
    "surprise_pct": Column(pl.Float64(), "pct", "eps less the forecast, in percent of it, as told; null for none"),
    "n_estimates": Column(pl.Int64(), "count", "Analysts behind the forecast; null where not told"),
    "fiscal_end": Column(
        pl.Date(), "date", "Last day of the month in which the fiscal quarter ends; null where not told"
    ),
    "last_year_eps": Column(
        pl.Float64(), "usd", "eps of the same quarter a year before; told for days to come only, else null"
    ),
    "last_year_report_date": Column(pl.Date(), "date", "When that was reported; told for days to come only, else null"),
    "market_cap": Column(
        pl.Float64(), "usd", "Market value of the company when asked; null where not told or not above zero"
    ),
}
FORECAST_COLUMNS = {
    "symbol": Column(pl.String(), "id", "Ticker in Yahoo's spelling (BRK-B)"),
    "period_kind": Column(pl.String(), "text", "quarter or year, fiscal ones"),
    "fiscal_end": Column(pl.Date(), "date", "Last day of the month in which the period ends"),
    "asked_on": Column(pl.Date(), "date", "Session with which the vendor was asked"),
    "consensus_eps": Column(pl.Float64(), "usd", "Mean forecast of earnings per share; null where not told"),
    "high_eps": Column(pl.Float64(), "usd", "Highest forecast; null where not told"),
    "low_eps": Column(pl.Float64(), "usd", "Lowest forecast; null where not told"),
    "n_estimates": Column(pl.Int64(), "count", "Analysts who forecast; null where not told"),
    "revised_up": Column(pl.Int64(), "count", "Forecasts raised within the four weeks before; null where not told"),
    "revised_down": Column(pl.Int64(), "count", "Forecasts cut within the four weeks before; null where not told"),
}
_TABLES = {"quarter": "quarterlyForecast", "year": "yearlyForecast"}
_FIELDS = {
    "consensus_eps": "consensusEPSForecast", "high_eps": "highEPSForecast", "low_eps": "lowEPSForecast",
    "n_estimates": "noOfEstimates", "revised_up": "up", "revised_down": "down",
}  # fmt: skip


def _amount(body: Body, row: Mapping[str, Any], name: str) -> float | None:
    """A number, or text such as "$3.46", "($0.17)", "1,234.5"; None for the vendor's marks of nothing."""
    value = row.get(name)
    if value is None or (isinstance(value, str) and value.strip() in _NONE):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) + 0.0
    match = _MONEY.match(value.strip()) if isinstance(value, str) else None
    if match is None or bool(match[1]) != bool(match[4]):
        raise body.wrong(f"{name} must be an amount such as $3.46 or ($0.17)", f"{row.get('symbol')}: {value!r}")
    size = float(match[3].replace(",", ""))
    return (-size if match[1] or match[2] else size) + 0.0


def _count(body: Body, row: Mapping[str, Any], name: str) -> int | None:
    value = _amount(body, row, name)
    if value is not None and (value < 0 or not value.is_integer()):
        raise body.wrong(f"{name} must be a whole number", f"{row.get('symbol')}: {row[name]!r}")
    return None if value is None else int(value)


def _text(body: Body, row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise body.wrong(f"{name} must be a text", f"{row.get('symbol')}: {value!r}")
    return value.strip()


def month_end(body: Body, text: str) -> date | None:
    """The last day of the month of "Dec/2025" or "Dec 2025"; None for none. Raises ShapeError for other texts."""
    if text in _NONE:
        return None
    match = _MONTH.match(text)
    if match is None or match[1] not in MONTHS or not 1900 <= int(match[2]) <= 2199:
        raise body.wrong("a fiscal end must be a month such as Dec/2025", repr(text)[:80])
    year, month = int(match[2]), MONTHS.index(match[1]) + 1
    return date(year, month, monthrange(year, month)[1])


def _day(body: Body, row: Mapping[str, Any], name: str) -> date | None:
    text = row.get(name)
    if text is None or (isinstance(text, str) and text.strip() in _NONE):
        return None
    match = _DAY.match(text.strip()) if isinstance(text, str) else None
    if match is None or not 1900 <= int(match[3]) <= 2199:
        raise body.wrong(f"{name} must be a day such as 5/08/2025", f"{row.get('symbol')}: {text!r}")
    return date(int(match[3]), int(match[1]), int(match[2]))


def as_told(day: date) -> str:
    """A day as the vendor writes it: Thu, Jan 15, 2026."""
    return f"{_WEEKDAYS[day.weekday()]}, {MONTHS[day.month - 1]} {day.day}, {day.year}"


def _data(body: Body) -> Mapping[str, Any]:
    """What the answer holds. Raises NoSuchSeries where the vendor holds nothing, ShapeError for another code."""
    answer = body.mapping(body.json(), "the answer")
    status = body.mapping(answer.get("status"), "status")
    code, message = status.get("rCode"), repr(status.get("bCodeMessage"))[:160]
    if code == 400 and answer.get("data") is None:
        raise body.unknown(f"the vendor does not hold it: code 400, {message}")
    if code != 200:
        raise body.wrong("the answer must have the code 200", f"code {code}, {message}")
    return body.mapping(answer.get("data"), "data")


def _reporting(body: Body, row: Mapping[str, Any]) -> dict[str, Any]:
    """One company of a day."""
    missing = [name for name in _NEEDED if name not in row]
    if missing:
        raise body.wrong(
            f"each row must hold {missing}", sorted(row), "The vendor renamed a field: update the connector."
        )
    timing, size = _text(body, row, "time"), _amount(body, row, "marketCap")
    if timing not in _TIMES:
        raise body.wrong(f"time must be one of {sorted(_TIMES)}", repr(timing)[:80])
    return {
        "symbol": planning.yahoo_symbol(_text(body, row, "symbol").replace("/", ".")),
        "name": _text(body, row, "name"),
        "timing": _TIMES[timing],
        "eps": _amount(body, row, "eps"),
        "eps_forecast": _amount(body, row, "epsForecast"),
        "surprise_pct": _amount(body, row, "surprise"),
        "n_estimates": _count(body, row, "noOfEsts"),
        "fiscal_end": month_end(body, _text(body, row, "fiscalQuarterEnding")),
        "last_year_eps": _amount(body, row, "lastYearEPS"),
        "last_year_report_date": _day(body, row, "lastYearRptDt"),
        "market_cap": size if size is not None and size > 0 else None,
    }


@guarded(CALENDAR, CALENDAR_COLUMNS)
def parse_calendar(body: Body) -> pl.DataFrame:
    """The companies of one day, in the vendor's order. Series: the day. No rows: nobody reports, an empty answer."""
    data, asked = _data(body), date.fromisoformat(body.request.series)
    rows, told = data.get("rows"), data.get("asOf")
    if told != as_told(asked) and (rows or told is not None):
        raise body.wrong(f"asOf must be the day asked, {as_told(asked)}", repr(told)[:80])
    if rows is not None and not isinstance(rows, list):
        raise body.wrong("data must hold rows, a list", repr(rows)[:80])
    if not rows:
        raise body.nothing("no company reports")
    found = [_reporting(body, body.mapping(row, "a row")) for row in rows]
    schema = {name: column.dtype for name, column in CALENDAR_COLUMNS.items() if name != "report_date"}
    frame = pl.DataFrame(found, schema=schema).with_columns(pl.lit(asked).alias("report_date"))
    if asked > body.request.asked_at.astimezone(calendar.NEW_YORK).date() and frame["eps"].is_not_null().any():
        early = frame.filter(pl.col("eps").is_not_null())["symbol"][0]
        raise body.wrong("a figure must not be told before its day", f"eps of {early} on {asked}")
    _check_dollars(body, pl.concat([frame["eps"], frame["eps_forecast"]]))
    return frame


def _check_dollars(body: Body, amounts: pl.Series) -> None:
    """Earnings per share are dollars: hardly any company earns more than fifty in a quarter."""
    told = amounts.drop_nulls().abs()
    large = int((told > LARGE).sum())
    if large >= MANY and large > MOST_LARGE * len(told):
        raise body.wrong(
            "earnings per share must be dollars", f"{large} of {len(told)} above {LARGE:.0f}", "Are these cents?"
        )


def calendar_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The days that are due, in the full tier: those to come, the next first, then those gone by, the newest first.

    A day is asked when it is new: ``AHEAD`` sessions before, or as one of the last ``HISTORY``. Far ahead it is asked again
    every ``WEEK`` sessions, from ``CLOSE`` sessions before until ``SETTLED`` after it at each, and once more at ``LATER``,
    when the last figures and corrections are in. What the vendor does not hold is asked more and more rarely.
    """
    if state.tier != "full":
        return
    days, now = calendar.sessions(), bisect_left(calendar.sessions(), planning.last_session(as_of))
    ahead = range(now, min(now + AHEAD, len(days) - 1) + 1)
    for number in (*ahead, *range(now - 1, max(now - HISTORY, 0) - 1, -1)):
        day = days[number]
        if _is_due(number, now, state.covered.get(str(day)), as_of):
            url = f"https://{HOST}/api/calendar/earnings?date={day}"
            yield Request(str(day), url, day, day, as_of, headers=HEADERS)


def _is_due(number: int, now: int, mark: Covered | None, as_of: datetime) -> bool:
    """Whether a day (its number among the sessions) is to be asked with session ``now``."""
    if mark is None:
        return True
    asked_on = calendar.last_snapshot(mark.fetched_at).astimezone(calendar.NEW_YORK).date()
    asked = bisect_right(calendar.sessions(), asked_on) - 1
    if asked >= now:
        return False
    if mark.outcome == "missing":
        return not planning.waits(mark, as_of)
    if number - now > CLOSE:
        return now - asked >= WEEK
    if number <= now and mark.outcome == "data" and 0 < mark.nothings < DOUBTED:
        return True
    told = asked - number  # sessions after the day at which it was asked last
    return told < SETTLED or now - number >= LATER > told


def calendar_known_at(frame: pl.DataFrame) -> pl.Series:
    """20:00 New York of the day where its figure is told: by then it was public. Null for the rest: known when seen.

    So a figure, and the forecast it was measured by, that a first run finds for a day of last year count from that evening
    on; that the company was expected to report, or what was forecast before, is known only if it was asked then.
    """
    evening = calendar.known_at_snapshot(frame["report_date"])
    return frame.select(pl.when(pl.col("eps").is_not_null()).then(evening)).to_series().alias("known_at")


def _rows(body: Body, data: Mapping[str, Any], name: str) -> list[Any]:
    """The rows of one table of forecasts; none where the table is null."""
    if name not in data:
        raise body.wrong(f"data must hold {name}", sorted(data), "The vendor renamed a field: update the connector.")
    if data[name] is None:
        return []
    rows = body.mapping(data[name], name).get("rows")
    if rows is not None and not isinstance(rows, list):
        raise body.wrong(f"{name} must hold rows, a list", repr(rows)[:80])
    return rows or []


def _forecast(body: Body, row: Mapping[str, Any]) -> dict[str, Any]:
    """One period."""
    missing = [name for name in ("fiscalEnd", *_FIELDS.values()) if name not in row]
    if missing:
        raise body.wrong(
            f"each row must hold {missing}", sorted(row), "The vendor renamed a field: update the connector."
        )
    end = month_end(body, _text(body, row, "fiscalEnd"))
    if end is None:
        raise body.wrong("a forecast must name the end of its period", repr(row["fiscalEnd"]))
    read = {name: _amount if FORECAST_COLUMNS[name].unit == "usd" else _count for name in _FIELDS}
    return {"fiscal_end": end, **{name: read[name](body, row, field) for name, field in _FIELDS.items()}}


@guarded(FORECAST, FORECAST_COLUMNS)
def parse_forecast(body: Body) -> pl.DataFrame:
    """Forecasts of the coming quarters, then years, of one company, in the vendor's order. Series: the symbol."""
    data, symbol = _data(body), body.request.series
    told = _text(body, data, "symbol")
    if re.sub("[./^]", "-", told.upper()) != symbol:
        raise body.wrong(f"symbol must be {symbol}, as asked", repr(told)[:40], "The vendor answered another question.")
    found = [
        {"period_kind": kind, **_forecast(body, body.mapping(row, "a row"))}
        for kind, table in _TABLES.items()
        for row in _rows(body, data, table)
    ]
    if not found:
        raise body.nothing("no forecast")
    schema = {n: column.dtype for n, column in FORECAST_COLUMNS.items() if n not in ("symbol", "asked_on")}
    return pl.DataFrame(found, schema=schema).with_columns(
        pl.lit(symbol).alias("symbol"), pl.lit(body.request.last).alias("asked_on")
    )


def forecast_requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The largest companies, in the full tier, unless they answered this week: with its first session, else the next."""
    if state.tier != "full":
        return
    day = planning.last_session(as_of)
    monday = day - timedelta(days=day.weekday())
    for symbol in planning.largest(state, LARGEST):
        mark = state.covered.get(symbol)
        if (mark is None or mark.last < monday) and not planning.waits(mark, as_of):
            url = f"https://{HOST}/api/analyst/{quote(symbol.replace('-', '.'), safe='')}/earnings-forecast"
            yield Request(symbol, url, day, day, as_of, headers=HEADERS)


def forecast_known_at(frame: pl.DataFrame) -> pl.Series:
    """Null: a forecast is known from the moment it was received."""
    return pl.Series("known_at", [None] * frame.height, dtype=pl.Datetime("us", "UTC"))


# What rounding allows between a surprise and the two amounts it is made of.
_EXPECTED = pl.col("eps_forecast") + pl.col("surprise_pct") / 100 * pl.col("eps_forecast").abs()
_SLACK = (
    2 * CENT + (pl.col("surprise_pct").abs() + CENT) / 100 * CENT + pl.col("eps_forecast").abs() * CENT / 100 + 1e-9
)
_LICENCE = "Nasdaq website terms: for own use; data may not be passed on."

SOURCES: tuple[Source, ...] = (
    Source(
        dataset=CALENDAR,
        vendor="nasdaq",
        title="Earnings calendar: who reports when, the figure and the forecast",
        columns=CALENDAR_COLUMNS,
        key=("report_date", "symbol"),
        observed="report_date",
        cadence="event",
        versions="all",
        tier="full",
        criticality="optional",
        licence=_LICENCE,
        known_at=calendar_known_at,
        parse=parse_calendar,
        requests=calendar_requests,
        hosts=(HOST,),
        pace_seconds=1.0,
        series_column="report_date",
        complete_after=timedelta(0),  # an answer lists all companies of its day: one that is gone has moved
        rules=(
            RowRule("symbol_not_allowed", ~pl.col("symbol").str.contains(_SYMBOL), "a symbol is A-Z, 0-9 and -"),
            RowRule(
                "eps_contradicts_surprise",
                (pl.col("eps") - _EXPECTED).abs() > _SLACK,
                "the figure, its forecast and the surprise must belong together; a figure in cents does not",
            ),
        ),
        domain="market",
    ),
    Source(
        dataset=FORECAST,
        vendor="nasdaq",
        title="Analysts' forecasts of earnings per share",
        columns=FORECAST_COLUMNS,
        key=("symbol", "period_kind", "fiscal_end", "asked_on"),
        observed="asked_on",
        cadence="weekly",
        lag_sessions=4,  # asked with Monday's session and held until the next
        stale_after_sessions=10,
        versions="all",
        tier="full",
        criticality="optional",
        licence=_LICENCE,
        known_at=forecast_known_at,
        known_at_kind="first_seen",
        parse=parse_forecast,
        requests=forecast_requests,
        needs=WEIGHED_BY,
        hosts=(HOST,),
        pace_seconds=1.0,
        series_column="symbol",
        rules=(
            RowRule("symbol_not_allowed", ~pl.col("symbol").str.contains(_SYMBOL), "a symbol is A-Z, 0-9 and -"),
            RowRule(
                "consensus_outside_range",
                (pl.col("consensus_eps") > pl.col("high_eps") + 2 * CENT + 1e-9)
                | (pl.col("consensus_eps") < pl.col("low_eps") - 2 * CENT - 1e-9)
                | (pl.col("low_eps") > pl.col("high_eps")),
                "the mean of forecasts must lie between the lowest and the highest",
            ),
        ),
        domain="market",
    ),
)
