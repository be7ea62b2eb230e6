"""Dagster definitions: one module per layer. Logic lives in ``orchestration.steps``."""
