"""The workbooks of geopolitical risk. By day: one .xls, days as text, moving averages and a dictionary of columns beside them.
By month: another, months as Excel's count of days, blank before the world begins, an index of a country beside them.

Belongs here: the layouts, that the daily file is made anew each Monday at noon of New York with the days up to the Sunday
before, and the monthly one at noon of the fifteenth. In December 2025 both were normalised anew. Does not: the values.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ingestion import calendar
from ingestion.sample.reply import Reply, text_reply
from ingestion.sample.vendor import Query, Vendor
from ingestion.sample.workbooks import XLS, Cell, xls
from ingestion.sample.world.clock import REWRITTEN_AT
from ingestion.sample.world.market import World
from ingestion.sample.world.uncertainty import danger, danger_months

HOST, PATH = "www.matteoiacoviello.com", "/gpr_files/data_gpr_daily_recent.xls"
HEADER: list[Cell] = ["DAY", "N10D", "GPRD", "GPRD_ACT", "GPRD_THREAT", "date", "event", "var_name", "var_label"]
LABELS = {"DAY": "Day", "GPRD": "Daily index (sample: nobody counted)", "GPRD_ACT": "Acts", "GPRD_THREAT": "Threats"}
MONTHLY, MONTH_OUT, BLANK_FROM = "/gpr_files/data_gpr_export.xls", (15, 12), date(1985, 1, 1)
MONTHLY_HEADER: list[Cell] = ["month", "GPR", "GPRT", "GPRA", "GPRH", "GPRC_ARG", "var_name", "var_label"]
ANEW = 1.01  # the whole index, since it was normalised anew


def _newest(asked_at: datetime) -> date:
    """The Sunday before the last Monday noon."""
    local = asked_at.astimezone(calendar.NEW_YORK)
    monday = local.date() - timedelta(local.weekday())
    return monday - timedelta(8 if local.weekday() == 0 and local.hour < 12 else 1)


def answer(world: World, path: str, query: Query, asked_at: datetime) -> Reply:
    """The workbook as it stood."""
    if path == MONTHLY:
        return _months(asked_at)
    held, newest = danger(), _newest(asked_at)
    if path != PATH or newest < held.days[0]:
        return text_reply("Not Found", "text/html", 404)
    scale = ANEW if asked_at >= REWRITTEN_AT else 1.0
    lines: list[list[Cell]] = [HEADER]
    labels = [*LABELS.items(), *[("", "")] * len(held.days)]
    for day, value, other, (name, label) in zip(
        held.days, held.first.tolist(), held.later.tolist(), labels, strict=False
    ):
        if day > newest:
            break
        acts, threats = round(scale * other, 6), round(scale * (2.0 * value - other), 6)
        serial = float((day - date(1899, 12, 30)).days)
        lines.append([f"{day:%Y%m%d}", 300.0, round(scale * value, 6), acts, threats, serial, "", name, label])
    return 200, {"content-type": XLS}, xls("Sheet1", lines)


def _months(asked_at: datetime) -> Reply:
    """The workbook of months as it stood; some years before the world are there without a count."""
    local, held, (day, hour) = asked_at.astimezone(calendar.NEW_YORK), danger_months(), MONTH_OUT
    scale = ANEW if asked_at >= REWRITTEN_AT else 1.0
    lines: list[list[Cell]] = [MONTHLY_HEADER]
    labels = iter([("month", "Month"), ("GPR", "Index (sample: nobody counted)")])
    before = BLANK_FROM.year - 2
    for n in range(24):
        serial = float((date(before + n // 12, n % 12 + 1, 1) - date(1899, 12, 30)).days)
        lines.append([serial, None, None, None, 80.0 + n, None, *next(labels, (None, None))])
    for n, first in enumerate(held.firsts):
        if (local.date(), local.hour) < ((first + timedelta(31)).replace(day=day), hour):
            break
        values = [round(scale * held.values[name][n], 6) for name in ("GPR", "GPRT", "GPRA")]
        lines.append([float((first - date(1899, 12, 30)).days), *values, values[0], 0.01, None, None])
    return 200, {"content-type": XLS}, xls("Sheet1", lines)


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}{PATH}": "47f875600a3699b94954ccd479498434",
        f"{HOST}{MONTHLY}": "b30e1c67b1917fce9ca2f4a96c165dcb",
    },
)
