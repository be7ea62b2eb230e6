"""The Atlanta Fed's Market Probability Tracker: a workbook whose third sheet has a row per day, window and statistic.

Belongs here: the workbook (texts padded with blanks, days as text, windows as Excel's count of days) and the statistics of
a window. Does not: what the market expects, which is the world's (``world.expectations``). The file of a day is out at 9:00
New York of the next session. It begins in 2025 to stay small; the real one begins in 2023.
"""

from __future__ import annotations

import io
import re
import zipfile
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np

from ingestion.sample.reply import Reply, epoch, text_reply
from ingestion.sample.table import Cell, Table
from ingestion.sample.vendor import Vendor
from ingestion.sample.workbooks import XLSX, xlsx
from ingestion.sample.world.clock import Floats, clock
from ingestion.sample.world.expectations import Expectations
from ingestion.sample.world.funds import public_at
from ingestion.sample.world.market import World, world

PATH = "/-/media/Project/Atlanta/FRBA/Documents/cenfis/market-probability-tracker/mpt_histdata.xlsx"
FIRST = date(2025, 1, 2)
NEAR, FAR = 4, 2  # windows with probabilities, and beyond them
HEADER = ("date", "reference_start", "target_range", "field", "value")
ABOUT = {
    "LICENSE": [["", ""], ["", "Sample data: no option was traded and no probability was estimated."]],
    "DICTIONARY": [
        ["date", "Observation date"],
        ["Prob: cut", "The probability, in percent, of a rate below the range"],
    ],
}
_ROW = re.compile(r"<row .*?</row>")
_CELL = re.compile(r"<(?:v|t)[^>]*>([^<]*)</(?:v|t)>")


def _imm(year: int, quarter: int) -> date:
    """The third Wednesday of the last month of a quarter (0 to 3)."""
    first = date(year, 3 * quarter + 3, 1)
    return first + timedelta((2 - first.weekday()) % 7 + 14)


WINDOWS = [_imm(year, quarter) for year in range(FIRST.year, FIRST.year + 5) for quarter in range(4)]


def _means(expected: Expectations, start: date, end: date) -> Floats:
    """The mean rate (percent) over a window as expected after each session."""
    found, days = expected.effective.copy(), (end - start).days
    for k, meeting in enumerate(expected.meetings):
        held = min(max((end - max(meeting, start)).days, 0), days)
        if held:
            found = found + expected.steps[:, k] * (held / days)
    return found


def _at_share(odds: Mapping[float, float], share: float) -> float:
    """The change below which so much of the distribution lies; each step stands for the quarter point around it."""
    below = 0.0
    for change, chance in odds.items():
        if below + chance >= share:
            return change + 0.25 * ((share - below) / chance - 0.5)
        below += chance
    return max(odds)


def _window(
    expected: Expectations, t: int, start: date, end: date, mean: float, is_near: bool
) -> list[tuple[str, float]]:
    """(field, value) of one window as seen after session ``t``."""
    middle = start + (end - start) / 2
    held = expected.meetings[bisect_right(expected.meetings, middle) - 1]
    odds = expected.odds(t, held)
    rate = float(expected.effective[t])
    statistics = [
        ("Rate: 25th percentile", 100.0 * (rate + _at_share(odds, 0.25))),
        ("Rate: mean", 100.0 * mean),
        ("Rate: mode", 100.0 * (rate + max(odds, key=lambda change: odds[change]))),
        ("Rate: 75th percentile", 100.0 * (rate + _at_share(odds, 0.75))),
    ]
    if is_near:
        cut = sum(chance for change, chance in odds.items() if change < 0)
        hike = sum(chance for change, chance in odds.items() if change > 0)
        statistics += [("Prob: cut", 100.0 * cut), ("Prob: hike", 100.0 * hike)]
    return statistics


@lru_cache(1)
def _rows() -> list[tuple[int, tuple[str, float, str, str, str]]]:
    """(session, cells) of every row, oldest first."""
    market = world()
    expected, upper = market.expectations, market.observations["DFEDTARU"]
    target = dict(zip(upper.days, upper.values.tolist(), strict=True))
    spans = list(pairwise(WINDOWS))
    means = [_means(expected, start, end).tolist() for start, end in spans]
    found = []
    for t in range(clock().index(FIRST), len(clock().days)):
        day = clock().days[t]
        high = round(100 * target[day])
        next_one = bisect_right(WINDOWS, day)
        for n in range(next_one, next_one + NEAR + FAR):
            start, end = spans[n]
            is_near = n < next_one + NEAR
            shown = f"{high - 25}bps - {high if is_near else high - 25}bps"
            serial = float((start - date(1899, 12, 30)).days)
            for field, value in _window(expected, t, start, end, means[n][t], is_near):
                found.append((t, (str(day), serial, shown, field, f"{value:6.2f}")))
    return found


def answer(market: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The workbook with every day that is public; before the first one there is no such page."""
    done = int(np.searchsorted(public_at(), epoch(asked_at), side="right"))
    shown = [cells for t, cells in _rows() if t < done]
    if path != PATH or not shown:
        return text_reply("<!DOCTYPE html><html><body>404</body></html>", "text/html", 404)
    return 200, {"content-type": XLSX}, xlsx({**ABOUT, "DATA": [HEADER, *shown]})


def table(answer: Reply) -> Table | None:
    """The rows of sheet DATA; only the value is a number."""
    if answer[1].get("content-type") != XLSX:
        return None
    with zipfile.ZipFile(io.BytesIO(answer[2])) as archive:
        sheet = archive.read("xl/worksheets/sheet3.xml").decode()
    held: list[list[Cell]] = []
    for row in list(_ROW.finditer(sheet))[1:]:
        *texts, value = (cell[1] for cell in _CELL.finditer(row[0]))
        held.append([*texts, float(value)])

    def write(table: Table) -> bytes:
        lines = [
            [day, float(str(start)), shown, field, f"{value:6.2f}" if isinstance(value, float) else value]
            for day, start, shown, field, value in table.rows
        ]
        return xlsx({**ABOUT, "DATA": [HEADER, *lines]})

    return Table(list(HEADER), held, write)


VENDOR = Vendor(
    hosts=("www.atlantafed.org",),
    answer=answer,
    examples={f"www.atlantafed.org{PATH}": "5a4e7ece54d534241ff77767c26f7aeb"},
    table=table,
)
