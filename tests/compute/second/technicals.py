"""Chart rules on the headline index, bar by bar: TE01, TE02, the crosses of TE03, TE04 to TE09.

Belongs here: readings of the bars of one index, and of what the VIX and breadth add to them (TE09). Does not: the averages
and the momentum of ``readings.technical``.
"""

from __future__ import annotations

from math import sqrt
from statistics import stdev

import numpy as np
import polars as pl

from second import breadth, volatility
from second.facts import World
from second.prices import Prices
from second.readings import shaped

NOTHING = float("nan")


def _newest(known: np.ndarray, reach: int | None) -> np.ndarray:
    """When the newest of the last ``reach`` bars was known; of all bars so far without one."""
    return np.array(
        [known[max(0, t + 1 - reach) if reach else 0 : t + 1].max() for t in range(known.size)], dtype=float
    )


def _told(
    world: World, p: Prices, reading_id: str, values: list[float], bars: int, reach: int | None, empty: str
) -> pl.DataFrame:
    """WARMUP until there are so many bars; then ``empty`` where there is no value."""
    word = [
        "WARMUP" if t + 1 < bars else empty if np.isnan(values[t]) else "OK" for t in range(p.at.size)
    ]  # fmt: skip
    used = np.minimum(np.arange(1, p.at.size + 1), bars)
    newest = _newest(p.known, reach)
    return shaped(reading_id, p.instrument_id, world, p.at, values, np.array(word), used, bars, newest)


def strengths(ticks: list[int]) -> list[float]:
    """Wilder's index of 14 closes, from the 120th close on."""
    found, up, down = [NOTHING] * len(ticks), 0.0, 0.0
    for t in range(1, len(ticks)):
        change = float(ticks[t] - ticks[t - 1])
        gain, loss = (change, 0.0) if change > 0 else (0.0, -change)
        if t <= 14:
            up, down = up + gain / 14, down + loss / 14
        else:
            up, down = (13 * up + gain) / 14, (13 * down + loss) / 14
        if t >= 119:
            found[t] = 50.0 if up == down == 0 else 100 * up / (up + down)
    return found


def _bounced(ticks: list[int]) -> list[int]:
    rsi = strengths(ticks)
    return [t for t in range(1, len(ticks)) if rsi[t - 1] < 30 <= rsi[t] and ticks[t] > ticks[t - 1]]


def oversold(world: World) -> pl.DataFrame:
    """TE01 and TE02."""
    p = volatility.headline(world)
    ticks, size, known = [int(x) for x in p.ticks], p.at.size, _newest(p.known, None)
    found = [_told(world, p, "TE01", strengths(ticks), 120, None, "OK")]
    events = _bounced(ticks)
    so_far = [sum(e <= t for e in events) for t in range(size)]

    def reading(name: str, values: list[float], word: list[str], used: list[int], expected: list[int]) -> None:
        found.append(
            shaped(f"TE02_{name}", p.instrument_id, world, p.at, values, np.array(word), used, expected, known)
        )

    early = ["WARMUP" if t < 120 else "OK" for t in range(size)]
    bars = [min(t + 1, 121) for t in range(size)]
    reading("bounce", [float(t in events) for t in range(size)], early, bars, [121] * size)
    ago = [float(t - max((e for e in events if e <= t), default=t)) for t in range(size)]
    reading("since", ago, ["OK" if n else "WARMUP" for n in so_far], so_far, so_far)
    for n in (5, 21):
        moves = [(e + n, 100 * (ticks[e + n] / ticks[e] - 1)) for e in events if e + n < size]
        over = [[move for end, move in moves if end <= t] for t in range(size)]
        count = [len(m) for m in over]
        word = ["OK" if c >= 5 else "WARMUP" for c in count]
        reading(f"mean_{n}", [sum(m) / len(m) if m else NOTHING for m in over], word, count, so_far)
        rose = [100 * sum(x > 0 for x in m) / len(m) if m else NOTHING for m in over]
        reading(f"rose_{n}", rose, word, count, so_far)
    return pl.concat(found)


def crosses(world: World) -> pl.DataFrame:
    """TE03_cross and TE03_since."""
    p = volatility.headline(world)
    ticks, size = [int(x) for x in p.ticks], p.at.size
    turned, ago, sign, last = [NOTHING] * size, [NOTHING] * size, 0, None
    for t in range(199, size):
        gap = 4 * sum(ticks[t - 49 : t + 1]) - sum(ticks[t - 199 : t + 1])
        now = (gap > 0) - (gap < 0) or sign
        if sign:
            turned[t] = (now - sign) / 2
            last = t if now != sign else last
        sign = now
        if last is not None:
            ago[t] = float(t - last)
    known = _newest(p.known, None)
    cross = _told(world, p, "TE03_cross", turned, 201, None, "WARMUP")
    there = ~np.isnan(ago)
    word = np.where(there, "OK", "WARMUP")
    since = shaped("TE03_since", p.instrument_id, world, p.at, ago, word, there.astype(float), 1, known)
    return pl.concat([cross, since])


def _scaled(p: Prices, of: str) -> list[int]:
    prices = np.where(np.isnan(p.bars[of]), p.bars["close"], p.bars[of]) * p.split
    return [int(np.floor(x * 10_000 + 0.5)) for x in prices]


def _broken(p: Prices, n: int) -> list[float]:
    ticks, high, low = [int(x) for x in p.ticks], _scaled(p, "high"), _scaled(p, "low")
    return [
        NOTHING if t < n else float((ticks[t] > max(high[t - n : t])) - (ticks[t] < min(low[t - n : t])))
        for t in range(len(ticks))
    ]


