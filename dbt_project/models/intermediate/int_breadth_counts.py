"""Members of each universe, sector and size, counted by what they did that day: long in, long out. The counting is in
updraft_kernels.security_rows.

A member without a bar is a member: it counts as untraded and lowers the coverage. A member of which no sector or size is
known counts in the universe alone. Rows begin with the first bar of a stock.
"""

import datetime
from functools import partial

import numpy as np
import polars as pl

import updraft_engine
from updraft_kernels import recent_bars, securities, security_rows, since

MEMBERS_AT_ONCE = 512
KEY = ["session_date", "universe_id", "segment_type", "segment_id"]
SCHEMA = dict.fromkeys(KEY[1:], pl.String) | {"session_date": pl.Date}
SCHEMA |= dict.fromkeys(securities.COUNTS, pl.Int64) | {"session_no": pl.Int32, "known_at": pl.Datetime("us", "UTC")}


def model(dbt, session):
    dbt.config(materialized="by_session")
    stocks = dbt.ref("int_prices").filter("asset_class = 'stock'")
    recent = recent_bars.needed(dbt.ref("int_prices"), since.first_session(session))
    first = stocks.aggregate("min(session_no)").fetchone()[0]
    begins = first if first is None or recent.first is None else max(first, recent.first)
    calendar = dbt.ref("int_calendar").filter("false" if begins is None else f"session_no >= {begins}").pl()
    members, sectors = dbt.ref("int_membership").pl(), dbt.ref("int_instrument_sectors").pl()
    sizes = dbt.ref("int_size_segments").pl()
    bars = stocks.filter(recent.where)
    bars = bars.select(", ".join([*securities.NEEDED, "volume_split", "epoch_us(known_at) as known_us"]))

    def counted_parts(**told):
        work = partial(security_rows.counts, recent=recent, **told)
        return updraft_engine.over(session, bars, work, securities.TALLIED)

    return counted(calendar, members, sectors, sizes, counted_parts).to_arrow()


def counted(calendar, membership, sectors, sizes, parts):
    """The model on frames of its inputs; `parts` counts the bars, told what `security_rows.counts` must know."""
    calendar = calendar.sort("session_no")
    numbers = calendar["session_no"].to_numpy()
    if np.any(np.diff(numbers) != 1):
        raise ValueError("int_breadth_counts: int_calendar leaves out a session_no; expected each number once")
    known = {
        "universe_id": _vocabulary(membership, "universe_id"),
        "instrument_id": _vocabulary(membership, "instrument_id"),
        "sector_id": _vocabulary(sectors, "sector_id"),
        "segment_id": _vocabulary(sizes, "segment_id"),
        "quarter": _vocabulary(calendar, "quarter"),
    }
    cells = securities.Cells(
        members=_coded(_spells(membership, calendar), known, "universe_id", "instrument_id", "first", "stop"),
        sectors=_coded(_spells(sectors, calendar), known, "instrument_id", "sector_id", "first", "stop"),
        sizes=_coded(sizes, known, "universe_id", "instrument_id", "quarter", "segment_id"),
        quarters=_coded(calendar, known, "quarter").ravel(),
        shape=(len(known["universe_id"]), len(known["sector_id"]) + 1, len(known["segment_id"]) + 1),
    )
    tally = securities.Tally(cells.shape, calendar.height)
    members = {name: number for number, name in enumerate(known["instrument_id"])}
    for start in range(0, len(members), MEMBERS_AT_ONCE):
        tally.add_members(cells.of(start, min(start + MEMBERS_AT_ONCE, len(members))))
    if calendar.height:
        for part in parts(cells=cells, members=members, first_no=int(numbers[0])):
            tally.add_rows(part)
    return _long(tally, cells.shape, known, calendar)


def _vocabulary(frame, column):
    return sorted(frame[column].drop_nulls().unique())


def _spells(frame, calendar):
    """In order of ``valid_from``, with the first session of each spell and the one after its last, counted from 0."""
    days, ordered = calendar["session_date"].to_numpy(), frame.sort("valid_from", maintain_order=True)
    ends = ordered["valid_to"].fill_null(datetime.date.max)
    return ordered.with_columns(
        first=np.searchsorted(days, ordered["valid_from"].to_numpy()), stop=np.searchsorted(days, ends.to_numpy())
    )


def _coded(frame, known, *columns):
    """The columns as numbers, sorted by instrument; rows with a value that is not ``known`` are left out."""
    numbers = frame.select(
        pl.col(name).cast(pl.Enum(known[name]), strict=False).to_physical().cast(pl.Int64) if name in known else name
        for name in columns
    ).drop_nulls()
    if "instrument_id" in columns:
        numbers = numbers.sort("instrument_id", maintain_order=True)
    return numbers.to_numpy()


def _long(tally, shape, known, calendar):
    """The cells summed to universes, sectors and sizes: a row for each session on which one has members."""
    cell = np.arange(np.prod(shape)).reshape(shape)
    parts = []
    for u, universe in enumerate(known["universe_id"]):
        parts += [(universe, "sector", name, cell[u, n].ravel()) for n, name in enumerate(known["sector_id"])]
        parts += [(universe, "size", name, cell[u, :, n].ravel()) for n, name in enumerate(known["segment_id"])]
        parts.append((universe, "universe", universe, cell[u].ravel()))
    frames = []
    for universe, kind, name, cells in parts:
        moment = tally.known[cells].max(axis=0)
        frame = calendar.select(
            pl.lit(universe).alias("universe_id"),
            pl.lit(kind).alias("segment_type"),
            pl.lit(name).alias("segment_id"),
            "session_date",
            *(pl.Series(count, tally.counts[count][cells].sum(axis=0)) for count in securities.COUNTS),
            "session_no",
            known_at=pl.when(pl.Series(moment) == securities.NOTHING)
            .then(pl.col("snapshot_at").dt.convert_time_zone("UTC"))
            .otherwise(pl.Series(moment).cast(pl.Datetime("us", "UTC"))),
        )
        frames.append(frame.filter(pl.col("members") > 0).cast(SCHEMA))
    return pl.concat([pl.DataFrame(schema=SCHEMA), *frames]).sort(KEY)
