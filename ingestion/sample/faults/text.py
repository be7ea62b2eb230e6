"""How a fault is written: ``kind@substring[;name=value…]``, several joined by ``|``.

Belongs here: the record and its reading. Does not: kinds or effects (``kinds``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One fault: what, on which URLs, with which parameters (all text, as in the environment variable)."""

    kind: str
    where: str
    options: Mapping[str, str] = field(default_factory=dict)

    def matches(self, url: str) -> bool:
        """Whether the fault acts on a decoded ``host/path?query``."""
        return self.where in url

    def number(self, name: str, default: float) -> float:
        """A numeric parameter."""
        return float(self.options.get(name, default))


def read(text: str, kinds: Collection[str]) -> Fault:
    """One fault. Raises ValueError that names the kinds and the form."""
    head, *rest = text.split(";")
    kind, at, where = head.partition("@")
    pairs = [part.partition("=") for part in rest]
    if kind not in kinds or not at or not where or not all(name and sign for name, sign, _ in pairs):
        raise ValueError(
            f"a sample fault is written kind@substring[;name=value], several joined by |, kind one of "
            f"{', '.join(sorted(kinds))}; got {text!r}"
        )
    return Fault(kind, where, {name: value for name, _, value in pairs})
