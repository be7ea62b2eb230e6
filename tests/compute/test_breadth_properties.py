"""What must hold for the breadth of any market: members are counted once, and only their own past counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from rendered import Rendered

from updraft_kernels import doubts

SESSIONS, MEMBERS = 40, 6
FIRST = date(2025, 2, 3)
DAYS = [FIRST + timedelta(days=n) for n in range(SESSIONS)]
MODELS = ("int_bars", "int_prices", "int_security_daily", "int_size_segments", "int_breadth_counts", "int_breadth")
FLOORS = ("coverage_floor", "history_coverage_floor", "min_sector_members")
FIND = (Phase.explicit, Phase.reuse, Phase.generate)  # a market takes minutes to shrink
Bar = dict[str, Any]


def bar_of(draw_price: int, volume: int) -> Bar:
    return {"close": draw_price / 4, "volume": volume}


bars_of_one = st.lists(
    st.one_of(st.none(), st.builds(bar_of, st.integers(40, 60), st.sampled_from([0, 64, 128, 4096]))),
    min_size=SESSIONS,
    max_size=SESSIONS,
)
markets = st.lists(bars_of_one, min_size=MEMBERS, max_size=MEMBERS)


def breadth(
    market: list[list[Bar | None]], *, split: tuple[int, int, int] | None = None, sessions: int = SESSIONS
) -> Rendered:
    """``int_breadth`` of a market; ``split`` = (member, session, ratio): traded prices fall and volumes rise by it."""
    rows = []
    for number, one in enumerate(market):
        for n, bar in enumerate(one[:sessions]):
            ratio = split[2] if split and split[0] == number and n >= split[1] else 1
            if bar is not None:
                close = bar["close"] / ratio
                rows.append((f"S{number}", DAYS[n], close * 2, close / 2, close, bar["volume"] * ratio))
    schema = {"symbol": pl.String, "session_date": pl.Date, "high": pl.Float64, "low": pl.Float64}
    schema |= {"close": pl.Float64, "volume": pl.Int64}
    known = pl.lit(datetime(2025, 1, 1, tzinfo=UTC))
    bars = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        open="close", source=pl.lit("x"), known_at=known
    )
    names = pl.DataFrame({"number": range(len(market))}).with_columns(
        instrument_id=pl.format("I{}", "number"), symbol=pl.format("S{}", "number")
    )
    firsts = bars.group_by("symbol").agg(first_session=pl.col("session_date").min())
    base = Rendered()
    actions = pl.DataFrame(
        [(f"I{split[0]}", DAYS[split[1]], "split", float(split[2]), DAYS[split[1]], False, None)] if split else [],
        schema={"instrument_id": pl.String, "ex_date": pl.Date, "action": pl.String, "value": pl.Float64}
        | {"session_date": pl.Date, "is_late": pl.Boolean, "doubt": pl.String},
        orient="row",
    )
    held = names.select("instrument_id", valid_from=pl.lit(FIRST), valid_to=pl.lit(None, pl.Date))
    base.put(
        stg_yahoo_bars=bars,
        int_instruments=names.join(firsts, on="symbol", how="left").select(
            "instrument_id",
            "first_session",
            asset_class=pl.lit("stock"),
            role=pl.lit("stock"),
            fund_category=pl.lit(None, pl.String),
            vendor_symbol="symbol",
            history_from=pl.lit(None, pl.Date),
            closes_from=pl.lit(None, pl.Date),
        ),
        int_calendar=pl.DataFrame({"session_date": DAYS[:sessions], "session_no": range(1, sessions + 1)}).with_columns(
            is_half_day=pl.lit(False),
            snapshot_at=known,
            quarter=pl.when(pl.col("session_no") <= 20).then(pl.lit("2025-Q1")).otherwise(pl.lit("2025-Q2")),
        ),
        int_corporate_actions=actions,
        int_price_doubts=pl.DataFrame(schema=doubts.SCHEMA),  # these markets are about counting
        int_membership=held.with_columns(universe_id=pl.lit("U")),
        int_instrument_sectors=held.with_columns(
            sector_id=pl.when(pl.col("instrument_id") < "I3").then(pl.lit("a")).otherwise(pl.lit("b"))
        ),
        universes=pl.DataFrame(
            [("sample", "U", True, True, 0.0, 0.0, 1)],
            schema=["world", "universe_id", "is_point_in_time", "is_default", *FLOORS],
            orient="row",
        ),
    )
    base.run(*MODELS)
    return base


def counted(market: list[list[Bar | None]], **options: Any) -> pl.DataFrame:
    return breadth(market, **options).rows("int_breadth")


@given(markets)
@settings(max_examples=8, deadline=None, phases=FIND)
def test_every_member_is_counted_once_and_a_day_without_volume_never(market: list[list[Bar | None]]) -> None:
    base = breadth(market)
    found = base.rows("int_breadth_counts")
    moved = found["advancers"] + found["decliners"] + found["unchanged"]
    assert (moved <= found["members"]).all()
    judged = base.rows("int_breadth").filter(pl.col("status_counts") == "OK")
    parts = judged["advancers"] + judged["decliners"] + judged["unchanged"] + judged["untraded"]
    assert (parts == judged["members"]).all()
    silent = base.con.execute(
        "SELECT count(*) FROM int_security_daily AS d JOIN int_prices AS p USING (instrument_id, session_date)"
        " WHERE p.volume = 0 AND d.move <> 'untraded'"
    ).fetchone()
    assert silent == (0,)
    columns = ["advancers", "decliners", "unchanged", "up_volume", "down_volume", "with_sma20", "above_sma20"]
    whole = found.filter(pl.col("segment_type") == "universe").sort("session_date")
    parts_of = found.filter(pl.col("segment_type") == "sector").group_by("session_date").agg(pl.col(columns).sum())
    assert parts_of.sort("session_date").select(columns).equals(whole.select(columns))


@given(markets, st.permutations(range(MEMBERS)))
@settings(max_examples=6, deadline=None, phases=FIND)
def test_the_order_of_members_is_nothing(market: list[list[Bar | None]], order: list[int]) -> None:
    kept = pl.col("segment_type") == "universe"  # who is in which sector follows the name here
    assert counted(market).filter(kept).equals(counted([market[n] for n in order]).filter(kept))


@given(markets, st.integers(0, MEMBERS - 1), st.integers(1, SESSIONS - 1), st.sampled_from([2, 4]))
@settings(max_examples=8, deadline=None, phases=FIND)
def test_a_split_changes_nothing(market: list[list[Bar | None]], member: int, day: int, ratio: int) -> None:
    assume(
        any(market[member][:day])
    )  # one before the first bar held is no split to us: volume counts in shares of that bar
    assert counted(market, split=(member, day, ratio)).equals(counted(market))


@given(markets, st.integers(2, SESSIONS - 1))
@settings(max_examples=8, deadline=None, phases=FIND)
def test_later_days_change_no_earlier_row(market: list[list[Bar | None]], until: int) -> None:
    then = counted(market, sessions=until)
    now = counted(market).filter(pl.col("session_date") < DAYS[until])
    assert then.height > 0 and then.equals(now)
