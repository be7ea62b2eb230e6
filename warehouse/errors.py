"""What the warehouse refuses to do, by kind. Each message says which file or process and what to do next."""

from __future__ import annotations


class HomeError(Exception):
    """The home cannot be used as asked: wrong mode, not writable, stray files. Says which and what to do."""


class LeaseHeld(HomeError):
    """Another process writes. Names it."""


class NoRoom(HomeError):
    """The disk (or a quota, or a limit of file size) has no room. Names the file; nothing published was touched."""


class BrokenBuild(HomeError):
    """The private build file cannot be opened. It was set aside; everything in it can be rebuilt from landing."""


class LakeError(Exception):
    """The shared lake was not written or cannot be read. What was published in the home stays published."""
