"""The conclusion of one session: what the index did, which shocks are named, who carried it, on which days, and whether it lasts.

Belongs here: reading the marts of the answer for any session held, and the sentence at its head. Does not: layout of a terminal
or a page, figures of other marts (``figures``). Every number is a cell; ``evidence`` names the rows it stands in.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from warehouse.report.query import Row, one, rows
from warehouse.report.standing import ReportError
from warehouse.report.wording import NONE, day, number, quantity, reason, signed

CRITERIA = (
    ("breadth", "Breadth"),
    ("macro", "Macro"),
    ("earnings", "Earnings"),
    ("policy", "Policy"),
    ("flows", "Flows"),
)
VERDICTS = {
    "sustainable": "sustainable",
    "unproven": "unproven",
    "transient": "transient",
    "transient_mechanical": "transient and mechanical",
    "abstains": "abstains",
}
LAMPS = (("lit", "holds"), ("half", "in part"), ("out", "fails"), ("dark", "not told"))
_OPS = {">=": "≥", "<=": "≤"}
LIT, HALF = 2 / 3, 0.35  # scores from which a lamp is lit, and half lit


@dataclass(frozen=True)
class Part:
    """One part of the move: of a shock with its band, else without."""

    component: str
    name: str
    points: float
    low: float | None = None
    high: float | None = None
    is_named: bool = False
    words: str = ""


@dataclass(frozen=True)
class Lamp:
    """One criterion: its score from 0 to 1, or why it has none."""

    criterion: str
    name: str
    score: float | None
    why: str

    @property
    def state(self) -> str:
        """``lit``, ``half``, ``out`` or ``dark``."""
        if self.score is None:
            return "dark"
        return "lit" if self.score >= LIT else "half" if self.score >= HALF else "out"


@dataclass(frozen=True)
class Check:
    """One sub-test of the checklist; ``distance`` beyond the threshold, in ``unit`` (below 0: it fails)."""

    test_id: str
    criterion: str
    label: str
    measure: str
    value: float | None
    op: str
    threshold: float
    unit: str
    is_passed: bool | None
    distance: float | None
    status: str

    @property
    def needs(self) -> str:
        """What the value has to be: ``≥ 60%``, ``yes``."""
        if self.unit == "flag":
            return "yes" if self.op in (">=", ">") else "no"
        return f"{_OPS.get(self.op, self.op)} {quantity(self.threshold, self.unit)}"


@dataclass(frozen=True)
class Chances:
    """What became of past rallies at this age, of ``n``; the chances the headline kind gives."""

    n: int
    sustained: int
    trough_holds: int
    higher: int
    p_sustained: float
    p_trough_holds: float
    p_higher: float
    kind: str
    e_value: float | None
    brier: float | None


@dataclass(frozen=True)
class Conclusion:
    """The answer of one session. ``gain`` is in percent; parts in points of 100 x log return (``move``), carriers in percent."""

    session: date
    index_id: str
    index_name: str
    close: float | None
    state: str
    sentence: str
    low_date: date | None
    age: int | None
    gain: float | None
    move: float | None
    status_cause: str
    shocks: tuple[Part, ...]
    rest: tuple[Part, ...]
    carriers: tuple[Part, ...]
    sectors: tuple[Part, ...]
    events: tuple[Part, ...]
    untagged: float | None
    account: tuple[Part, ...]
    verdict: str | None
    status_verdict: str
    tests_told: int | None
    tests_passed: int | None
    tests: int | None
    lamps: tuple[Lamp, ...]
    chances: Chances | None
    status_chances: str
    checks: tuple[Check, ...]
    missing: str | None
    evidence: tuple[str, ...]

    @property
    def named(self) -> tuple[Part, ...]:
        """The shocks named, largest first."""
        return tuple(part for part in self.shocks if part.is_named)

    @property
    def flips(self) -> tuple[Check, ...]:
        """Tests nearest to the other answer: first those of which the least share of the threshold (or 1) is missing."""
        told = [
            test
            for test in self.checks
            if test.distance is not None and test.unit != "flag" and test.criterion != "mechanical"
        ]
        return tuple(
            sorted(told, key=lambda test: (abs(test.distance or 0) / max(abs(test.threshold), 1.0), test.test_id))
        )


def conclusion_of(con: duckdb.DuckDBPyConnection, as_of: date | None = None) -> Conclusion:
    """The conclusion of the newest session, or of the last one not after ``as_of``. Raises ReportError without one."""
    said = one(
        con,
        "SELECT a.*, i.name, m.close FROM marts.answer_daily a JOIN marts.dim_instrument i ON i.instrument_id = a.index_id"
        " LEFT JOIN marts.market_daily m ON m.instrument_id = a.index_id AND m.session_date = a.session_date"
        " WHERE a.session_date <= coalesce(?, a.session_date) ORDER BY a.session_date DESC, a.index_id LIMIT 1",
        as_of,
    )
    if not said:
        first = one(con, "SELECT min(session_date) AS day FROM marts.answer_daily")["day"]
        raise ReportError(
            f"marts.answer_daily has no session up to {as_of}; the first is {first}"
            if first
            else "marts.answer_daily is empty"
        )
    key = (said["index_id"], said["session_date"])
    parts = _parts(con, *key)
    shocks = tuple(p for p in parts["shocks"] if p.low is not None)
    chances, durable = _durability(con, *key)
    return Conclusion(
        session=said["session_date"],
        index_id=said["index_id"],
        index_name=said["name"],
        close=said["close"],
        state=said["state"],
        sentence=sentence(said, shocks, chances),
        low_date=said["window_start"],
        age=said["age_sessions"],
        gain=said["move_since_trough"],
        move=said["move_pp"],
        status_cause=said["status_cause"],
        shocks=shocks,
        rest=tuple(p for p in parts["shocks"] if p.low is None),
        carriers=_carriers(con, *key),
        sectors=tuple(parts["constituents"]),
        events=tuple(p for p in parts["calendar"] if p.component not in ("untagged", "outside")),
        untagged=next((p.points for p in parts["calendar"] if p.component == "untagged"), None),
        account=tuple(parts["accounting"]),
        verdict=said["verdict"],
        status_verdict=said["status_verdict"],
        tests_told=durable.get("n_tests_told"),
        tests_passed=durable.get("n_tests_passed"),
        tests=durable.get("n_tests"),
        lamps=tuple(
            Lamp(id_, name, durable.get(f"score_{id_}"), reason(durable.get(f"status_{id_}", "NOT_AVAILABLE")))
            for id_, name in CRITERIA
        ),
        chances=chances,
        status_chances=said["status_probability"],
        checks=_checks(con, *key),
        missing=said["missing"],
        evidence=_evidence(said),
    )  # fmt: skip


def _parts(con: duckdb.DuckDBPyConnection, index_id: str, session: date) -> dict[str, list[Part]]:
    """Parts of the move since the low that are told, by layer, largest first."""
    found: dict[str, list[Part]] = {
        layer: [] for layer in ("shocks", "constituents", "calendar", "accounting", "co_movement")
    }
    for row in rows(
        con,
        "SELECT a.* FROM marts.rally_attribution a WHERE a.index_id = ? AND a.session_date = ? AND a.window_id = 'since_trough'"
        " AND a.status = 'OK' AND a.status_part = 'OK' ORDER BY abs(a.contribution_pp) DESC, a.component",
        index_id, session,
    ):  # fmt: skip
        found[row["layer"]].append(
            Part(row["component"], row["component_name"], row["contribution_pp"], row["p05"], row["p95"], row["is_named"],
                 row["words"] or "")
        )  # fmt: skip
    return found


def _carriers(con: duckdb.DuckDBPyConnection, index_id: str, session: date) -> tuple[Part, ...]:
    """The five stocks that added most since the low."""
    return tuple(
        Part(row["instrument_id"], row["name"], row["contribution_pp"])
        for row in rows(
            con,
            "SELECT c.instrument_id, i.name, c.contribution_pp FROM marts.contributions c JOIN marts.dim_instrument i USING (instrument_id)"
            " WHERE c.index_id = ? AND c.session_date = ? AND c.window_id = 'since_trough'"
            " ORDER BY c.contribution_pp DESC, c.instrument_id LIMIT 5",
            index_id, session,
        )
    )  # fmt: skip


def _durability(con: duckdb.DuckDBPyConnection, index_id: str, session: date) -> tuple[Chances | None, Row]:
    row = one(con, "SELECT * FROM marts.durability WHERE index_id = ? AND session_date = ?", index_id, session)
    if not row or row["status_probability"] != "OK":
        return None, row
    brier = {"age_matched": "brier_age_matched", "barrier": "brier_barrier", "model": "brier_model"}[
        row["probability_kind"]
    ]
    return Chances(
        row["n_known"], row["k_sustained"], row["k_trough_holds"], row["k_higher"],
        row["p_sustained"], row["p_trough_holds"], row["p_higher"], row["probability_kind"], row["e_value"], row[brier],
    ), row  # fmt: skip


def _checks(con: duckdb.DuckDBPyConnection, index_id: str, session: date) -> tuple[Check, ...]:
    names = (
        "test_id",
        "criterion",
        "label",
        "measure",
        "value",
        "op",
        "threshold",
        "unit",
        "is_passed",
        "distance",
        "status",
    )
    return tuple(
        Check(**{name: row[name] for name in names})
        for row in rows(
            con,
            "SELECT * FROM marts.durability_tests WHERE index_id = ? AND session_date = ? ORDER BY criterion, test_id",
            index_id, session,
        )
    )  # fmt: skip


def _evidence(said: Row) -> tuple[str, ...]:
    """Where the numbers stand: ``mart?column=value``, what ``updraft trace`` and a SQL reader ask for."""
    place = f"index_id={said['index_id']}&session_date={said['session_date']}"
    episode = f"&episode_id={said['episode_id']}&window_id=since_trough" if said["episode_id"] else ""
    found = [f"answer_daily?{place}", f"durability?{place}", f"durability_tests?{place}"]
    return (*found, f"rally_attribution?{place}{episode}") if episode else tuple(found)


def sentence(said: Row, shocks: tuple[Part, ...], chances: Chances | None) -> str:
    """The answer in two or three sentences."""
    name, on = said["name"], day(said["session_date"])
    if said["state"] != "RALLY":
        return f"{on}: {said['headline']}"
    rise = (
        f"{name} rose {number(said['move_since_trough'], 1)}% in the {said['age_sessions']} sessions from its low of"
        f" {day(said['window_start'])} to {on}."
    )
    return f"{rise} {_cause(said, shocks)} {_lasting(said, chances)}"


def _cause(said: Row, shocks: tuple[Part, ...]) -> str:
    if said["status_cause"] != "OK":
        return f"Why is not told: {reason(said['status_cause'])}."
    named = [part for part in shocks if part.is_named]
    if not named and (unseen := _unseen(said, shocks)):
        return unseen
    if not named:
        return "Why is not identified: no kind of news keeps its sign, makes a fifth of the move and shows in yields."
    helped = [p for p in named if (p.points > 0) == (said["move_pp"] > 0)]
    against = [p for p in named if p not in helped]
    move = signed(said["move_pp"], 1)
    told = (
        f"{_listed([_said(p) for p in helped])}, of {move} points"
        if helped
        else f"nothing named helped it, of {move} points"
    )
    return f"Why: {told}{'; against it ' + _listed([_said(p) for p in against]) if against else ''}."


def _unseen(said: Row, shocks: tuple[Part, ...]) -> str:
    """What is known where premia carry the move and yields stood still: their two kinds move yields against each other, so that
    any rise without news looks like both. Empty where that is not so.
    """
    points = {part.component: part.points for part in shocks}
    premia = points.get("hedging", 0.0) + points.get("common", 0.0)
    if points.get("hedging", 0.0) * points.get("common", 0.0) <= 0 or premia / said["move_pp"] < 0.5:
        return ""
    news = points.get("growth", 0.0) + points.get("monetary", 0.0)
    return (
        f"Why is not identified: news of growth and policy make about {signed(news, 1)} of {signed(said['move_pp'], 1)} points; about"
        f" {signed(premia, 1)} left no net trace in yields, as a lower risk premium would, or a rise without news."
    )


def _said(part: Part) -> str:
    return f"{part.words or part.name} ({signed(part.points, 1)})"


def _listed(said: list[str]) -> str:
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _lasting(said: Row, chances: Chances | None) -> str:
    if chances is None:
        return f"Whether it lasts is not told: {reason(said['status_probability'])}."
    of = f"Of {chances.n} past rallies at this age {chances.sustained} were sustained"
    if said["verdict"] is None:
        return f"{of}."
    if said["verdict"] == "abstains":
        return f"{of}; the checklist abstains."
    return f"{of}; the checklist says {VERDICTS[said['verdict']]}."


def in_hundred(p: float) -> str:
    """A chance as a natural frequency: ``46 in 100``."""
    return f"{round(100 * p)} in 100"


def of_hundred(k: int, n: int) -> str:
    """``k`` of ``n`` as a count of a hundred: ``46``; an en dash where there is none."""
    return f"{100 * k / n:.0f}" if n else NONE


def band(part: Part) -> str:
    """``+4.7 … +11.3``."""
    return "" if part.low is None or part.high is None else f"{signed(part.low, 1)} … {signed(part.high, 1)}"


def to_markdown(found: Conclusion, receipt: Row) -> str:
    """A quotable answer with its citation."""
    lines = [f"> {found.sentence}", ""]
    if found.shocks and found.move is not None:
        lines += ["| part of the move | points | 5th to 95th percentile | named |", "|---|---|---|---|"]
        lines += [
            f"| {p.name} | {signed(p.points, 1)} | {band(p)} | {'yes' if p.is_named else 'no'} |" for p in found.shocks
        ]
        lines += [f"| {p.name} | {signed(p.points, 1)} | | |" for p in found.rest]
        lines += [f"| **sum** | **{signed(found.move, 1)}** | | |", ""]
    if found.chances:
        c = found.chances
        lines += [
            f"Of {c.n} past rallies at this age: the low held in {c.trough_holds}, higher after 126 sessions {c.higher}, sustained"
            f" {c.sustained}. Chance of being sustained {in_hundred(c.p_sustained)} ({c.kind.replace('_', ' ')}).",
            "",
        ]
    sample = " SAMPLE DATA: an invented market." if receipt["world"] == "sample" else ""
    lines.append(
        f"Updraft, generation {receipt['generation']}, session of {day(found.session)}, as known at 20:00 New York."
        f"{sample} Points are 100 x log return; bands are what the signs of yields and stocks leave open, not sampling error."
    )
    return "\n".join(lines) + "\n"


def as_json(found: Conclusion) -> dict[str, Any]:
    """Plain values with evidence ids, for ``updraft why --json``."""
    return asdict(found) | {"named": [p.component for p in found.named], "flips": [t.test_id for t in found.flips[:3]]}
