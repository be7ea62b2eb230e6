"""Every published number traces to its inputs: proven by computing it again from exactly the answers a trace names."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from e2e_support import updraft
from shared_homes import copy_of, let_delete

from orchestration import show_trace
from orchestration.settings import Settings
from orchestration.trace import TraceError, recompute, trace
from warehouse.database import reader
from warehouse.home import Home
from warehouse.landing import Landing


@pytest.fixture
def sample(published: Home, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("UPDRAFT_HOME", str(published.root))
    return Settings.from_env()


@pytest.mark.parametrize(
    ("reading", "day"),
    [
        ("MP05_2s10s", None),
        ("MP01_anchor_both", None),
        ("MP03_12m_d20", None),
        ("MP04_cut_d5", date(2025, 10, 2)),
        ("MP08_acm_d20", None),
        ("MP11_tech", date(2025, 7, 10)),
        ("MA10_cpi_mom", None),
        ("VS02_3m", date(2024, 3, 1)),
        ("RD01", date(2025, 4, 25)),
        ("BR07_50", None),
        ("BR05_up_share", date(2024, 6, 3)),
        ("MA06_sahm", date(2025, 7, 10)),
        ("XA01_btc_60", date(2025, 7, 1)),
        ("EA04", date(2025, 11, 14)),
        ("EA12_next5", None),
        ("FL02_category_20", None),
        ("FL05_week", None),
        ("FL09_yoy", None),
        ("FL11_leveraged_sp500_z", date(2025, 7, 10)),
        ("LC04_top10", None),
        ("LC09_20", date(2025, 10, 20)),
    ],
)
def test_the_cell_comes_out_again_from_the_traced_answers_alone(
    sample: Settings, reading: str, day: date | None
) -> None:
    found = trace(sample, reading, day)
    assert found.status == "OK" and found.value is not None and found.inputs
    assert recompute(sample, found) == (found.value, found.status)


def test_breadth_is_made_of_its_members_bars_in_their_window(sample: Settings) -> None:
    found = trace(sample, "BR07_50", date(2025, 7, 10))
    bars, spells = (next(i for i in found.inputs if i.dataset == name) for name in ("yahoo_bars", "sp500_spells"))
    con = reader(sample.home.door)
    members, headline = (
        {row[0] for row in con.execute(f"SELECT DISTINCT symbol FROM marts.dim_instrument i {where}").fetchall()}
        for where in (
            "JOIN marts.universe_membership m USING (instrument_id) WHERE m.universe_id = 'SAMPLE_PIT'"
            " AND m.valid_from <= DATE '2025-07-10' AND coalesce(m.valid_to > DATE '2025-07-10', true)",
            "WHERE role = 'headline'",
        )
    )
    held = con.execute("SELECT count(*) FROM marts.market_daily").fetchall()[0][0]
    con.close()
    assert {row[0] for row in bars.rows} == members | headline and spells.count == len(members)
    outside = [row for row in bars.rows if row[1] < date(2024, 4, 1)]
    assert len(outside) <= len(members | headline) and bars.count < held / 10


def test_a_contribution_is_made_of_the_members_of_its_window(sample: Settings) -> None:
    """A day needs fewer rows than a month, and neither those of funds or of another line of the statements."""
    day, month = (
        {
            i.dataset: i
            for i in trace(sample, "contributions.contribution_pp", entity="EQ:NZRA", key={"window_id": window}).inputs
        }
        for window in ("1d", "20d")
    )
    assert set(day) == {"yahoo_bars", "yahoo_actions", "sp500_spells", "sp500_constituents", "sec_companyconcept",
                        "spy_holdings", "ivv_holdings"}  # fmt: skip
    concept = day["sec_companyconcept"].columns.index("concept")
    assert {row[concept] for row in day["sec_companyconcept"].rows} == {
        "WeightedAverageNumberOfDilutedSharesOutstanding"
    }
    assert day["sp500_spells"].count == len({row[0] for row in day["yahoo_bars"].rows}) - 1  # and the headline index
    assert day["yahoo_bars"].count < month["yahoo_bars"].count < 40_000


@pytest.mark.parametrize(
    ("name", "day", "entity", "key"),
    [
        ("breadth_daily.pct_above_sma50", date(2025, 7, 10), None, {"segment_id": "energy"}),
        ("macro_as_known.value", date(2025, 11, 20), "DGS10", {}),
        ("rates_daily.y10", date(2025, 11, 11), None, {}),
        ("rates_daily.curve_move", None, None, {}),
        ("rates_daily.cuts_priced_12m", None, None, {}),
        ("market_daily.return_1d", None, "IX:SMP", {}),
        ("earnings_season.beat_rate", date(2025, 11, 14), "energy", {"source": "nasdaq"}),
        ("contributions.contribution_pp", None, "EQ:NZRA", {"window_id": "20d"}),
    ],
)
def test_a_column_of_a_mart_comes_out_again(
    sample: Settings, name: str, day: date | None, entity: str | None, key: dict[str, str]
) -> None:
    found = trace(sample, name, day, entity, key=key)
    assert found.value is not None and any(item.count for item in found.inputs)
    assert recompute(sample, found) == (found.value, found.status)


def test_a_bar_is_traced_in_its_newest_version_whenever_that_came(
    published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Models take the newest version of a bar for every session, so one corrected long after its day is traced too."""
    home = copy_of(published, tmp_path / "home")
    with duckdb.connect(str(home.build)) as con:
        con.execute(
            "UPDATE raw.yahoo_bars SET known_at = '2026-01-15' WHERE symbol = '^SMP' AND session_date = '2025-04-24'"
        )
    monkeypatch.setenv("UPDRAFT_HOME", str(home.root))
    found = trace(Settings.from_env(), "RD01", date(2025, 4, 25))
    (bars,) = (one for one in found.inputs if one.dataset == "yahoo_bars")
    place = bars.columns.index("session_date")
    assert date(2025, 4, 24) in {row[place] for row in bars.rows}
    let_delete(home.root)


