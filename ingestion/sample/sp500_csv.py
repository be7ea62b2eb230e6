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
from ingestion.sample.answer import Answer, text_answer
from ingestion.sample.directory import COMPANIES
from ingestion.sample.world import World

CONSTITUENTS = "/datasets/s-and-p-500-companies/main/data/constituents.csv"
SPELLS = "/fja05680/sp500/master/sp500_ticker_start_end.csv"
HEADER = (
    "Symbol", "Security", "GICS Sector", "GICS Sub-Industry", "Headquarters Location", "Date added", "CIK", "Founded",
)  # fmt: skip


def _csv(rows: Sequence[Sequence[object]]) -> Answer:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text_answer(text.getvalue(), "text/plain; charset=utf-8")


def _constituents(today: date) -> Answer:
    members = [c for c in COMPANIES if c.joined and c.joined <= today and (c.left is None or c.left > today)]
    rows = [
        [c.listed_as, c.name, c.sector, c.trade, c.headquarters, c.joined, c.cik, c.founded]
        for c in sorted(members, key=lambda c: c.name)
    ]
    return _csv([HEADER, *rows])


def _spells(today: date) -> Answer:
    members = [c for c in COMPANIES if c.joined and c.joined <= today]
    rows = [
        [c.listed_as, c.joined, c.left if c.left and c.left <= today else ""]
        for c in sorted(members, key=lambda c: c.listed_as)
    ]
    return _csv([["ticker", "start_date", "end_date"], *rows])


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Answer:
    """One of the two lists as of the New York date of ``asked_at``; any other path is the host's 404."""
    today = asked_at.astimezone(NEW_YORK).date()
    if path == CONSTITUENTS:
        return _constituents(today)
    if path == SPELLS:
        return _spells(today)
    return text_answer("404: Not Found", "text/plain; charset=utf-8", 404)
