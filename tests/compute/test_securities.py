"""The per-security kernel: worked cases, agreement with a slow computation, parts that add up, and order that is verified."""

from __future__ import annotations

import runpy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rendered import MODELS, Rendered

from updraft_kernels import securities

SAYS = ("move", "return_1d", "drawdown", "above_sma20", "new_high_52w")
FIRST = date(2024, 1, 1)
KNOWN = datetime(2024, 1, 1, tzinfo=UTC)
DEFAULTS = {"is_payout_aside": False, "has_no_actions": False, "era": 0, "is_traded": True, "asset_class": "stock"}


def prices(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of int_prices: each has session_no and close_ticks; high, low and total return are the close unless given."""
    full = [
        DEFAULTS
        | {"instrument_id": "S", "session_date": FIRST + timedelta(days=row["session_no"]), "gap_sessions": None}
        | {"high_ticks": row["close_ticks"], "low_ticks": row["close_ticks"], "close_tr": row["close_ticks"] / 1e4}
        | row
        for row in rows
    ]
    types = {"session_no": pl.Int32, "gap_sessions": pl.Int32, "era": pl.Int64, "close_ticks": pl.Int64}
    types |= {"high_ticks": pl.Int64, "low_ticks": pl.Int64, "close_tr": pl.Float64}
    return pl.DataFrame(full, infer_schema_length=None).cast(types)


def daily(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """``int_security_daily`` of rows of int_prices, in the order given."""
    base = Rendered()
    base.put(int_prices=prices(rows))
    base.run("int_security_daily")
    return base.con.execute("FROM int_security_daily").pl().to_dicts()


def bar(session: int, ticks: int, gap: int | None = 1, **more: Any) -> dict[str, Any]:
    return {"session_no": session, "close_ticks": ticks, "gap_sessions": gap, **more}


def test_moves_returns_and_drawdown() -> None:
    """200 to 99.5 across a 2:1 split is a decline of 0.5 %, not of 50 %; a gap or no volume is untraded, never unchanged."""
    found = daily([
        bar(1, 2_000_000, None),
        bar(2, 1_990_000),
        bar(3, 1_990_000),
        bar(4, 1_990_000, None, is_traded=False),
        bar(5, 3_000_000, 2),
        bar(6, 3_000_001, close_tr=600.0),
    ])  # fmt: skip
    assert [tuple(row[name] for name in SAYS) for row in found] == [
        ("untraded", None, 0.0, None, None),
        ("D", -0.0050000000000000044, -0.0050000000000000044, None, None),
        ("U", 0.0, -0.0050000000000000044, None, None),
        ("untraded", None, None, None, None),
        ("untraded", None, 0.0, None, None),
        ("A", 1.0, 0.0, None, None),
    ]


def test_doubts_take_the_return_and_a_new_era_forgets_the_highest_close() -> None:
    """A payout in doubt and a fund without payouts take the total return, not the move."""
    found = daily([
        bar(1, 2_000_000, None),
        bar(2, 2_010_000, is_payout_aside=True),
        bar(24, 1_000_000, 22, era=1),
        bar(25, 990_000, era=1, has_no_actions=True),
    ])  # fmt: skip
    assert [tuple(row[name] for name in SAYS[:3]) for row in found] == [
        ("untraded", None, 0.0),
        ("A", None, 0.0),
        ("untraded", None, 0.0),
        ("D", None, -0.010000000000000009),
    ]


def test_windows_need_all_their_bars() -> None:
    """Flat at 100 for 252 bars, then 100 again (equal is not above, equal is not a new high), then 101. The average needs
    exactly n closes and the extremes exactly 252 bars before. A hole of six sessions starts the windows anew."""
    flat = [bar(n, 1_010_000 if n == 254 else 1_000_000, 1 if n > 1 else None, low_ticks=1_000_000, close_tr=1.0) for n in range(1, 255)]  # fmt: skip
    later = bar(400, 757_500, 146, close_tr=1.0)
    rising = [
        bar(n, 1_000_000 + n, 1 if n > 1 else None, low_ticks=1_000_000 - n, close_tr=1.0, instrument_id="T")
        for n in range(1, 21)
    ]
    found = daily([*flat, later, *rising])
    for n, row in enumerate(found[:254], 1):
        assert row["move"] == ("untraded" if n == 1 else "A" if n == 254 else "U")
        assert row["return_1d"] == (0.0 if n > 1 else None) and row["drawdown"] == 0.0
        for length in securities.AVERAGES:
            assert row[f"above_sma{length}"] == (n == 254 if n >= length else None), (n, length)
        for name in securities.EXTREMES:
            assert row[name] == ((n == 254 and "high" in name) if n > 252 else None), (n, name)
    assert (found[254]["move"], found[254]["drawdown"], found[254]["return_1d"]) == ("untraded", 0.75 - 1, None)
    assert all(found[254][name] is None for name in securities.FLAGS)
    for n, row in enumerate(found[255:], 1):
        assert row["move"] == ("untraded" if n == 1 else "A") and row["above_sma20"] == (True if n == 20 else None)
        assert row["above_sma50"] is None and row["new_high_52w"] is None and row["drawdown"] == 0.0


def test_every_member_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One advances, one declines, one has no bar that day, one has left, one has no known sector. Two have a size that
    quarter. What each bar did is given here as ``daily`` would say it."""
    two, three = date(2025, 1, 2), date(2025, 1, 3)
    said = [  # instrument, session, move, volume, above its 20-day average, a new high of 52 weeks
        ("A", 2, "A", 900, 1, -1),
        ("B", 2, "D", 100, 0, 1),
        ("D", 1, "untraded", None, -1, -1),
        ("D", 2, "A", 500, -1, -1),
        ("E", 2, "A", 50, 1, -1),
    ]
    known = {1: datetime(2025, 1, 3, 1, tzinfo=UTC), 2: datetime(2025, 1, 4, 1, tzinfo=UTC)}
    flags = {name: np.full(len(said), -1, dtype=np.int8) for name in securities.FLAGS}
    flags["above_sma20"], flags["new_high_52w"] = (np.array([row[k] for row in said], dtype=np.int8) for k in (4, 5))
    moves = np.array([securities.MOVES.index(row[2]) for row in said], dtype=np.int8)
    nothing = np.full(len(said), np.nan)
    monkeypatch.setattr(securities, "daily", lambda *_: securities.Daily(moves, nothing, flags, nothing))
    base = Rendered()
    base.put(
        int_prices=prices([bar(row[1], 1, instrument_id=row[0]) for row in said]).with_columns(
            volume_split=pl.Series([row[3] for row in said]), known_at=pl.Series([known[row[1]] for row in said])
        ),
        int_calendar=pl.DataFrame(
            {"session_date": [two, three], "session_no": [1, 2], "snapshot_at": [known[1], known[2]]}
        ).with_columns(pl.col("session_no").cast(pl.Int32), quarter=pl.lit("2025-Q1")),
        int_membership=spells(
            "universe_id",
            *(("U", "A", two), ("U", "B", two), ("U", "C", two), ("U", "D", two, three), ("U", "E", three)),
        ),
        int_instrument_sectors=spells(
            "sector_id",
            *(("energy", "A", two), ("energy", "B", two, three), ("materials", "B", three), ("energy", "C", two)),
        ),
        int_size_segments=pl.DataFrame(
            [
                *(("U", name, "2025-Q1", "size_large") for name in "AC"),
                *(("U", "B", "2024-Q4", "size_small"), ("V", "B", "2025-Q1", "size_small")),
            ],
            schema=["universe_id", "instrument_id", "quarter", "segment_id"],
            orient="row",
        ),
    )
    base.run("int_breadth_counts")
    columns = ("members", "advancers", "decliners", "up_volume", "down_volume", "with_sma20", "above_sma20", "with_52w", "new_highs_52w")  # fmt: skip
    found = base.rows("int_breadth_counts")
    assert found["known_at"].to_list() == [known[n] for n in found["session_no"].to_list()]
    assert {
        (row["segment_type"], row["segment_id"], row["session_date"]): tuple(row[name] for name in columns)
        for row in found.iter_rows(named=True)
    } == {
        ("sector", "energy", two): (3, 0, 0, 0, 0, 0, 0, 0, 0),
        ("universe", "U", two): (4, 0, 0, 0, 0, 0, 0, 0, 0),
        ("sector", "energy", three): (2, 1, 0, 900, 0, 1, 1, 0, 0),
        ("sector", "materials", three): (1, 0, 1, 0, 100, 1, 0, 1, 1),
        ("universe", "U", three): (4, 2, 1, 950, 100, 3, 2, 1, 1),
        ("size", "size_large", two): (2, 0, 0, 0, 0, 0, 0, 0, 0),
        ("size", "size_large", three): (2, 1, 0, 900, 0, 1, 1, 0, 0),
    }


def test_a_bar_of_no_member_is_counted_nowhere() -> None:
    """Real data found it: the stock stands before a member of a high number, in a chunk of those two alone."""
    days = [date(2025, 1, 2), date(2025, 1, 3)]
    known = [datetime(2025, 1, 3, 1, tzinfo=UTC), datetime(2025, 1, 4, 1, tzinfo=UTC)]
    bars = [bar(n, 10 + n, instrument_id=name) for name in ("G2", "H") for n in (1, 2)]
    base = Rendered()
    base.put(
        int_prices=prices(bars).with_columns(volume_split=pl.lit(5), known_at=pl.Series(known * 2)),
        int_calendar=pl.DataFrame({"session_date": days, "session_no": [1, 2], "snapshot_at": known}).with_columns(
            pl.col("session_no").cast(pl.Int32), quarter=pl.lit("2025-Q1")
        ),
        int_membership=spells("universe_id", *(("U", name, days[0]) for name in "ABCDEFGH")),
        int_instrument_sectors=spells("sector_id"),
        int_size_segments=pl.DataFrame(
            schema=dict.fromkeys(("universe_id", "instrument_id", "quarter", "segment_id"), pl.String)
        ),
    )
    base.run("int_breadth_counts")
    found = base.rows("int_breadth_counts").sort("session_date")
    assert found["members"].to_list() == [8, 8] and found["advancers"].to_list() == [0, 1]


def spells(label: str, *rows: tuple[Any, ...]) -> pl.DataFrame:
    schema = {label: pl.String, "instrument_id": pl.String, "valid_from": pl.Date, "valid_to": pl.Date}
    return pl.DataFrame([(*row, None)[:4] for row in rows], schema=schema, orient="row")


def market(seed: int, instruments: int = 4, sessions: int = 420) -> securities.Bars:
    """Prices with many ties, holes of one to twelve sessions, bars that were not traded, late splits and eras."""
    draw = np.random.default_rng(seed)
    parts = []
    for number in range(instruments):
        session = np.flatnonzero(draw.random(sessions) > 0.01)
        hole = draw.integers(0, sessions)
        session = session[(session < hole) | (session > hole + draw.integers(0, 12))]
        traded = draw.random(session.size) > 0.02
        close = np.maximum(1, 50 + np.cumsum(draw.integers(-1, 2, session.size)))
        gap, last = np.zeros(session.size, dtype=np.int32), None
        for row in np.flatnonzero(traded):
            gap[row] = 0 if last is None or draw.random() < 0.01 else session[row] - last
            last = session[row]
        era = np.cumsum(draw.random(session.size) < 0.004)
        high, low = close + draw.integers(0, 3, session.size), close - draw.integers(0, 3, session.size)
        has_return = draw.random(session.size) > 0.05
        parts.append(
            (np.full(session.size, number), session, traded, era, gap, close, high, low, close / 4, has_return)
        )
    return securities.Bars(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def slowly(bars: securities.Bars) -> list[tuple[Any, ...]]:
    """The same row by row: (move, return, drawdown, flags in order of FLAGS), each from the bars before it."""
    found: list[tuple[Any, ...]] = []
    held: list[int] = []
    run = 0
    for t in range(bars.session.size):
        if not bars.is_traded[t]:
            found.append((0, None, None, *[-1] * len(securities.FLAGS)))
            continue
        same = bool(held) and (bars.instrument[held[-1]], bars.era[held[-1]]) == (bars.instrument[t], bars.era[t])
        held = [*held, t] if same else [t]
        run = run + 1 if same and bars.gap[t] <= 5 else 1
        close = [int(bars.close[k]) for k in held]
        move, returned = 0, None
        if same and bars.gap[t] == 1:
            move = 1 if close[-1] > close[-2] else 2 if close[-1] < close[-2] else 3
            if bars.has_return[t]:
                returned = bars.total_return[t] / bars.total_return[held[-2]] - 1
        flags = [int(n * close[-1] > sum(close[-n:])) if run >= n else -1 for n in securities.AVERAGES]
        for values, is_high in ((bars.high, True), (bars.low, False), (bars.close, True), (bars.close, False)):
            past = [int(values[k]) for k in held[-253:-1]]
            beyond = run > 252 and (values[t] > max(past) if is_high else values[t] < min(past))
            flags.append(int(beyond) if run > 252 else -1)
        found.append((move, returned, close[-1] / max(close) - 1, *flags))
    return found


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_every_row_agrees_with_a_slow_computation(seed: int) -> None:
    bars = market(seed)
    found, expected = securities.daily(bars), slowly(bars)
    columns = [found.move, found.return_1d, found.drawdown, *(found.flags[name] for name in securities.FLAGS)]
    for column, wanted in zip(columns, zip(*expected, strict=True), strict=True):
        np.testing.assert_array_equal(
            column, np.array([np.nan if v is None else v for v in wanted], dtype=column.dtype)
        )


def test_the_market_of_these_tests_shows_every_case() -> None:
    """The agreement would be worth little on paths without a run of 252 bars, a tie, a hole or an era."""
    found = [slowly(market(seed)) for seed in range(6)]
    rows = [row for one in found for row in one]
    for k in range(3, 11):
        assert {row[k] for row in rows} == {-1, 0, 1}, securities.FLAGS[k - 3]
    assert {row[0] for row in rows} == {0, 1, 2, 3}
    assert any(row[0] in (1, 2, 3) and row[1] is None for row in rows)


def test_sums_are_exact_however_large_the_prices() -> None:
    """In doubles 20 times 2**60 + 1 would equal the sum of twenty closes of which one is a tick lower."""
    close = np.full(20, 2**58 + 1)
    close[3] -= 1
    size = close.size
    one, yes = np.ones(size, dtype=np.int64), np.ones(size, dtype=np.bool_)
    bars = securities.Bars(one, np.arange(size), yes, one, one, close, close, close, close * 1.0, yes)
    assert securities.daily(bars).flags["above_sma20"][-1] == 1


@pytest.mark.parametrize(
    ("instrument", "session", "era", "message"),
    [
        ([0, 0], [2, 1], [0, 0], r"row 1 .* \(0, 1, 0\) comes after \(0, 2, 0\)"),
        ([0, 0], [1, 1], [0, 0], "each session once"),
        ([1, 0], [1, 2], [0, 0], "expected instruments in order"),
        ([0, 0], [1, 2], [1, 0], "eras that never go back"),
    ],
)
def test_rows_out_of_order_raise(instrument: list[int], session: list[int], era: list[int], message: str) -> None:
    yes, ticks = np.ones(2, dtype=np.bool_), np.ones(2, dtype=np.int64)
    bars = securities.Bars(
        np.array(instrument), np.array(session), yes, np.array(era), ticks, ticks, ticks, ticks, ticks * 1.0, yes
    )
    with pytest.raises(ValueError, match=message):
        securities.daily(bars)


def batches(names: str, length: int) -> list[pa.RecordBatch]:
    table = pa.table({"instrument_id": list(names), "row": range(len(names))})
    return table.to_batches(max_chunksize=length)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(1, 12), st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_chunks_hold_whole_instruments(lengths: list[int], length: int, rows: int) -> None:
    names = "".join(chr(65 + n) * count for n, count in enumerate(lengths))
    found = [chunk.to_pydict() for chunk in securities.chunks(batches(names, length), rows)]
    assert [row for chunk in found for row in chunk["row"]] == list(range(len(names)))
    seen = [set(chunk["instrument_id"]) for chunk in found]
    assert sum(map(len, seen)) == len(set(names)), "an instrument stands in two chunks"
    assert all(len(chunk["row"]) < rows + max(lengths) + length for chunk in found)


@pytest.mark.parametrize("names", ["AABBA", "BBAA", "ABCABC"])
@pytest.mark.parametrize("rows", [1, 3, 100])
def test_instruments_out_of_order_raise(names: str, rows: int) -> None:
    with pytest.raises(ValueError, match="expected each instrument once, in ascending order"):
        list(securities.chunks(batches(names, 2), rows))


def places(seed: int, instruments: int, sessions: int) -> securities.Cells:
    """Two universes; members that come and go; sectors that change; some without a sector or a size."""
    draw = np.random.default_rng(seed)
    members, sectors, sizes = [], [], []
    for number in range(instruments):
        for universe in range(2):
            start, turn, stop = np.sort(draw.integers(0, sessions + 1, 3))
            members += [(universe, number, start, turn), (universe, number, turn, stop)][: draw.integers(0, 3)]
            sizes += [(universe, number, q, draw.integers(0, 3)) for q in range(3) if draw.random() < 0.6]
        turn = draw.integers(0, sessions)
        sectors += [(number, draw.integers(0, 2), turn // 2, sessions), (number, 1, turn, sessions)][
            : draw.integers(0, 3)
        ]
    as_rows = [np.array(rows, dtype=np.int64).reshape(-1, 4) for rows in (members, sectors, sizes)]
    return securities.Cells(*as_rows, np.arange(sessions) * 3 // sessions, (2, 3, 4))


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_counts_agree_with_a_slow_computation_and_parts_add_up(seed: int) -> None:
    instruments, sessions = 6, 300
    bars, cells, draw = (
        market(seed, instruments, sessions),
        places(seed, instruments, sessions),
        np.random.default_rng(seed),
    )
    volume, known = draw.integers(0, 2**59, bars.session.size), draw.integers(0, 9, bars.session.size)

    def tallied(numbers: slice) -> securities.Tally:
        """Some of the instruments, as a machine of its own would count them."""
        rows = (bars.instrument >= numbers.start) & (bars.instrument < numbers.stop)
        part = securities.Bars(*(getattr(bars, name)[rows] for name in securities.Bars.__slots__))
        tally, grid = securities.Tally(cells.shape, sessions), cells.of(numbers.start, numbers.stop)
        tally.add_members(grid)
        for of_universe in grid:
            cell = of_universe[part.instrument - numbers.start, part.session]
            tally.add(cell, part.session, securities.daily(part), volume[rows], known[rows])
        return tally

    found, parts = tallied(slice(0, instruments)), tallied(slice(0, 2))
    parts += tallied(slice(2, instruments))
    expected = counted_slowly(bars, cells, volume.tolist(), known.tolist())
    for name in securities.COUNTS:
        assert found.counts[name].tolist() == expected[name].tolist(), name
        assert found.counts[name].tolist() == parts.counts[name].tolist(), name
    assert found.known.tolist() == parts.known.tolist() == expected["known"].tolist()
    assert found.counts["members"].sum() > 0 or not cells.members.size


def counted_slowly(
    bars: securities.Bars, cells: securities.Cells, volume: list[int], known: list[int]
) -> dict[str, Any]:
    universes, sectors, sizes = cells.shape
    size = (universes * sectors * sizes, cells.quarters.size)
    found = {name: np.zeros(size, dtype=object) for name in securities.COUNTS}
    found["known"] = np.full(size, securities.NOTHING, dtype=object)

    def cell_of(universe: int, number: int, session: int) -> int | None:
        if not any(row[:2] == [universe, number] and row[2] <= session < row[3] for row in cells.members.tolist()):
            return None
        sector = [r[1] for r in cells.sectors.tolist() if r[0] == number and r[2] <= session < r[3]]
        label = [r[3] for r in cells.sizes.tolist() if r[:3] == [universe, number, cells.quarters[session]]]
        return (universe * sectors + (sector[-1] if sector else sectors - 1)) * sizes + (
            label[-1] if label else sizes - 1
        )

    at = {
        (universe, number, session): cell
        for universe in range(universes)
        for number in sorted(set(cells.members[:, 1].tolist()))
        for session in range(cells.quarters.size)
        if (cell := cell_of(universe, number, session)) is not None
    }
    for (_, _, session), cell in at.items():
        found["members"][cell, session] += 1
    for t, row in enumerate(slowly(bars)):
        flags = dict(zip(securities.FLAGS, row[3:], strict=True))
        for universe in range(universes):
            session = int(bars.session[t])
            cell = at.get((universe, int(bars.instrument[t]), session))
            if cell is None:
                continue
            moved = {1: "advancers", 2: "decliners", 3: "unchanged"}.get(row[0])
            if moved:
                found[moved][cell, session] += 1
            if row[0] in (1, 2):
                found["up_volume" if row[0] == 1 else "down_volume"][cell, session] += volume[t]
            for n in securities.AVERAGES:
                found[f"with_sma{n}"][cell, session] += flags[f"above_sma{n}"] >= 0
                found[f"above_sma{n}"][cell, session] += flags[f"above_sma{n}"] == 1
            found["with_52w"][cell, session] += flags["new_high_52w"] >= 0
            for name in securities.EXTREMES:
                found[name.replace("_52w", "s_52w")][cell, session] += flags[name] == 1
            found["known"][cell, session] = max(found["known"][cell, session], known[t])
    return found


def test_a_calendar_with_a_missing_number_is_refused() -> None:
    counted = runpy.run_path(str(MODELS / "intermediate" / "int_breadth_counts.py"))["counted"]
    calendar = pl.DataFrame({"session_no": [1, 3], "session_date": [FIRST, FIRST], "quarter": ["q", "q"]})
    with pytest.raises(ValueError, match="leaves out a session_no"):
        counted(calendar, *[pl.DataFrame()] * 3, None)
