"""The answer of a generation: what moved, what the evidence says, what is missing. One plain structure.

Belongs here: the sentences, and putting figures, drivers and gaps together. Does not: layout (``page``), opening files.
Every figure comes with the mart it stands in; nothing is computed here that a mart does not hold. Cause and chances are the
conclusion's (``conclusion``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb

from warehouse.report.conclusion import Conclusion, conclusion_of
from warehouse.report.drivers import Driver, drivers
from warehouse.report.figures import Figure, figures, shared
from warehouse.report.query import Row, one, rows
from warehouse.report.standing import Standing, standing
from warehouse.report.wording import counted, day, number

QUESTION = "Why are stocks going back up, and will it last?"
AGREEMENT = "Agreement is not cause: what points the same way as prices need not have moved them."

ROLES = ("driver", "confirmation")
_WAYS = (("bullish", "up"), ("bearish", "down"), ("neutral", "neutral"))
_POINTS = (
    ("bullish", "points up", "point up"),
    ("bearish", "points down", "point down"),
    ("neutral", "is neutral", "are neutral"),
)


@dataclass(frozen=True)
class Gap:
    """Something that is missing, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Answer:
    """What Updraft says about one session.

    ``conclusion`` is the answer itself; ``evidence`` says in whole sentences which way drivers and confirmations point,
    ``in_short`` the same on a line each. ``shared`` says what all figures of a group have in common.
    """

    session_date: date
    as_of: str
    generation: str
    vendors: str
    world: str
    is_sample: bool
    headline: str
    conclusion: Conclusion
    evidence: str
    figures: tuple[Figure, ...]
    drivers: tuple[Driver, ...]
    missing: tuple[Gap, ...]
    in_short: tuple[tuple[str, str], ...] = ()
    shared: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = field(default=())
    no_key: tuple[str, ...] = ()  # inputs not asked because their key is not set; nothing depends on them alone


def answer_of(con: duckdb.DuckDBPyConnection) -> Answer:
    """The answer of the generation that ``con`` reads. Raises ReportError when it holds no session of an index."""
    receipt = one(con, "SELECT * FROM meta.receipt")
    now = standing(con)
    scored, shown = drivers(con, now.session), figures(con, now)
    warned = rows(
        con,
        "SELECT rule_id, outcome, observed, error FROM meta.verdicts"
        " WHERE outcome = 'accepted' OR (outcome = 'failed' AND severity = 'warning') ORDER BY rule_id",
    )
    return Answer(
        session_date=now.session,
        as_of=str(receipt["as_of"]),
        generation=receipt["generation"],
        vendors=receipt["vendors"],
        world=receipt["world"],
        is_sample=receipt["world"] == "sample",
        headline=headline(now),
        conclusion=conclusion_of(con, now.session),
        evidence=" ".join((*evidence(scored), AGREEMENT)),
        figures=shown,
        drivers=scored,
        missing=(
            *(Gap(d.name, d.why) for d in scored if d.score is None),
            *(Gap(r.label, r.said) for d in scored if d.score is not None for r in d.readings if r.value is None),
            *_sources(con, now.session),
        ),
        in_short=in_short(scored),
        shared=shared(con, now, shown),
        warnings=tuple(
            row["rule_id"] + (f": {row['error']}" if row["outcome"] == "accepted" else _seen(row["observed"]))
            for row in warned
        ),
        no_key=tuple(
            row["dataset"]
            for row in rows(
                con,
                "SELECT dataset FROM marts.source_health WHERE session_date = ? AND state = 'no_key' ORDER BY dataset",
                now.session,
            )
        ),
    )


