"""Two community lists of an index's members: who is in it today, and the spells of all who ever were.

Belongs here: both CSV layouts, whose column names and paths are the real lists' own. Does not: who the companies are.
Quirks kept: commas inside quotes, class shares with a dot, a file read naively turns ``NA`` into nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from ingestion.calendar import NEW_YORK
from ingestion.sample.faults.rows import lines_kept
from ingestion.sample.reply import Reply, text_reply
from ingestion.sample.vendor import OwnFault, Vendor
from ingestion.sample.world.directory import COMPANIES, members_on
from ingestion.sample.world.directory import SPELLS as STAYS
from ingestion.sample.world.market import World

CONSTITUENTS = "/datasets/s-and-p-500-companies/main/data/constituents.csv"
SPELLS = "/fja05680/sp500/master/sp500_ticker_start_end.csv"
HEADER = (
    "Symbol", "Security", "GICS Sector", "GICS Sub-Industry", "Headquarters Location", "Date added", "CIK", "Founded",
)  # fmt: skip


def _spelt(symbol: str) -> str:
    """Class shares with a dot."""
    return symbol.replace("-", ".")


def _csv(rows: Sequence[Sequence[object]]) -> Reply:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text_reply(text.getvalue(), "text/plain; charset=utf-8")


def _constituents(today: date) -> Reply:
    rows = [
        [_spelt(c.symbol_on(today)), c.name, c.sector, c.trade, c.headquarters, since, c.cik, c.founded]
        for c, since in sorted(members_on(today), key=lambda pair: pair[0].name)
    ]
    return _csv([HEADER, *rows])


def _spells(today: date) -> Reply:
    """A stay is filed under the symbol the company has today (or had last), as the real list does."""
    rows = [
        (_spelt(COMPANIES[n].symbol_on(today)), start, stop if stop and stop <= today else "")
        for n, start, stop in STAYS
        if start <= today
    ]
    return _csv([["ticker", "start_date", "end_date"], *sorted(rows)])


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """One of the two lists as of the New York date of ``asked_at``; any other path is the host's 404."""
    today = asked_at.astimezone(NEW_YORK).date()
    if path == CONSTITUENTS:
        return _constituents(today)
    if path == SPELLS:
        return _spells(today)
    return text_reply("404: Not Found", "text/plain; charset=utf-8", 404)


VENDOR = Vendor(
    hosts=("raw.githubusercontent.com",),
    answer=answer,
    examples={
        f"raw.githubusercontent.com{CONSTITUENTS}": "350600985ee845b82fc25793b6edbddf",
        f"raw.githubusercontent.com{SPELLS}": "d23bca2319b3444fb07ba82cadc57c0b",
    },
    faults={
        "survivors": OwnFault(
            "a list of stays without those that ended", spoil=lines_kept(lambda n, line: line.endswith(","))
        )
    },
)
