"""Where the headline index stands: the newest session, its bar, the rally machine, the rally to look at.

Belongs here: choosing the session and the episode everything else on the page speaks of. Does not: figures, sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from warehouse.report.query import Row, one
from warehouse.report.wording import rally_rule


class ReportError(Exception):
    """A generation cannot be described. Says which table holds nothing."""


@dataclass(frozen=True)
class Standing:
    """One session of the headline index. ``episode`` is the open rally, else the last one, else empty."""

    index: Row
    session: date
    bar: Row
    rally: Row
    episode: Row

    @property
    def index_id(self) -> str:
        """Instrument of the headline index."""
        return str(self.index["instrument_id"])

    @property
    def rule(self) -> str:
        """The canonical rally rule, ``fall_rise_fade`` in percent."""
        return str(self.rally["rule"])

    @property
    def rule_words(self) -> str:
        """The same in words."""
        return rally_rule(self.rule)

    @property
    def is_rally(self) -> bool:
        """A rally is open at the session."""
        return bool(self.rally["state"] == "RALLY" and self.episode)


def standing(con: duckdb.DuckDBPyConnection) -> Standing:
    """The newest session of the headline index under the canonical rule. Raises ReportError if there is none."""
    index = one(con, "SELECT * FROM marts.dim_instrument WHERE role = 'headline' ORDER BY instrument_id LIMIT 1")
    if not index:
        raise ReportError("marts.dim_instrument has no row with role 'headline': there is no index to speak of")
    index_id = index["instrument_id"]
    its_rallies = "FROM marts.rally_daily WHERE index_id = $1 AND is_default"
    rally = one(  # the newest by its date: to sort the whole rows takes a hundred times as long
        con, f"SELECT * {its_rallies} AND session_date = (SELECT max(session_date) {its_rallies})", index_id
    )
    if not rally:
        raise ReportError(f"marts.rally_daily has no session of {index_id} under the default rule")
    session = rally["session_date"]
    bar = one(con, "SELECT * FROM marts.market_daily WHERE instrument_id = ? AND session_date = ?", index_id, session)
    if not bar or bar["close"] is None:
        raise ReportError(f"marts.market_daily has no close of {index_id} on {session}, which marts.rally_daily has")
    episode = one(
        con,
        "SELECT * FROM marts.rally_episodes WHERE index_id = ? AND rule = ? AND (episode_id = ? OR ? IS NULL)"
        " ORDER BY episode_no DESC LIMIT 1",
        index_id, rally["rule"], rally["episode_id"], rally["episode_id"],
    )  # fmt: skip
    if rally["episode_id"] is not None and not episode:
        raise ReportError(f"marts.rally_episodes lacks {rally['episode_id']}, the open rally of marts.rally_daily")
    return Standing(index, session, bar, rally, episode)
