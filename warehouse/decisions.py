"""What a person decided about a home: answers set aside, series to be asked anew, refusals accepted.

Belongs here: the file they stand in, one JSON object per line, only ever appended to. Does not: carrying them out. An
answer set aside is skipped by ``landing`` and ``raw``, a series asked anew has no high-water mark, an accepted refusal
is released by ``gate``; each is told with its reason in ``meta.revisions``.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from warehouse.errors import HomeError
from warehouse.files import atomic_write

Kind = Literal["set_aside", "restored", "ask_anew", "accepted"]
FILE = "decisions.jsonl"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. ``scope`` is a dataset, for ``accepted`` a rule; ``target`` the sha256 of an answer's body, a series,
    or the evidence of the refusal. ``reason`` is published. ``decided_at`` is UTC."""

    kind: Kind
    scope: str
    target: str
    reason: str
    decided_at: datetime
    by: str = ""


def read(home: Path) -> tuple[Decision, ...]:
    """All decisions about the home at this path, oldest first. Raises HomeError for a line that cannot be read."""
    path = home / FILE
    if not path.exists():
        return ()
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            row = json.loads(line)
            found.append(Decision(**row | {"decided_at": datetime.fromisoformat(row["decided_at"])}))
        except (ValueError, LookupError, TypeError) as error:
            raise HomeError(
                f"{path}, line {number} is not a decision ({error}). Correct it or delete the line."
            ) from error
    return tuple(found)


def add(home: Path, kind: Kind, scope: str, target: str, reason: str, at: datetime) -> Decision:
    """Write one more decision, durably; ``at`` is the home's clock. Raises HomeError without a reason."""
    if not reason.strip():
        raise HomeError("a decision needs a reason: it is published beside what it changes. Add --reason '…'")
    decision = Decision(kind, scope, target, " ".join(reason.split()), at, getpass.getuser())
    lines = [json.dumps(asdict(one), default=lambda moment: moment.isoformat()) for one in (*read(home), decision)]
    atomic_write(home / FILE, ("\n".join(lines) + "\n").encode())
    return decision


def aside(decisions: Iterable[Decision], dataset: str) -> dict[str, Decision]:
    """By sha256: the answers of a dataset that are set aside now (a later ``restored`` takes it back)."""
    found: dict[str, Decision] = {}
    for one in decisions:
        if one.scope == dataset and one.kind == "set_aside":
            found[one.target] = one
        elif one.scope == dataset and one.kind == "restored":
            found.pop(one.target, None)
    return found


def asked_anew(decisions: Iterable[Decision], dataset: str) -> dict[str, datetime]:
    """By series: when it was decided to ask for all of it once more."""
    return {one.target: one.decided_at for one in decisions if one.scope == dataset and one.kind == "ask_anew"}


def accepted(decisions: Iterable[Decision]) -> dict[tuple[str, str], Decision]:
    """By (rule, evidence): the refusals that a person released."""
    return {(one.scope, one.target): one for one in decisions if one.kind == "accepted"}
