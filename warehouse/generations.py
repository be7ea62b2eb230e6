"""Published generations: receipts, the one symlink, pruning.

Belongs here: naming, flipping, listing, checking files against receipts. Does not: what is inside a generation.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse import crash_points
from warehouse.database import reader
from warehouse.errors import HomeError
from warehouse.files import file_sha256, fsync_folder
from warehouse.home import Home

KEEP = 5
TWIN = "parquet/"
_NAME = re.compile(r"\d{6,}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Generation:
    """One published generation and its receipt."""

    path: Path
    receipt: dict[str, Any]

    @property
    def name(self) -> str:
        """``<6-digit counter>-<8 hex of content>``."""
        return self.path.name


def published(home: Home) -> Generation | None:
    """The generation readers see, or None before the first."""
    if not home.current.is_symlink():
        return None
    path = home.current.resolve()
    try:
        return Generation(path, dict(json.loads((path / "receipt.json").read_text())))
    except (OSError, ValueError, TypeError) as error:
        told = _told_by_the_database(path / "updraft.duckdb")
        if told is None:
            raise HomeError(f"{path / 'receipt.json'} is unreadable ({error}). See: updraft doctor") from error
        return Generation(path, told)


def _told_by_the_database(path: Path) -> dict[str, Any] | None:
    """What ``meta.receipt`` says, for a generation whose receipt.json is damaged: enough to replace it, and ``check``
    still says that it is damaged. None if that is unreadable too."""
    try:
        with reader(path) as con:
            found = con.execute("SELECT * FROM meta.receipt")
            told = zip([c[0] for c in found.description], found.fetchall()[0], strict=True)
            return {name: str(value) for name, value in told if value is not None}
    except (HomeError, duckdb.Error, IndexError):
        return None


def all_generations(home: Home) -> list[Path]:
    """Finished generation folders, oldest first. Anything not named like one is not ours and stays out."""
    found = [p for p in home.generations.iterdir() if p.is_dir() and _NAME.fullmatch(p.name)]
    return sorted(found, key=lambda p: (_counter(p), p.name))


def _counter(generation: Path) -> int:
    return int(generation.name.split("-")[0])


def next_counter(home: Home) -> int:
    """One more than the highest ever finished."""
    return max(map(_counter, all_generations(home)), default=0) + 1


def sweep(home: Home) -> None:
    """Remove what an interrupted publish left. The caller holds the lease, so nobody is writing it."""
    for pattern in (".new-*", ".old-*"):
        for leftover in home.generations.glob(pattern):
            discard(leftover)
    for link in home.root.glob(".current-*"):
        link.unlink()


def discard(folder: Path) -> None:
    """Remove a folder, sealed or not."""
    make_writable(folder)
    shutil.rmtree(folder)


def make_writable(folder: Path) -> None:
    """Allow a sealed folder to be removed. Its files stay read-only: another generation may share them."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)


def seal(folder: Path) -> None:
    """fsync every file and folder and make them read-only."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
            path.chmod(0o444)
        else:
            fsync_folder(path)
            path.chmod(0o555)
    fsync_folder(folder)
    folder.chmod(0o555)


def flip(home: Home, finished: Path) -> None:
    """Point ``current`` at a finished generation, atomically and durably; make the readers' door if it is missing.

    The door comes first: a run killed after the flip has nothing new to publish next time, so nobody would make it.
    """
    if not home.door.is_symlink():
        home.door.symlink_to(Path("current") / "updraft.duckdb")
    fsync_folder(finished.parent)
    beside = home.root / f".current-{os.getpid()}"
    beside.unlink(missing_ok=True)
    beside.symlink_to(finished.relative_to(home.root))
    beside.rename(home.current)
    crash_points.reach("publish.flipped")
    fsync_folder(home.root)


def prune(home: Home, keep: int = KEEP) -> list[str]:
    """Remove all but the newest ``keep`` generations, never the current one. Who holds a file open keeps reading it."""
    current = home.current.resolve()
    old = [p for p in all_generations(home)[:-keep] if p != current]
    for path in old:
        # Renamed first: a removal that is interrupted must not leave half a generation under a generation's name.
        doomed = path.rename(path.with_name(f".old-{path.name}"))
        discard(doomed)
    return [p.name for p in old]


def check(generation: Path, twin: bool = True) -> list[str]:
    """Every file of a generation against its receipt; one line for each difference. Without the Parquet ``twin`` if not asked."""
    receipt_path = generation / "receipt.json"
    try:
        text = receipt_path.read_bytes()
        receipt = json.loads(text)
        files = dict(receipt["files"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        return [f"{receipt_path}: unreadable ({error})"]
    problems = []
    body = {k: v for k, v in receipt.items() if k != "receipt_sha256"}
    if receipt.get("receipt_sha256") != receipt_hash(body) or text != receipt_text(receipt):
        problems.append(f"{receipt_path}: was changed after it was written")
    for name, sha256 in files.items():
        path = generation / name
        if name.startswith(TWIN) and not twin:
            continue
        if not path.exists():
            problems.append(f"{path}: missing")
        elif file_sha256(path) != sha256:
            problems.append(f"{path}: its bytes are not those that were published")
    present = {str(p.relative_to(generation)) for p in generation.rglob("*") if p.is_file()}
    for stray in sorted(present - set(files) - {"receipt.json"}):
        problems.append(f"{generation / stray}: does not belong to the generation")
    return problems


def stamps(folder: Path) -> dict[str, list[int]]:
    """Size and time of the last write (ns) of every file, by its path within a generation."""
    return {
        str(p.relative_to(folder)): [p.stat().st_size, p.stat().st_mtime_ns]
        for p in sorted(folder.rglob("*")) if p.is_file()
    }  # fmt: skip


def altered(generation: Generation) -> list[str]:
    """Files that are not what was published. Only those whose size or time changed are read: this takes no time."""
    now = stamps(generation.path)
    return [
        name
        for name, stamp in generation.receipt.get("stamps", {}).items()
        if name not in now
        or (now[name] != stamp and file_sha256(generation.path / name) != generation.receipt["files"][name])
    ]


def newest_sound(home: Home, as_of: datetime) -> Path | None:
    """The published generation, or the newest older one, that is what was published and not as of a later moment.

    Its Parquet twin does not matter: nothing is compared with that, and generations share files of it.
    """
    if not home.current.is_symlink():
        return None
    now = home.current.resolve()
    older = [p for p in all_generations(home) if p != now and (_counter(p), p.name) < (_counter(now), now.name)]
    for path in (now, *reversed(older)):
        if (
            not check(path, twin=False)
            and datetime.fromisoformat(json.loads((path / "receipt.json").read_text())["as_of"]) <= as_of
        ):
            return path
    return None


def receipt_hash(body: dict[str, Any]) -> str:
    """Hash of a receipt without its own hash."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


def receipt_text(receipt: Mapping[str, Any]) -> bytes:
    """A receipt as the file readers see: one text for one content, so that no changed byte goes unnoticed."""
    return (json.dumps(receipt, indent=1, sort_keys=True, default=str) + "\n").encode()