def test_a_row_that_was_not_traced_is_not_there(sample: Settings) -> None:
    """Answers hold more rows than a trace names: computing again must not look at those."""
    found = trace(sample, "MP12_hy")
    (rates,) = (one for one in found.inputs if one.count)
    older = dataclasses.replace(rates, scope=f"{rates.scope} AND observation_date < DATE '2026-01-01'")
    assert recompute(sample, dataclasses.replace(found, inputs=(older,))) == (None, "STALE_INPUT")


def test_what_is_not_there_names_the_nearest(sample: Settings) -> None:
    with pytest.raises(TraceError, match=r"did you mean BR07_50, .*, .*\?") as told:
        trace(sample, "BR7_50")
    assert str(told.value).count(",") == 2
    with pytest.raises(TraceError, match=r"did you mean breadth_daily.advancers,"):
        trace(sample, "breadth_daily.advancer")
    with pytest.raises(
        TraceError, match=r"several rows; say which, for example: --date 2026-01-15 --key universe_id=SAMPLE_PIT"
    ):
        trace(sample, "breadth_daily.advancers")


def test_a_season_is_made_of_its_quarter_and_the_one_a_year_before(sample: Settings) -> None:
    """Reports, forecasts of those to come, prices since the reports of last year; nothing that only says the hour."""
    found = {
        one.dataset: one
        for one in trace(
            sample, "earnings_season.beat_rate", date(2025, 11, 14), "energy", key={"source": "nasdaq"}
        ).inputs
    }
    assert {"nasdaq_earnings_calendar", "sec_companyconcept", "yahoo_bars", "sp500_spells"} <= set(found)
    assert "sec_submissions" not in found
    told = found["nasdaq_earnings_calendar"]
    middles = {row[told.columns.index("fiscal_end")] - timedelta(45) for row in told.rows}
    assert {(day.year, (day.month + 2) // 3) for day in middles} == {(2024, 3), (2025, 3)}
    con = reader(sample.home.door)
    bars = con.execute("SELECT count(*) FROM marts.market_daily").fetchall()[0][0]
    con.close()
    assert found["yahoo_bars"].count < bars / 4


@pytest.mark.parametrize("name", ["BR07_50", "MA05_3m", "VS01"])
def test_a_trace_fits_80_columns(sample: Settings, name: str) -> None:
    lines = [line.plain for line in show_trace.lines(trace(sample, name, rows=3), 3, 80)]
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("raw.") and " rows, " in line for line in lines)


def test_a_trace_that_lacks_an_input_is_found_out(sample: Settings) -> None:
    found = trace(sample, "VS02_3m")
    (closes,) = found.inputs
    one = next(row for row in closes.rows if row[0] == "VIX")
    fewer = frozenset(pair for pair in closes.answers if pair[0] != one[-1])
    assert len(fewer) < len(closes.answers)
    cut = dataclasses.replace(found, inputs=(dataclasses.replace(closes, answers=fewer),))
    with pytest.raises(TraceError, match="no row"):
        recompute(sample, cut)


def test_every_traced_row_was_known_and_its_bytes_are_kept(sample: Settings) -> None:
    found = trace(sample, "MP05_2s10s", date(2025, 10, 24))
    inputs = [one for one in found.inputs if one.count]
    assert {one.dataset for one in inputs} == {"fred_observations", "treasury_par_yields"}
    landing = Landing(sample.home.landing)
    newest = {}
    for one in inputs:
        known, hashes = one.columns.index("known_at"), {row[-1] for row in one.rows}
        assert {row[one.columns.index("series_id" if "series_id" in one.columns else "tenor")] for row in one.rows} in (
            {"DGS2", "DGS10"},
            {"2y", "10y"},
        )
        assert one.count == len(one.rows) and max(row[known] for row in one.rows) <= found.known_at
        assert hashes <= set(landing.envelopes(one.dataset)["sha256"])
        newest[one.dataset] = max(row[one.columns.index("observation_date")] for row in one.rows)
    # that evening the Treasury had the day, and FRED the day before
    assert newest == {"treasury_par_yields": date(2025, 10, 24), "fred_observations": date(2025, 10, 23)}
    (treasury,) = (one for one in inputs if one.dataset == "treasury_par_yields")
    told = {row[treasury.columns.index("tenor")]: row for row in reversed(treasury.rows)}
    value = treasury.columns.index("value")
    assert found.value == pytest.approx(100 * (told["10y"][value] - told["2y"][value]), abs=1e-9)


def test_every_reading_can_be_traced(sample: Settings) -> None:
    con = reader(sample.home.door)
    held = con.execute("SELECT DISTINCT reading_id FROM marts.indicator_readings ORDER BY 1").fetchall()
    con.close()
    assert len(held) >= 19
    for (reading,) in held:
        found = trace(sample, reading, rows=1)
        made_of_seeds = reading.startswith(("EA06", "EA13", "FL06_", "FL16_"))
        assert any(item.count for item in found.inputs) is not made_of_seeds, reading


def test_the_command_prints_it_and_names_what_there_is(published: Home) -> None:
    told = updraft(published.root, "trace", "VS01", "--rows", "2")
    assert told.code == 0, told.err
    assert "cboe_index_history" in told.out and "earlier rows" in told.out and "status OK" in told.out
    unknown = updraft(published.root, "trace", "XX99")
    assert unknown.code == 2 and "did you mean" in unknown.err


def test_as_json_it_is_whole(sample: Settings) -> None:
    told = json.loads(show_trace.to_json(trace(sample, "VS01", rows=None)))
    one = told["inputs"][0]
    assert one["dataset"] == "cboe_index_history" and one["count"] == len(one["rows"]) > 2000


def test_a_holiday_has_no_reading(sample: Settings) -> None:
    with pytest.raises(TraceError, match="has sessions"):
        trace(sample, "VS01", date(2025, 12, 25))
