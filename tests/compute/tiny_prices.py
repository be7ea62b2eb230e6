"""One stock, one fund and an index through the price models: bars and events in, what is told of each session out.

Belongs here: a quiet path of prices and running the models on it as of a session. Does not: vendors' formats, dbt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
from rendered import Rendered

from updraft_kernels import doubts

FIRST = date(2025, 1, 1)
KINDS = {"STK": ("stock", "stock"), "FND": ("etf", "sector_etf"), "IDX": ("index", "headline")}
MODELS = ("int_prices", "int_security_daily")


@dataclass(frozen=True)
class Bar:
    """A day of one security: the bar reaches ``wide`` (a share of the close) up and down around the close."""

    close: float
    volume: int | None = 1_000
    wide: float = 0.01
    open_at: float | None = None  # where the bar begins, if not at its close: the range then holds both

    @property
    def high(self) -> float:
        return max(self.close, self.open_at or self.close) * (1 + self.wide)

    @property
    def low(self) -> float:
        return min(self.close, self.open_at or self.close) * (1 - self.wide)


@dataclass(frozen=True)
class Told:
    """One version of an event: ``ex`` and ``known`` are sessions, ``value`` None: withdrawn."""

    symbol: str
    action: str
    ex: int
    value: float | None
    known: int
    doubt: str | None = None


def day(session: int) -> date:
    """The calendar has no weekends here."""
    return FIRST + timedelta(days=session)


def snapshot(session: int) -> datetime:
    return datetime.combine(day(session), time(20), UTC)


def quiet(sessions: int, base: float = 100.0) -> list[Bar]:
    """+0.4 %, -0.3 %, ...: a price without any step."""
    path, price = [], base
    for n in range(sessions):
        price *= 1.004 if n % 2 else 0.997
        path.append(Bar(price))
    return path


def told(
    bars: Mapping[str, Sequence[Bar | None]],
    events: Sequence[Told] = (),
    *,
    as_of: int | None = None,
    values: Mapping[int, doubts.Value] | None = None,
) -> pl.DataFrame:
    """Every row of the price models by instrument and session, as known at the snapshot of session ``as_of``."""
    last = max(map(len, bars.values())) if as_of is None else as_of + 1
    rows = [
        (symbol, day(n), bar.close, bar.high, bar.low, bar.close, bar.volume)
        for symbol, path in bars.items()
        for n, bar in enumerate(path[:last])
        if bar is not None
    ]
    schema = {"symbol": pl.String, "session_date": pl.Date, "open": pl.Float64, "high": pl.Float64}
    schema |= {"low": pl.Float64, "close": pl.Float64, "volume": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        source=pl.lit("x"), known_at=pl.lit(snapshot(0))
    )
    firsts = frame.group_by("symbol").agg(first_session=pl.col("session_date").min())
    base = Rendered()
    base.put(
        stg_yahoo_bars=frame,
        stg_yahoo_actions=_versions([event for event in events if event.known < last]),
        int_calendar=pl.DataFrame({"session_no": range(last)}).with_columns(
            session_date=pl.Series([day(n) for n in range(last)]),
            snapshot_at=pl.Series([snapshot(n) for n in range(last)]),
            is_half_day=pl.lit(value=False),
        ),
        int_instruments=pl.DataFrame(
            [(symbol, symbol, *KINDS[symbol], None) for symbol in bars],
            schema=["instrument_id", "vendor_symbol", "asset_class", "role", "fund_category"],
            orient="row",
        )
        .with_columns(
            pl.col("fund_category").cast(pl.String),
            history_from=pl.lit(None, pl.Date),
            closes_from=pl.lit(None, pl.Date),
        )
        .join(firsts, left_on="vendor_symbol", right_on="symbol"),
    )
    base.run("int_corporate_actions", "int_bars")
    held = base.rows("int_bars")
    market = dict(held.filter("is_headline").select("session_no", "close").iter_rows())
    traded = held.filter(pl.col("is_traded"), pl.col("asset_class").is_in(["stock", "etf"]))
    base.put(int_price_doubts=doubts.judge(traded, market, {"FND": values or {}}))
    base.run(*MODELS)
    return base.rows("int_security_daily").join(
        base.rows("int_prices").select(
            "instrument_id",
            "session_no",
            "close_split",
            "volume_split",
            "tr_factor",
            "era",
            "doubt",
            "is_payout_aside",
            "is_volume_aside",
        ),
        on=["instrument_id", "session_no"],
    )


def _versions(events: Sequence[Told]) -> pl.DataFrame:
    rows = [
        (e.symbol, day(e.ex), e.action, e.value, e.doubt, e.value is not None, max(snapshot(e.known), snapshot(e.ex)))
        for e in events
    ]
    schema = {"symbol": pl.String, "ex_date": pl.Date, "action": pl.String, "value": pl.Float64, "doubt": pl.String}
    frame = pl.DataFrame(
        rows, schema=schema | {"is_present": pl.Boolean, "known_at": pl.Datetime("us", "UTC")}, orient="row"
    )
    key = ["symbol", "ex_date", "action"]
    return frame.sort(*key, "known_at", maintain_order=True).with_columns(
        version_no=pl.int_range(1, pl.len() + 1).over(key)
    )
