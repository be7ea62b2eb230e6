"""An answer as of an earlier day: kept beside what is served, and equal to what is served for that day."""

from __future__ import annotations

from pathlib import Path

from e2e_support import updraft

from warehouse.store import Home, reader


def test_an_earlier_as_of_is_kept_beside_and_agrees_with_what_is_served(copied: Home, tmp_path: Path) -> None:
    served = copied.current.resolve()
    ran = updraft(copied.root, "run", "--as-of", "2025-06-30", "--publish-to", str(tmp_path / "kept"))
    assert ran.code == 0, ran.err
    assert "30 June 2025" in " ".join(ran.out.split())
    assert copied.current.resolve() == served
    (kept,) = (tmp_path / "kept").glob("*/updraft.duckdb")
    then, now = reader(kept), reader(copied.door)
    assert then.execute("SELECT max(session_date)::VARCHAR FROM marts.market_daily").fetchone() == ("2025-06-30",)
    for mart, what in (
        ("breadth_daily", "*"),
        ("rally_daily", "*"),
        ("macro_as_known", "* EXCLUDE (value_final)"),
        ("cross_asset_correlation", "*"),
        ("driver_scorecard", "*"),
        ("market_daily", "* EXCLUDE (close_adj_final)"),
    ):
        query = f"SELECT {what} FROM marts.{mart} WHERE session_date <= DATE '2025-06-30' ORDER BY ALL"
        rows = then.execute(query).fetchall()
        assert rows and rows == now.execute(query).fetchall(), mart
    then.close()
    now.close()
