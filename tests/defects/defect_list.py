"""Reading ``catalogue.yml``. Belongs here: its form. Does not: running anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

KEY = "abcdefghijklmnopqrstuvwxyz123456"  # what the sample takes for a key
NETS = ("ask", "load", "gate", "flag")
# the evenings (20:00 New York) of the sample's last session but one and of its last
BEFORE, AFTER = "2026-01-15T01:00:00+00:00", "2026-01-16T01:00:00+00:00"
CATALOGUE = Path(__file__).with_name("catalogue.yml")


@dataclass(frozen=True)
class Defect:
    """One defect: ``net`` that catches it, ``what`` it is, the ``fault`` that makes it, the ``rules`` that must catch it."""

    name: str
    net: str
    what: str
    fault: str
    rules: tuple[str, ...]
    dataset: str = ""
    run: str = ""


def defects(net: str | None = None) -> list[Defect]:
    """The catalogue, in its order. Raises ValueError for an unknown net, a repeated name or a defect without rules."""
    found = []
    for entry in yaml.safe_load(CATALOGUE.read_text()):
        defect = Defect(**{**entry, "rules": tuple(entry["rules"])})
        if defect.net not in NETS or not defect.rules or not defect.what:
            raise ValueError(f"{CATALOGUE.name}: {defect.name}: net must be one of {NETS}, rules and what not empty")
        if (defect.net in ("gate", "flag")) != bool(defect.run) or (defect.net in ("ask", "load")) != bool(
            defect.dataset
        ):
            raise ValueError(f"{CATALOGUE.name}: {defect.name}: gate and flag need a run, the other nets a dataset")
        found.append(defect)
    names = [defect.name for defect in found]
    if len(set(names)) != len(names):
        raise ValueError(f"{CATALOGUE.name}: names repeat")
    return [defect for defect in found if net in (None, defect.net)]
