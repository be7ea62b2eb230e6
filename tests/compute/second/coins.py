"""Coins beside the sessions of the exchange: prices at its close and of whole UTC days; the columns of ``crypto_daily``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from ingestion import calendar
from second.facts import World, micros

DAY, HOUR = 86_400, 3_600
SECOND = 1_000_000


@dataclass(frozen=True)
class Coin:
    """Closes by UTC day with the moment each was known, and by the moment an hour ended; the price at each session's close."""

    days: dict[date, tuple[float, int]]
    first_hour: int | None
    at_close: np.ndarray
    first_day: date


@cache
def coins(world: World) -> dict[str, Coin]:
    """Every coin that is held, by instrument."""
    listed = {r["symbol"]: r["instrument_id"] for r in world.instruments if r["asset_class"] == "crypto"}
    held = world.newest("coinbase_candles").filter(pl.col("close") > 0, pl.col("product").is_in(list(listed)))
    found = {}
    ends = [calendar.close_at(day) for day in world.days]
    for (product,), one in held.group_by(["product"], maintain_order=True):
        days: dict[date, tuple[float, int]] = {}
        hours: dict[int, tuple[float, int]] = {}
        for seconds, start, close, known in one.select("granularity_s", "start_at", "close", "known_at").iter_rows():
            ended = micros(start) + seconds * SECOND
            if seconds == DAY:
                days[start.date()] = (close, max(ended, micros(known)))
            elif seconds == HOUR:
                hours[ended] = (close, max(ended, micros(known)))
        at_close = np.full(len(world.days), np.nan)
        for n, end in enumerate(ends):
            price, known = hours.get(micros(end), (np.nan, 0)) if end else (np.nan, 0)
            if known <= world.snapshots[n]:
                at_close[n] = price
        seen = [*days, *(date.fromordinal(719_163 + h // (DAY * SECOND)) for h in ([min(hours)] if hours else []))]
        found[listed[str(product)]] = Coin(days, min(hours, default=None), at_close, min(seen))
    return found


def by_day(world: World, coin: Coin) -> np.ndarray:
    """Per session: the close of its UTC day, where it was known at the snapshot."""
    told = [coin.days.get(day, (np.nan, 0)) for day in world.days]
    return np.array([price if known <= world.snapshots[n] else np.nan for n, (price, known) in enumerate(told)])


def _volatility(coin: Coin) -> dict[date, float]:
    """Deviation of the last 60 daily returns at a yearly scale of 365, in percent; a day missing leaves two returns out."""
    days = sorted(coin.days)
    price = {day: coin.days[day][0] for day in days}
    steps = [np.log(price[d] / price[d - timedelta(1)]) if d - timedelta(1) in price else None for d in days]
    rolled = pl.Series(steps, dtype=pl.Float64).rolling_std(60, min_samples=60) * 365**0.5 * 100
    return {day: value for day, value in zip(days, rolled, strict=True) if value is not None}


def _mirrored(world: World, name: str) -> dict[date, tuple[float, int]]:
    """Closes of the coin in Tether dollars by UTC day, with the moment each was known."""
    pairs = {r["id"]: r["instrument_id"] for r in world.seed("instrument_ids") if r["vendor"] == "binance"}
    mine = [pair for pair, instrument in pairs.items() if instrument == name]
    rows = world.newest("binance_klines").filter(pl.col("symbol").is_in(mine), pl.col("close") > 0)
    return {
        day: (close, micros(known)) for day, close, known in rows.select("observed_on", "close", "known_at").iter_rows()
    }


def _allowed(world: World) -> np.ndarray:
    """Per session 1, and what pegged coins were away from a dollar by the newest day told then; 3 where none is told."""
    told = sorted(
        (micros(r["known_at"]), r["observed_on"], r["circulating_usd"] / r["circulating_coins"])
        for r in world.versions("defillama_stablecoins").iter_rows(named=True)
    )
    allowed = np.full(len(world.days), 3.0)
    place, newest, price = 0, date.min, np.nan
    for n, day in enumerate(world.days):
        while place < len(told) and told[place][0] <= world.snapshots[n]:
            if told[place][1] >= newest:
                _, newest, price = told[place]
            place += 1
        if place and (day - newest).days <= 3:
            allowed[n] = 1 + 100 * abs(price - 1)
    return allowed


def crypto_daily(world: World) -> pl.DataFrame:
    """One row per coin, alignment and session since the first price in that alignment."""
    frames = []
    allowed = _allowed(world)
    for name, coin in coins(world).items():
        mirror = _mirrored(world, name)
        told = [mirror.get(day, (np.nan, 0)) for day in world.days]
        tether = np.array([close if known <= world.snapshots[n] else np.nan for n, (close, known) in enumerate(told)])
        is_mirrored = np.array([bool(mirror) and day >= min(mirror) for day in world.days])
        whole, spread = by_day(world, coin), _volatility(coin)
        vol = np.array([spread.get(day, np.nan) for day in world.days])
        vol[np.isnan(whole)] = np.nan
        eve = np.array([coin.days.get(day - timedelta(1), (np.nan, 0))[0] for day in world.days])
        gap = np.array([0, *((b - a).days for a, b in zip(world.days, world.days[1:], strict=False))])
        for alignment, price in (("nyse_close", coin.at_close), ("utc_day", whole)):
            first_priced = np.flatnonzero(~np.isnan(price))
            if alignment == "utc_day":
                start = world.session_on_or_after(min(coin.days)) if coin.days else None
            else:
                start = int(first_priced[0]) if first_priced.size else None
            if start is None:
                continue
            on = np.arange(start, len(world.days))
            before = np.where(on > start, price[np.maximum(on - 1, 0)], np.nan)
            now = price[on]
            change = now / before - 1
            over = np.where((on > start) & (gap[on] > 1) & ~np.isnan(now), eve[on] / before - 1, np.nan)
            reached = coin.first_hour is not None
            closes = [micros(calendar.close_at(world.days[n])) for n in on]  # type: ignore[arg-type]
            late = np.array([reached and coin.first_hour <= c for c in closes])  # type: ignore[operator]
            is_there = ~np.isnan(coin.at_close[on])
            frames.append(
                pl.DataFrame(
                    {
                        "session_date": world.dates[on], "close_nyse": coin.at_close[on], "close_utc_day": whole[on],
                        "status_nyse": np.where(is_there, "OK", np.where(late, "NOT_PUBLISHED", "NOT_AVAILABLE")),
                        "return_1d": 100 * change, "weekend_return": 100 * over, "vol_365": vol[on],
                        "status": np.where(
                            ~np.isnan(change), "OK", np.where((on == start) & ~np.isnan(now), "WARMUP", "NOT_PUBLISHED")
                        ),
                        "status_vol": np.where(
                            np.isnan(whole[on]), "NOT_PUBLISHED", np.where(np.isnan(vol[on]), "WARMUP", "OK")
                        ),
                        "mirror_gap": 100 * tether[on] / whole[on] - 100, "mirror_tolerance": allowed[on],
                        "status_mirror": np.where(
                            ~np.isnan(tether[on] / whole[on]), "OK", np.where(is_mirrored[on], "NOT_PUBLISHED", "NOT_AVAILABLE")
                        ),
                        "known_at": world.snapshots[on],
                    }
                ).with_columns(
                    instrument_id=pl.lit(name), alignment=pl.lit(alignment), is_async=pl.lit(alignment == "utc_day")
                )
            )  # fmt: skip
    return pl.concat(frames)
