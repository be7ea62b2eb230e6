"""The Cleveland Fed's chart of monthly inflation estimates: per target month its days, and a list of texts per measure.

Belongs here: the file, and how an estimate nears the figure that will be printed. Does not: the figures. Days are MM/DD
without a year; release days stand between them as marked lines without a point. A measure is blank once it is published.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import numpy as np

from ingestion import calendar
from ingestion.releases import periods
from ingestion.sample.reply import MONTHS, Reply, json_reply, text_reply
from ingestion.sample.table import Cell, Table, json_bytes
from ingestion.sample.vendor import Vendor
from ingestion.sample.world.clock import Floats, clock, normal, reverting
from ingestion.sample.world.market import World, world
from ingestion.sample.world.releases import NEVER_OBSERVED, released

HOST, PATH = "www.clevelandfed.org", "/-/media/files/webcharts/inflationnowcasting/nowcast_month.json"
FROM = date(2018, 1, 1)
UPDATED = time(10)  # New York
LAST_ERROR, FIRST_ERROR, DAILY = 0.04, 0.12, 0.012  # percent: on the last day, on the first, from day to day
UNIT = "Month-over-month percent change"
# name of the series, statistic, release, share of the errors above (core figures are steadier)
MEASURES = (
    ("CPI Inflation", "CPIAUCSL", "cpi", 1.0),
    ("Core CPI Inflation", "CPILFESL", "cpi", 0.6),
    ("PCE Inflation", "PCEPI", "pce", 0.8),
    ("Core PCE Inflation", "PCEPILFE", "pce", 0.5),
)


@dataclass(frozen=True)
class Path:
    """The estimates of one measure for one month: one text per day; ``actual`` is the printed figure, on day ``ends``."""

    texts: tuple[str, ...]
    ends: int
    actual: str


@dataclass(frozen=True)
class Month:
    """One target month: its business days, from its first to the release of its last measure."""

    month: date
    days: tuple[date, ...]
    paths: tuple[Path, ...]


def _released(statistic: str, release: str, month: date) -> date | None:
    return None if (statistic, month) in NEVER_OBSERVED else released(release, month)


def _estimates(name: str, month: date, truth: float, size: int, scale: float) -> Floats:
    """From rough to nearly right: the error shrinks to what the model never gets, with a little noise each day."""
    draws = normal(f"nowcast {name} {month}", 2)
    left = 1.0 - np.arange(size) / max(size - 1, 1)
    noise = np.cumsum(reverting(f"nowcast noise {name} {month}", DAILY, size, 0.8))
    return np.asarray(truth + scale * (LAST_ERROR * draws[0] + FIRST_ERROR * draws[1] * left + noise * left))


def _path(market: World, measure: tuple[str, str, str, float], month: date, days: tuple[date, ...]) -> Path:
    name, statistic, release, scale = measure
    held, out = market.prints[statistic], _released(statistic, release, month)
    n = held.final.periods.index(month)
    figures = held.on(out) if out else held.final.values
    truth = 100.0 * (float(figures[n]) / float(figures[n - 1]) - 1.0)
    if math.isnan(truth):  # the month before was never published
        truth = 100.0 * (float(held.final.values[n]) / float(held.final.values[n - 1]) - 1.0)
    ends = len(days) if out is None else sum(day < out for day in days)
    values = _estimates(name, month, truth, ends, scale)
    texts = (*(f"{value:.12f}" for value in values.tolist()), *[""] * (len(days) - ends))
    return Path(texts, ends, f"{truth:.12f}" if out else "")


@lru_cache(1)
def _months() -> tuple[Month, ...]:
    market, open_days = world(), calendar.table().filter("is_bond_day")["date"].to_list()
    found = []
    for month in periods("cpi", FROM, clock().days[-1]):
        ends = [_released(statistic, release, month) for _, statistic, release, _ in MEASURES]
        last = max(day for day in ends if day)  # prices of spending always come out
        days = tuple(day for day in open_days if month <= day <= last)
        found.append(Month(month, days, tuple(_path(market, measure, month, days) for measure in MEASURES)))
    return tuple(found)


def _chart(held: Month, today: date) -> dict[str, object]:
    size = sum(day <= today for day in held.days)
    categories: list[dict[str, str]] = []
    for number, day in enumerate(held.days[:size]):
        categories.append({"label": f"{day:%m/%d}"})
        for release, path in zip(("CPI", "PCE"), held.paths[::2], strict=True):
            if path.actual and path.ends == number:
                categories.append({"label": f"{release} {MONTHS[held.month.month - 1]}", "vline": "true"})
    dataset = []
    for (name, *_), path in zip(MEASURES, held.paths, strict=True):
        actual = [""] * size
        if path.ends < size:
            actual[path.ends] = path.actual
        dataset.append({"seriesname": name, "data": [{"value": text} for text in path.texts[:size]]})
        dataset.append({"seriesname": f"Actual {name}", "data": [{"value": text} for text in actual]})
    return {
        "chart": {
            "_comment": f"{held.days[size - 1]} 00:00",
            "caption": "Inflation Nowcasting",
            "subcaption": f"{held.month.year}-{held.month.month}",
            "yaxisname": UNIT,
        },
        "categories": [{"category": categories}],
        "dataset": dataset,
    }


def answer(market: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """All months of which there is an estimate, oldest first; a day's is there from 10:00 New York."""
    local = asked_at.astimezone(calendar.NEW_YORK)
    today = local.date() if local.time() >= UPDATED else local.date() - timedelta(1)
    shown = [_chart(held, today) for held in _months() if held.days[0] <= today]
    if path != PATH or not shown:
        return text_reply("<!DOCTYPE html><html><body>404</body></html>", "text/html", 404)
    return json_reply(shown)


def table(answer: Reply) -> Table | None:
    """One row per target month and day (``YYYY-M MM/DD``), oldest first, one column per measure."""
    if not answer[2].startswith(b'[{"chart"'):
        return None
    charts = json.loads(answer[2])
    names = [name for name, *_ in MEASURES]
    rows: list[list[Cell]] = []
    for chart in charts:
        labels = [c["label"] for c in chart["categories"][0]["category"] if "vline" not in c]
        lines = {line["seriesname"]: line["data"] for line in chart["dataset"]}
        for number, label in enumerate(labels):
            texts = [lines[name][number]["value"] for name in names]
            rows.append([f"{chart['chart']['subcaption']} {label}", *(float(t) if t else None for t in texts)])

    def write(table: Table) -> bytes:
        by_day = {row[0]: dict(zip(names, row[1:], strict=True)) for row in table.rows}
        for chart in charts:
            month = chart["chart"]["subcaption"]
            labels = [c["label"] for c in chart["categories"][0]["category"] if "vline" not in c]
            for line in chart["dataset"]:
                if line["seriesname"] in names:
                    for label, point in zip(labels, line["data"], strict=True):
                        value = by_day[f"{month} {label}"][line["seriesname"]]
                        point["value"] = "" if value is None else f"{value:.12f}"
        return json_bytes(charts)

    return Table(["day", *names], rows, write, "%Y-%m %m/%d")


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={f"{HOST}{PATH}?sc_lang=en": "34535aa3d07e78cd4b269d15fc072fd5"},
    table=table,
)