def levels(world: World) -> pl.DataFrame:
    """TE04 and TE05."""
    p = volatility.headline(world)
    found = [_told(world, p, f"TE04_{n}", _broken(p, n), n + 1, n + 1, "OK") for n in (20, 55, 252)]
    ticks, high = [int(x) for x in p.ticks], _scaled(p, "high")
    pivots = [
        k
        for k in range(5, len(high) - 5)
        if high[k] > max(high[k - 5 : k]) and high[k] >= max(high[k + 1 : k + 6])
    ]  # fmt: skip
    away, broken = [NOTHING] * len(ticks), [NOTHING] * len(ticks)
    for t, close in enumerate(ticks):
        seen = [high[k] for k in pivots if t - 126 <= k <= t - 5]
        if seen:
            away[t] = 100 * (close / max(seen) - 1)
            broken[t] = float(200 * close >= 201 * max(seen))
    for name, values in (("distance", away), ("break", broken)):
        found.append(_told(world, p, f"TE05_{name}", values, 127, 132, "UNDEFINED"))
    return pl.concat(found)


def _deviations(returns: list[float], n: int) -> list[float]:
    """At a yearly scale of 252; nothing where a return is missing."""
    found = [NOTHING] * len(returns)
    for t in range(n - 1, len(returns)):
        window = returns[t - n + 1 : t + 1]
        if not any(np.isnan(window)):
            found[t] = stdev(window) * sqrt(252)
    return found


def _weighted(returns: list[float]) -> list[float]:
    """Root of the average of squared returns, each session .94 of before, from 75 returns after the first on."""
    found, variance, count, missed = [NOTHING] * len(returns), NOTHING, -1, 0
    for t, r in enumerate(returns):
        if np.isnan(r):
            missed += 1
            if missed > 3:
                variance, count = NOTHING, -1
        else:
            missed, count = 0, count + 1
            variance = r * r if count == 0 else 0.94 * variance + 0.06 * r * r
        if count >= 75:
            found[t] = 100 * sqrt(252 * variance)
    return found


def strategies(world: World) -> pl.DataFrame:
    """TE06, TE07 and TE08."""
    p = volatility.headline(world)
    ticks, returns = [int(x) for x in p.ticks], volatility.log_returns(p).tolist()
    short, long, size = _deviations(returns, 20), _deviations(returns, 60), p.at.size
    trend, held = [NOTHING] * size, [NOTHING] * size
    for t in range(252, size):
        signs = [np.sign(ticks[t] - ticks[t - n]) for n in (21, 63, 252)]
        trend[t] = sum(signs) / 3 * min(1.0, 0.10 / long[t])
    for t in range(2, size):
        if not np.isnan(short[t - 2] + long[t - 2]):
            held[t] = min(1.5, 0.10 / max(short[t - 2], long[t - 2]))
    bought = [NOTHING] * 5 + [held[t] - held[t - 5] for t in range(5, size)]
    return pl.concat(
        [
            _told(world, p, "TE06", trend, 253, 253, "LOW_COVERAGE"),
            _told(world, p, "TE07", held, 63, 63, "LOW_COVERAGE"),
            _told(world, p, "TE07_d5", bought, 68, 68, "LOW_COVERAGE"),
            _told(world, p, "TE08_20", [100 * x for x in short], 21, 21, "LOW_COVERAGE"),
            _told(world, p, "TE08_60", [100 * x for x in long], 61, 61, "LOW_COVERAGE"),
            _told(world, p, "TE08_ewma", _weighted(returns), 77, None, "LOW_COVERAGE"),
        ]
    )


def breakdown(world: World) -> pl.DataFrame:
    """TE09: three parts; one that is false settles it."""
    p = volatility.headline(world)
    ticks, lows = [int(x) for x in p.ticks], _broken(p, 20)
    vix, vix_known = volatility.closes(world)["VIX"]
    universe = next(u["universe_id"] for u in world.seed("universes") if u["is_default"] == "true")
    told = breadth.segments(world).filter(universe_id=universe, segment_type="universe", segment_id=universe)
    share, words = np.full(len(world.days), np.nan), np.full(len(world.days), "WARMUP", dtype="<U13")
    seen = np.zeros(len(world.days))
    for row in told.iter_rows(named=True):
        n = world.at[row["session_date"]]
        words[n], seen[n] = row["status_sma"], row["known_at"]
        if row["status_sma"] == "OK":
            share[n] = row["pct_above_sma50"]
    values, word, used, known = [], [], [], []
    for t, n in enumerate(p.at.tolist()):
        below = None if t < 199 else 200 * ticks[t] < sum(ticks[t - 199 : t + 1])
        low = None if np.isnan(lows[t]) else lows[t] == -1
        is_low = True if below or low else None if below is None or low is None else False
        jump = vix[n] / vix[n - 5] - 1 if n >= 5 else NOTHING
        fall = share[n] - share[n - 20] if n >= 20 else NOTHING
        parts = [
            is_low,
            None if np.isnan(jump) else bool(round(jump, 9) >= 0.2),
            None if np.isnan(fall) else bool(round(fall, 6) <= -15),
        ]
        is_settled = False in parts or None not in parts
        missing = ("WARMUP", "NOT_PUBLISHED", words[n] if words[n] != "OK" else "WARMUP")
        values.append(float(False not in parts))
        word.append("OK" if is_settled else missing[parts.index(None)])
        used.append(sum(part is not None for part in parts))
        known.append(max(p.known[t], 0 if np.isnan(jump) else vix_known[n], seen[n]))
    return shaped("TE09", p.instrument_id, world, p.at, values, np.array(word), used, 3, known)
