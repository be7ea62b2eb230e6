"""The code location: everything under ``defs`` is found by Dagster itself. Nothing else belongs here."""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """All definitions."""
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
