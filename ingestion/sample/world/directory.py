"""The directory of made-up companies: who exists, and who is in the index when.

Belongs here: putting rosters and timeline together. Does not: the facts themselves, or prices. The order of COMPANIES
is the order of every array's company axis.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ingestion.sample.world import changes
from ingestion.sample.world.company import SECTORS, WORLD_STARTS, Company
from ingestion.sample.world.founders import FOUNDERS
from ingestion.sample.world.roster import JOINED_BEFORE, companies

__all__ = ["COMPANIES", "SECTORS", "SPELLS", "Company", "members_on"]


def _with_history(n: int, company: Company) -> Company:
    name = company.symbol
    ended, ending = changes.ENDED.get(name, (None, None))
    is_late = name in changes.LISTED or name in changes.NEVER or any(name == new for _, _, new in changes.CHANGES)
    joined = [day for day, _, new in changes.CHANGES if new == name]
    start = company.joined or (None if is_late else JOINED_BEFORE[n % len(JOINED_BEFORE)])
    return replace(
        company,
        symbol=changes.NEWCOMER_SYMBOL.get(name, name),
        joined=start or (joined[0] if joined else None),
        listed=changes.LISTED.get(name, WORLD_STARTS),
        last_bar=ended,
        ending=ending,
        splits=changes.SPLITS.get(name, ()),
        former=changes.RENAMED.get(name),
        is_reused=name in changes.NEWCOMER_SYMBOL.values(),
    )


def _lines(named: tuple[Company, ...]) -> tuple[Company, ...]:
    """The companies, where a second line of shares bears the name and the number of its issuer."""
    by_symbol = {company.symbol: company for company in named}
    issuers = [by_symbol[changes.SECOND_LINES.get(company.symbol, company.symbol)] for company in named]
    return tuple(
        company
        if issuer is company
        else replace(company, name=f"{issuer.name} Class B", cik=issuer.cik, headquarters=issuer.headquarters)
        for company, issuer in zip(named, issuers, strict=True)
    )


_NAMED = _lines((*FOUNDERS, *companies()))
COMPANIES = tuple(_with_history(n, company) for n, company in enumerate(_NAMED))


def _spells() -> tuple[tuple[int, date, date | None], ...]:
    """Every stay in the index: (position in COMPANIES, first day, first day out or None), by position and day."""
    found = []
    for n, (named, company) in enumerate(zip(_NAMED, COMPANIES, strict=True)):
        starts = [day for day, _, new in changes.CHANGES if new == named.symbol]
        if company.joined is not None and company.joined not in starts:
            starts.insert(0, company.joined)
        ends = [day for day, out, _ in changes.CHANGES if out == named.symbol]
        for start in starts:
            found.append((n, start, next((day for day in ends if day > start), None)))
    return tuple(found)


SPELLS = _spells()


def members_on(day: date) -> list[tuple[Company, date]]:
    """Who is in the index on ``day``, each with the day it last joined."""
    return [(COMPANIES[n], start) for n, start, stop in SPELLS if start <= day and (stop is None or stop > day)]
