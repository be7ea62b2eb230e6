"""Placeholder."""
from typing import Any, Mapping
import duckdb
def render_page(con: duckdb.DuckDBPyConnection, receipt: Mapping[str, Any]) -> str:
    """The page."""
    return "<html></html>"
