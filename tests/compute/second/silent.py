"""Sessions on which a reading says NOT_AVAILABLE because an input of it was not held yet.

Belongs here: since when each input was held, and rows for the sessions before. Does not: any value. In this world all
inputs but a few reach back before 2015; that they do is asserted, so a new late one is not overlooked.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

import polars as pl

from second import coins, combined, cross_asset, earnings, fed_funds, options, rates, shorts, surveys, valuation
from second.companies import companies
from second.facts import World, micros
from second.weights import weighed

FIRST = date(2015, 1, 2)  # rows are told from here on, whenever the home began


@cache
def _held_since(world: World) -> dict[str, date]:
    """Of the inputs that begin after 2015, the first session they say something about."""
    return {
        "fed_funds_futures": world.days[min(n for n, _ in fed_funds.paths(world))],
        "mpt": world.days[min(fed_funds.windows(world))],
        "acm": world.days[min(rates.premia(world))],
        "company_earnings": world.days[valuation.companies(world).first],
        **{f"ici_{kind}s": world.days[combined.since(world, kind)] for kind in combined.FRESH},
        "forecasts": world.days[int((valuation.yields(world)["_fwd"].status == "NOT_AVAILABLE").sum())],
        "short_interest": world.days[shorts.shorts(world).since],
        "company_reports": world.days[companies(world).sized_since],
        "sector_weights": world.days[
            min(
                n
                for n in map(world.first_snapshot, map(micros, world.versions("sector_holdings")["known_at"]))
                if n is not None
            )
        ],
        "index_weights": world.days[weighed(world).first],
        "put_call": world.days[int((options.put_call(world)["equity"].known > 0).argmax())],
        "earnings_calendar": world.days[min(r.at for r in earnings.reports(world).values())],
        "report_days_ahead": _first_day_ahead(world),
        "guidance": min(date.fromisoformat(r["announced_on"]) for r in world.seed("guidance")),
        **{name: world.days[_first_price(world, coin)] for name, coin in coins.coins(world).items()},
        **{f"usage:{asset}": world.days[n] for asset, n in cross_asset.usage_began(world).items()},
        **{f"usage:{series}": world.days[n] for series, n in cross_asset.flows_began(world).items()},
        "news_tone": world.days[surveys.tone_began(world)],
        "naaim": world.days[surveys.managers_began(world)],
        "stablecoins": world.days[cross_asset.supply_began(world)],
        "policy_proposals": min(datetime.fromisoformat(r["known_at"]).date() for r in world.seed("policy_proposals")),
        "ats_weeks": min(date.fromisoformat(r["published_on"]) for r in world.seed("ats_weeks")),
        "corporate_facts": min(date.fromisoformat(r["published_on"]) for r in world.seed("corporate_facts")),
    }


def _first_price(world: World, coin: coins.Coin) -> int:
    """The first session whose snapshot knew a day of the coin."""
    first = world.first_snapshot(min(known for _, known in coin.days.values()))
    assert first is not None
    return first


def _first_day_ahead(world: World) -> date:
    """The first session whose snapshot knew of a report to come."""
    known = min(micros(r["known_at"]) for r in earnings.calendar_rows(world) if r["eps"] is None)
    first = world.first_snapshot(known)
    assert first is not None
    return world.days[first]


def before_it_was_held(world: World, reading_id: str, told: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``reading_id`` for sessions that ``told`` has none for, because an input was not held yet."""
    row = next(r for r in world.seed("indicators") if r["reading_id"] == reading_id)
    inputs = row["inputs"].split() or [name for name in (row["subject"], row["against"]) if name]
    late = _held_since(world)
    for name in set(inputs) - set(late):
        assert _begins(world, name) < FIRST, f"{name} is held since {_begins(world, name)}: tell it in second/silent.py"
    since = max((late[name] for name in inputs if name in late), default=FIRST)
    held = set(told["session_date"].to_list())
    days = [n for n, day in enumerate(world.days) if FIRST <= day < since and day not in held]
    return pl.DataFrame(
        {
            "reading_id": reading_id,
            "entity_id": "none",
            "session_date": [world.days[n] for n in days],
            "value": pl.Series([None] * len(days), dtype=pl.Float64),
            "status": "NOT_AVAILABLE",
            "obs_period": pl.Series([None] * len(days), dtype=pl.Date),
            "n_used": 0,
            "n_expected": len(inputs),
            "known_at": [world.snapshots[n] for n in days],
        },
    ).with_columns(
        pl.col("session_date").cast(pl.Date), pl.col("known_at").cast(pl.Datetime("us", "UTC")),
        pl.col("n_used", "n_expected").cast(pl.Int64),
    )  # fmt: skip


@cache
def _begins(world: World, name: str) -> date:
    """The day on which the first fact of an input was known; inputs told by roles and lists begin with the world."""
    moments: list[datetime] = []
    for dataset in ("fred_observations", "alfred_vintages"):
        rows = world.versions(dataset).filter(pl.col("series_id") == name)
        moments += rows["known_at"].to_list()
    return min(moments).date() if moments else world.days[0]
