"""How much of the move since the trough fell on the days of each kind of event: long in, long out. The arithmetic is in
updraft_kernels.event_days.

A window holds the sessions after its trough whose halves are known; events are those known by its session. Sessions without
halves (no fund, no close before) stand in ``outside``. Windows of sessions that cannot differ are not told again.
"""

import numpy as np
import polars as pl

from updraft_kernels import aftermath, event_days, since

KEY = ["index_id", "episode_id", "window_id", "session_date"]
SCHEMA = dict.fromkeys(KEY[:3], pl.String) | {
    "session_date": pl.Date,
    "component": pl.String,
    "contribution": pl.Float64,
}
SCHEMA |= {
    "n_sessions": pl.Int32,
    "n": pl.Int32,
    "p": pl.Float64,
    "q": pl.Float64,
    "known_at": pl.Datetime("us", "UTC"),
}
TAGS = ["fomc", "cpi", "jobs", "pce", "retail", "claims", "earnings", "geopolitical"]


def model(dbt, session):
    dbt.config(materialized="by_session")
    days = dbt.ref("int_half_days").pl().sort("index_id", "session_no")
    tags = dbt.ref("int_calendar_tags").pl().sort("tag", "session_no", "half")
    windows = dbt.ref("int_attribution_windows").filter("window_id = 'since_trough'")
    windows = since.rows_from(windows, since.first_session(session)).pl()
    rows = {name: [] for name in SCHEMA}
    for (index_id,), one in windows.sort("session_no").group_by(["index_id"], maintain_order=True):
        own = _Days(days.filter(pl.col("index_id") == index_id), tags)
        for window in one.iter_rows(named=True):
            own.add(window, rows)
    return pl.DataFrame(rows, schema=SCHEMA).to_arrow()


class _Days:
    """The half-days of one index, and per tag its half-days with the moment each was known."""

    def __init__(self, days, tags):
        self.number, self.weekday = days["session_no"].to_numpy(), days["weekday"].to_numpy().astype(np.int64)
        self.halves = days.select("overnight", "intraday").to_numpy().reshape(-1)
        self.known = days["known_at"].to_list()
        self.random = event_days.draws()
        placed = tags.join(days.select("session_no").with_row_index("at"), on="session_no")
        half = 2 * pl.col("at").cast(pl.Int64) + (pl.col("half") == "intraday").cast(pl.Int64)
        placed = placed.select("tag", "known_at", row=half).sort("tag", "row")
        self.tagged = {tag: placed.filter(pl.col("tag") == tag) for tag in TAGS}
        self.rows = {tag: found["row"].to_numpy() for tag, found in self.tagged.items()}
        self.seen = {tag: found["known_at"].dt.epoch("us").to_numpy() for tag, found in self.tagged.items()}

    def add(self, window, rows):
        """Append the parts of one window; nothing where the window starts before the first half-day."""
        first, stop = (int(np.searchsorted(self.number, window[name], side="right")) for name in ("start_no", "end_no"))
        if stop == first or self.number[0] > window["start_no"] + 1:
            return
        asked = int(window["known_at"].timestamp() * 1e6)
        found = []
        for tag in TAGS:
            low, high = np.searchsorted(self.rows[tag], [2 * first, 2 * stop])
            known = self.seen[tag][low:high] <= asked
            found.append(self.rows[tag][low:high][known] - 2 * first)
        halves, weekday = self.halves[2 * first : 2 * stop], self.weekday[first:stop]
        told = event_days.shares(halves, weekday, found, self.random)
        moved = float(np.cumsum(halves)[-1])
        parts = {
            "untagged": moved - float(np.cumsum(told.part)[-1]),
            "outside": window["log_return"] - moved,
        }
        n = len(TAGS) + len(parts)
        for name in KEY:
            rows[name].extend([window[name]] * n)
        rows["component"].extend([*TAGS, *parts])
        rows["contribution"].extend([*told.part.tolist(), *parts.values()])
        rows["n_sessions"].extend([stop - first] * n)
        rows["n"].extend([*told.sessions.tolist(), None, None])
        rows["p"].extend([*_or_null(told.p), None, None])
        rows["q"].extend([*_or_null(aftermath.discoveries(told.p)), None, None])
        rows["known_at"].extend([window["known_at"]] * n)


def _or_null(values):
    return [None if np.isnan(value) else value for value in values.tolist()]