def headline(now: Standing) -> str:
    """What the index did: one or two sentences, every number a cell of a mart."""
    said = f"{now.index['name']} closed at {number(now.bar['close'])} on {day(now.session)}"
    below = -now.rally["drawdown"]
    stands = f"{below:.1f}% below its highest close" if round(below, 1) else "at its highest close"
    episode = now.episode
    if now.is_rally:
        rise = (
            f"{said}, up {now.rally['gain']:.1f}% in the {now.rally['age_sessions']} sessions since its low of"
            f" {day(episode['trough_date'])} ({number(episode['trough_level'])}),"
            f" which ended a fall of {-episode['depth']:.1f}%."
        )
        if episode["recovered_date"]:
            return f"{rise} It was back at its old peak on {day(episode['recovered_date'])} and now stands {stands}."
        return f"{rise} It has won back {now.rally['retraced']:.0f}% of that fall."
    if now.rally["state"] == "DOWN":
        last = f" The last rally ended on {day(episode['end_confirmed_date'])}." if _ended(episode) else ""
        return f"{said}, {stands}: no rally is under way.{last}"
    return f"{said}, {stands}: there has been no fall to recover from ({now.rule_words})."


def _ended(episode: Row) -> bool:
    return bool(episode and episode["end_confirmed_date"])


def evidence(found: Sequence[Driver]) -> list[str]:
    """Which way the scored drivers point and how many abstain; then the same for the confirmations."""
    return [
        _pointing([d for d in found if d.role == role], role) for role in ROLES if any(d.role == role for d in found)
    ]


def _pointing(found: Sequence[Driver], noun: str) -> str:
    spoken = [d for d in found if d.score is not None]
    if not spoken:
        return f"None of the {counted(len(found), noun)} can be scored."
    parts = []
    for direction, one_does, many_do in _POINTS:
        names = [d.name for d in spoken if d.direction == direction]
        if names:
            parts.append(f"{len(names)} {one_does if len(names) == 1 else many_do} ({', '.join(names)})")
        elif direction != "neutral":
            parts.append(f"none {one_does}")
    quiet = len(found) - len(spoken)
    tail = f"; {quiet} abstain{'s' * (quiet == 1)}" if quiet else ""
    return f"Of {counted(len(found), noun)}, {len(spoken)} can be scored: {', '.join(parts)}{tail}."


def in_short(found: Sequence[Driver]) -> tuple[tuple[str, str], ...]:
    """(what, in one line): drivers, confirmations."""

    def tally(role: str) -> str:
        mine = [d for d in found if d.role == role]
        ways = [(word, sum(d.score is not None and d.direction == way for d in mine)) for way, word in _WAYS]
        silent = sum(d.score is None for d in mine)
        return ", ".join(f"{n} {word}" for word, n in ways) + f", {silent} not scored"

    return (
        ("Drivers", tally("driver")),
        ("Confirmations", tally("confirmation")),
    )


def _sources(con: duckdb.DuckDBPyConnection, session: date) -> list[Gap]:
    """Every input that is not in order at ``session``, in words."""
    found = []
    for h in rows(
        con,
        "SELECT * FROM marts.source_health WHERE session_date = ? AND state NOT IN ('ok', 'no_key') ORDER BY dataset",
        session,
    ):
        said = {
            "not_held": "not held",
            "no_contact": "not asked: the SEC wants a contact (set UPDRAFT_CONTACT, full tier)",
            "stale": f"stale, newest observation {h['last_observation']}",
        }.get(
            h["state"], f"{h['state']}, {h['missing'] or 0} unknown to the vendor and {h['failed'] or 0} failed of"
            f" {h['requested'] or 0} asked",
        )  # fmt: skip
        found.append(Gap(h["dataset"], said))
    return found


def _seen(observed: str) -> str:
    """What a warning is about, where the rule's evidence names it: days, series. Counts say nothing by themselves."""
    try:
        named = json.loads(observed or "{}").get("partial_unexpected_list") or []
    except json.JSONDecodeError:  # evidence in words of its own: the page shows it whole
        return ""
    return f": {', '.join(named)}" if named and all(isinstance(one, str) for one in named) else ""
