"""The settings of a run, from the environment or the command line: vendors, tier, clocks, home.

Belongs here: defaults and the two clocks. Does not: doing anything with them.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from ingestion.calendar import last_snapshot, snapshot_at
from ingestion.source import Tier
from ingestion.transport import Vendors
from warehouse.home import REPO, Home

DBT_PROJECT = REPO / "dbt_project"


class SettingsError(Exception):
    """A setting cannot be used. Names it, its value and what is allowed."""


@dataclass(frozen=True)
class Settings:
    """All that a run may be told. ``as_of`` and ``clock`` are UTC moments or None for the defaults of design §3."""

    vendors: Vendors
    tier: Tier = "full"
    as_of: datetime | None = None
    clock: datetime | None = None
    publish_to: Path | None = None
    rebuild: bool = False

    @classmethod
    def from_env(cls) -> Settings:
        """UPDRAFT_VENDORS, UPDRAFT_TIER, UPDRAFT_AS_OF, UPDRAFT_CLOCK, UPDRAFT_PUBLISH_TO, UPDRAFT_REBUILD. Raises SettingsError."""
        tier = os.environ.get("UPDRAFT_TIER", "full")
        if tier not in ("core", "full"):
            raise SettingsError(f"UPDRAFT_TIER must be 'core' or 'full', not {tier!r}")
        try:
            vendors = Vendors.from_text(os.environ.get("UPDRAFT_VENDORS", "sample"))
        except ValueError as error:
            raise SettingsError(f"UPDRAFT_VENDORS: {error}") from None
        to = os.environ.get("UPDRAFT_PUBLISH_TO")
        settings = cls(
            vendors,
            "core" if tier == "core" else "full",
            moment("UPDRAFT_AS_OF", os.environ.get("UPDRAFT_AS_OF", "")),
            moment("UPDRAFT_CLOCK", os.environ.get("UPDRAFT_CLOCK", "")),
            Path(to) if to else None,
            bool(os.environ.get("UPDRAFT_REBUILD")),
        )
        if settings.clock and vendors.mode == "live":
            raise SettingsError("a clock cannot be set for live vendors: they are always asked at the wall clock")
        return settings

    def within_the_world(self) -> None:
        """Raises SettingsError where the sample vendors are to be asked about sessions after their world's last."""
        if self.vendors.mode != "sample":
            return
        from ingestion.sample.world.clock import LAST, SAMPLE_NOW

        asked = max(self.now(), self.as_of_moment())
        if last_snapshot(asked) > SAMPLE_NOW:
            raise SettingsError(
                f"the sample world ends with session {LAST}: it knows nothing of {asked:%Y-%m-%d %H:%M} UTC. "
                f"Leave --clock and --as-of out, or give a moment up to {SAMPLE_NOW:%Y-%m-%d %H:%M} UTC"
            )

    def to_env(self) -> dict[str, str]:
        """The environment that gives these settings back; empty text clears a variable."""
        return {
            "UPDRAFT_VENDORS": str(self.vendors),
            "UPDRAFT_TIER": self.tier,
            "UPDRAFT_AS_OF": self.as_of.isoformat() if self.as_of else "",
            "UPDRAFT_CLOCK": self.clock.isoformat() if self.clock else "",
            "UPDRAFT_PUBLISH_TO": str(self.publish_to) if self.publish_to else "",
            "UPDRAFT_REBUILD": "1" if self.rebuild else "",
        }

    @property
    def home(self) -> Home:
        """The home of this vendors mode."""
        return Home.default(self.vendors.slug)

    def now(self) -> datetime:
        """The clock that stamps answers: the wall for live vendors; else ``clock``, else the world's own, else the wall."""
        if self.vendors.mode == "live":
            return datetime.now(UTC)
        if self.clock:
            return self.clock
        if self.vendors.mode == "sample":
            from ingestion.sample.world.clock import SAMPLE_NOW

            return SAMPLE_NOW
        return self.as_of or datetime.now(UTC)

    def as_of_moment(self) -> datetime:
        """What compute may know: ``as_of`` if given, else the last session snapshot that has passed on the clock."""
        return self.as_of or last_snapshot(self.now())


def moment(name: str, text: str) -> datetime | None:
    """``2026-01-15`` (its 20:00 New York) or an ISO time with offset, as UTC; None for empty. Raises SettingsError."""
    if not text:
        return None
    try:
        if len(text) == 10:
            return snapshot_at(date.fromisoformat(text))
        value = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{name} must be a date (2026-01-15) or an ISO time with offset, not {text!r}") from None
    if value.tzinfo is None:
        raise SettingsError(f"{name}: {text!r} has no offset; write 2026-01-16T01:00:00+00:00")
    return value.astimezone(UTC)


@lru_cache(1)
def code_version() -> str:
    """A hash of everything that decides what is computed: connectors, loaders, rules, dbt project, the lock."""
    digest = hashlib.sha256()
    wanted = [REPO / "requirements.lock"]
    for folder in ("ingestion", "warehouse", "dbt_project"):
        wanted += [
            p for p in (REPO / folder).rglob("*") if p.suffix in (".py", ".sql", ".yml", ".csv", ".html", ".css")
        ]
    skip = {"target", "logs", "data", "__pycache__"}
    for path in sorted(p for p in wanted if p.is_file() and not skip & set(p.relative_to(REPO).parts)):
        digest.update(str(path.relative_to(REPO)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
