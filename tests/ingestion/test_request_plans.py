"""What is asked: all of it once, an overlap the next day, nothing when nothing can be new."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import payloads as p
import polars as pl
import pytest

from ingestion import calendar, planning, releases, seeds
from ingestion.registry import all_sources, source
from ingestion.source import Covered, FetchState, Request
from ingestion.sources import coinbase, fred, yahoo

NEXT_DAY = p.ASKED + timedelta(days=1)
MEMBERS = pl.DataFrame({"symbol": ["ABC", "XYZ"], "cik": [900001, 900002]})  # what plans read of the list of members


def state(
    tier: str = "core", world: str = "real", covered: dict[str, Covered] | None = None, **frames: pl.DataFrame
) -> FetchState:
    held = {name: seeds.of_world(name, world) for s in all_sources() for name in s.seeds}
    return FetchState(tier, held, covered or {}, {"sp500_constituents": MEMBERS, **frames})  # type: ignore[arg-type]


def ask(dataset: str, known: FetchState, as_of: datetime = p.ASKED) -> list[Request]:
    plan = source(dataset).requests
    assert plan is not None
    return list(plan(known, as_of))


def after(asked: list[Request], fetched_at: datetime = p.ASKED) -> dict[str, Covered]:
    return {r.series: Covered(r.first, r.last, fetched_at) for r in asked}


# when a release is due, once a week or month; of the SEC's test_sec.py says when
RARELY = {
    "alfred_vintages",
    "gpr_daily",
    "gpr_monthly",
    "epu_categories",
    "nyfed_acm",
    "nasdaq_forecast",
    "damodaran_erp",
    "shiller_ie",
    "alphavantage_earnings",
}
RARELY |= {"finra_short_interest"}  # twice a month; test_finra.py says when
RARELY |= {"sf_news_sentiment", "naaim_exposure"}  # once a week
RARELY |= {"cftc_tff", "ici_flows", "finra_margin"}  # weeks and months; their tests say when
RARELY |= {"sec_company_tickers", "sec_submissions", "sec_companyconcept"}
ASKING = [s.dataset for s in all_sources() if s.requests]
BACKWARDS = {"cboe_put_call", "nasdaq_earnings_calendar"}  # a file a day: what is older is asked from run to run


@pytest.mark.parametrize("world", ["real", "sample"])
@pytest.mark.parametrize("dataset", ASKING)
def test_first_run_asks_allowed_hosts_and_second_run_asks_nothing(dataset: str, world: str) -> None:
    first = ask(dataset, state("full", world))
    assert first
    assert {urlsplit(r.url).hostname for r in first} <= set(source(dataset).hosts)
    assert all(r.asked_at == p.ASKED and r.first <= r.last for r in first)
    assert len({r.series for r in first}) == len(first)
    second = {r.series for r in ask(dataset, state("full", world, after(first)))}
    if dataset == "cboe_put_call":
        assert max(second, default="") < min(r.series for r in first), "only what is older than the first run asked"
    else:
        assert second == set()


@pytest.mark.parametrize("dataset", ASKING)
def test_the_next_session_asks_again_but_earlier_moments_do_not(dataset: str) -> None:
    covered = after(ask(dataset, state("full")))
    if dataset not in RARELY:
        assert ask(dataset, state("full", covered=covered), NEXT_DAY)
    assert ask(dataset, state("full", covered=covered), NEXT_DAY - timedelta(hours=1)) == [] or dataset in (
        "coinbase_candles",
        "cboe_put_call",
    )
    earlier = {r.series for r in ask(dataset, state("full", covered=covered), p.ASKED - timedelta(days=30))}
    if dataset in BACKWARDS:
        assert max(earlier) < min(covered), "its history reaches back"
    else:
        # a year of contracts, and two years of settlements, reach back; the file of another year is another one
        reached = {"yahoo_fed_funds": {"ZQZ24.CBT"}, "finra_short_interest": {"2024-01-12", "2023-12-29"}}
        reached["ici_flows"] = {"2025"}
        assert earlier == reached.get(dataset, set())


def test_an_answer_from_before_the_snapshot_does_not_count() -> None:
    covered = after(ask("yahoo_bars", state()), p.ASKED - timedelta(hours=2))
    assert len(ask("yahoo_bars", state(covered=covered))) == len(covered)


def test_a_day_that_is_not_covered_is_asked_however_fresh_the_answer() -> None:
    asked = ask("yahoo_bars", state())
    short = {r.series: Covered(r.first, date(2026, 1, 14), p.ASKED + timedelta(hours=1)) for r in asked}
    assert len(ask("yahoo_bars", state(covered=short))) == len(asked)


def test_yahoo_asks_every_instrument_that_is_its_own() -> None:
    asked = {r.series: r for r in ask("yahoo_bars", state())}
    assert {"^GSPC", "SPY", "CL=F", "DX-Y.NYB", "TLT"} <= set(asked)
    assert not {"BTC-USD", "VIX", "IVV"} & set(asked)
    assert {s for s, r in asked.items() if r.required} == {"^GSPC", "SPY"}
    assert list(asked)[:2] == ["^GSPC", "SPY"]
    assert asked["XLC"].first == date(2018, 6, 18)
    assert all(r.whole for r in asked.values())


def test_yahoo_url() -> None:
    asked = {r.series: r.url for r in ask("yahoo_bars", state())}
    url = urlsplit(asked["^GSPC"])
    assert (url.hostname, url.path) == ("query1.finance.yahoo.com", "/v8/finance/chart/%5EGSPC")
    query = parse_qs(url.query)
    assert query["interval"] == ["1d"]
    assert query["events"] == ["div|split|capitalGains"]
    assert int(query["period1"][0]) == datetime(1927, 12, 30, tzinfo=UTC).timestamp()  # closes_from
    other = parse_qs(urlsplit(asked["^NDX"]).query)
    assert int(other["period1"][0]) == datetime(1999, 1, 1, tzinfo=UTC).timestamp()  # history_from
    assert int(query["period2"][0]) > datetime(2100, 1, 1, tzinfo=UTC).timestamp()  # every later split is in the window
    assert "/CL=F?" in asked["CL=F"]


def test_overlaps() -> None:
    known = state(covered=after(ask("yahoo_bars", state())) | after(ask("fred_observations", state())))
    bar = next(r for r in ask("yahoo_bars", known, NEXT_DAY) if r.series == "GLD")
    assert (bar.first, bar.last, bar.whole) == (date(2026, 1, 5), date(2026, 1, 16), False)
    rate = next(r for r in ask("fred_observations", known, NEXT_DAY) if r.series == "DGS10")
    assert (rate.first, rate.last, rate.whole) == (date(2025, 12, 25), date(2026, 1, 16), False)
    assert "cosd=2025-12-25&coed=2026-01-16" in rate.url


@pytest.mark.parametrize(
    "mark",
    [
        Covered(date(2005, 1, 1), date(2026, 1, 15), p.ASKED, "missing"),
        Covered(date(2010, 1, 1), date(2026, 1, 15), p.ASKED),
    ],
)
def test_what_never_answered_or_starts_too_late_is_asked_whole(mark: Covered) -> None:
    bar = next(r for r in ask("yahoo_bars", state(covered={"SPY": mark}), NEXT_DAY) if r.series == "SPY")
    assert (bar.first, bar.whole) == (date(2005, 1, 1), True)


def members() -> dict[str, pl.DataFrame]:
    spells = pl.DataFrame(
        {
            "symbol": ["OLD", "GONE", "STAYS", "BACK", "BACK", "SPY", "..", "x/AB"],
            "start_date": [date(2000, 1, 3)] * 4 + [date(2016, 1, 4)] + [date(2000, 1, 3)] * 3,
            "end_date": [date(2012, 6, 1), date(2020, 6, 1), None, date(2014, 6, 2), None, None, None, None],
        }
    )
    return {"sp500_spells": spells, "sp500_constituents": pl.DataFrame({"symbol": ["STAYS", "NEW", "NA"]})}


def test_full_tier_adds_members_past_and_present() -> None:
    core = {r.series for r in ask("yahoo_bars", state(**members()))}
    assert "NEW" not in core
    full = ask("yahoo_bars", state("full", **members()))
    added = {r.series: r for r in full if r.series not in core}
    assert set(added) == {"GONE", "STAYS", "BACK", "NEW", "NA"}
    assert all(r.first == date(2013, 1, 1) and not r.required for r in added.values())
    assert len([r for r in full if r.series == "SPY"]) == 1


def test_a_stock_that_left_is_not_asked_for_ever() -> None:
    covered = after(ask("yahoo_bars", state("full", **members())))
    later = {r.series for r in ask("yahoo_bars", state("full", covered=covered, **members()), NEXT_DAY)}
    assert "GONE" not in later
    assert {"STAYS", "BACK", "NEW"} <= later


@pytest.mark.parametrize(("covered_until", "is_asked"), [(date(2020, 5, 29), True), (date(2020, 6, 1), False)])
def test_a_leaver_is_asked_until_exactly_its_last_day(covered_until: date, is_asked: bool) -> None:
    """A mark that equals the last day has all there is; asked beyond it, the answer would never move the mark."""
    mark = Covered(date(2013, 1, 1), covered_until, p.ASKED)
    asked = {r.series for r in ask("yahoo_bars", state("full", covered={"GONE": mark}, **members()), NEXT_DAY)}
    assert ("GONE" in asked) is is_asked


def test_lists_of_members_belong_to_the_full_tier() -> None:
    assert ask("sp500_constituents", state()) == []
    assert [r.whole for r in ask("sp500_spells", state("full"))] == [True]


def test_every_symbol_is_asked_whole_in_its_turn_and_the_turns_are_spread() -> None:
    days = calendar.sessions()[-2 * yahoo.WHOLE_EVERY :]
    names = [f"S{n}" for n in range(400)]
    turns = [[name for name in names if yahoo.is_its_turn(name, day)] for day in days]
    assert sorted(name for turn in turns for name in turn) == sorted(names * 2)
    assert max(map(len, turns)) < 40  # of 400: a daily run costs a twentieth more, not everything at once
    (turn,) = [day for day in days[-yahoo.WHOLE_EVERY :] if yahoo.is_its_turn("SPY", day)]
    mark = Covered(date(2005, 1, 1), turn - timedelta(days=1), p.ASKED)
    asked = yahoo.bar_requests(state(covered={"SPY": mark}), calendar.snapshot_at(turn))
    spy = next(r for r in asked if r.series == "SPY")
    assert (spy.first, spy.whole) == (date(2005, 1, 1), True)


def test_split_in_an_overlap_asks_the_whole_history_once() -> None:
    overlap = p.request("ABC", first=date(2026, 1, 5), whole=False)
    split = yahoo.parse_bars(p.yahoo(p.BARS, splits={date(2026, 1, 14): (2, 1)}), overlap)
    again = yahoo.ask_whole_again(split, overlap)
    assert again is not None
    assert again.first == date(2013, 1, 1)
    assert yahoo.ask_whole_again(split, again) is None
    assert yahoo.ask_whole_again(split, p.request("ABC")) is None
    assert yahoo.ask_whole_again(yahoo.parse_bars(p.yahoo(p.BARS), overlap), overlap) is None


@pytest.mark.parametrize(
    ("last", "is_asked"), [(17.3, True), (11.55, True), (69.2, True), (31.0, False), (41.6, False)]
)
def test_a_step_like_a_split_that_nobody_lists_asks_the_whole_history(last: float, is_asked: bool) -> None:
    overlap = p.request("ABC", first=date(2026, 1, 5), whole=False)
    quiet = [(date(2026, 1, d), 34.5, 34.7, 34.2, 34.5, 1_000) for d in (12, 13, 14)]
    frame = yahoo.parse_bars(p.yahoo([*quiet, (date(2026, 1, 15), last, last, last, last, 1_000)]), overlap)
    assert (yahoo.ask_whole_again(frame, overlap) is not None) == is_asked


def test_coinbase_pages_fill_the_history_without_holes() -> None:
    asked = [r for r in ask("coinbase_candles", state()) if r.series.startswith("BTC-USD/86400/")]
    assert asked[0].first == date(2015, 1, 1)
    assert asked[-1].last == date(2026, 1, 15)
    assert all((b.first - a.last).days == 1 for a, b in pairwise(asked))
    assert all((r.last - r.first).days < 300 for r in asked)


def test_coinbase_hours_fill_pages_of_the_size_allowed_where_the_seed_wants_them() -> None:
    asked = [r for r in ask("coinbase_candles", state()) if r.series.startswith("BTC-USD/3600/")]
    assert asked[0].first == date(2024, 1, 1)
    assert asked[-1].last == date(2026, 1, 16)  # the running UTC day holds the hour after the close
    assert all((b.first - a.last).days == 1 for a, b in pairwise(asked))
    assert all(((r.last - r.first).days + 1) * 24 <= 300 for r in asked)
    assert "granularity=3600&start=2024-01-01T00:00:00Z&end=2024-01-12T23:00:00Z" in asked[0].url
    none = state()
    without = none.seeds["instruments"].with_columns(pl.lit(None, pl.Date).alias("hourly_from"))
    unhourly = FetchState("core", {"instruments": without})
    assert not [r for r in ask("coinbase_candles", unhourly) if "/3600/" in r.series]


def test_a_coinbase_page_that_failed_is_asked_again() -> None:
    asked = ask("coinbase_candles", state())
    covered = after([r for r in asked if r.series != "BTC-USD/86400/2015-10-28"])
    assert [r.series for r in ask("coinbase_candles", state(covered=covered))] == ["BTC-USD/86400/2015-10-28"]


def test_coinbase_asks_settled_pages_no_more() -> None:
    covered = after(ask("coinbase_candles", state()))
    again = ask("coinbase_candles", state(covered=covered), NEXT_DAY)
    newest = {r.series.rsplit("/", 1)[0]: r.last for r in again}
    assert newest == {
        f"{product}/{seconds}": last
        for product in ("BTC-USD", "ETH-USD")
        for seconds, last in ((86400, date(2026, 1, 16)), (3600, date(2026, 1, 17)))
    }
    assert len(again) == 6  # an hourly page that ended three days ago is settled by a last answer


def test_lag_rules_are_those_the_connectors_know() -> None:
    seed = seeds.table("series").filter(pl.col("source") == fred.DATASET)
    released = {f"release_{days}" for days in releases.lag_days().values()}
    assert len(released) >= 5
    assert set(seed["lag_rule"]) == {fred.SAME_DAY, "next_business_day_17", "days_12", *released}
    assert {kind for kind in releases.lag_days() if releases.is_weekly(kind)} == {
        "claims",
        "claims_continued",
        "nfci",
        "stlfsi",
    }
    assert set(fred.REQUIRED) <= set(seed["series_id"])


def test_a_source_sees_the_seeds_it_names_and_no_other() -> None:
    for dataset in ASKING:
        declared = source(dataset)
        whole = state("full")
        given = {name: whole.seeds[name] for name in declared.seeds}
        narrow = FetchState("full", given, frames={n: f for n, f in whole.frames.items() if n in declared.needs})
        assert ask(dataset, narrow) == ask(dataset, whole)


def test_seeds_are_text_and_dates() -> None:
    instruments = seeds.of_world("instruments", "sample")
    assert set(instruments.schema.values()) == {pl.String(), pl.Date()}
    assert set(instruments["world"]) == {"sample"}
    assert instruments["hourly_from"].drop_nulls().len() == 2
    ids = seeds.table("instrument_ids")
    assert set(ids.filter(pl.col("vendor") == "ishares")["id"].str.len_chars()) == {6}
    known = seeds.table("instruments").select("world", "instrument_id")
    assert ids.join(known, on=("world", "instrument_id"), how="anti").is_empty(), (
        "ids of instruments that are not listed"
    )


def test_nothing_counts_for_a_while_and_then_less_and_less_often() -> None:
    """A series nobody ever had: asked after 1, 2, 4, 8 … sessions, at most 64 apart; one that had data, each session."""
    moments = [calendar.snapshot_at(day) for day in calendar.sessions() if day >= date(2025, 1, 2)]
    mark, asked = Covered(date(1999, 1, 1), date(2025, 1, 2), moments[0], "missing", None, 1), [0]
    for n, moment in enumerate(moments[1:250], 1):
        if not planning.waits(mark, moment):
            asked.append(n)
            mark = Covered(mark.first, mark.last, moment, "missing", None, mark.nothings + 1)
    assert [b - a for a, b in pairwise(asked)] == [1, 2, 4, 8, 16, 32, 64, 64]
    assert not planning.waits(Covered(mark.first, mark.last, mark.fetched_at, "data", None, 9), moments[250])
    assert not planning.waits(None, moments[250])


def test_a_series_nobody_knows_is_asked_less_often() -> None:
    known = {r.series: Covered(r.first, r.last, p.ASKED, "missing", None, 3) for r in ask("fred_observations", state())}
    assert ask("fred_observations", state(covered=known), NEXT_DAY) == []
    assert ask("fred_observations", state(covered=known), p.ASKED + timedelta(days=7)) != []


def test_days_that_were_answered_with_nothing_are_asked_again_with_the_next() -> None:
    """The overlap begins where data reached, not where answers of nothing did."""
    mark = Covered(date(1976, 6, 1), date(2026, 1, 14), p.ASKED - timedelta(days=1), "data", date(2025, 11, 3), 40)
    (again,) = [r for r in ask("fred_observations", state(covered={"DGS2": mark})) if r.series == "DGS2"]
    assert again.first == date(2025, 11, 3) - fred.OVERLAP


def test_a_hole_is_asked_for_again_ever_more_seldom() -> None:
    moments = [calendar.snapshot_at(day) for day in calendar.sessions() if day >= date(2025, 1, 2)]
    asked = []
    for n in range(1, 200):
        mark = Covered(date(1999, 1, 1), date(2025, 1, 2), moments[n - 1], hole=date(2020, 1, 2), hole_since=moments[0])
        if planning.hole_is_due(mark, moments[n]):
            asked.append(n)
    assert asked == [1, 2, 4, 8, 16, 32, 64, 128, 192]
    old = Covered(date(1976, 6, 1), date(2026, 1, 14), calendar.snapshot_at(date(2025, 12, 1)), hole=date(2025, 10, 1))
    (again,) = [r for r in ask("fred_observations", state(covered={"DGS2": old})) if r.series == "DGS2"]
    assert again.first == date(2025, 10, 1)


def test_holes_of_an_answer() -> None:
    """A bond day without a yield, a month without a figure (but not one never published), an hour without a candle."""

    def held(series: str, *days: date) -> date | None:
        frame = pl.DataFrame({"series_id": series, "observation_date": days, "value": 1.0})
        return fred.hole(frame, p.request(series))

    assert held("DGS10", date(2026, 1, 7), date(2026, 1, 8), date(2026, 1, 12)) == date(2026, 1, 9)
    assert held("DGS10", date(2025, 10, 10), date(2025, 10, 14)) is None  # a weekend and Columbus Day
    assert held("CPIAUCSL", date(2025, 8, 1), date(2025, 9, 1), date(2025, 11, 1)) is None
    assert held("UNRATE", date(2025, 7, 1), date(2025, 9, 1)) == date(2025, 8, 1)
    assert held("ICSA", date(2026, 1, 3), date(2026, 1, 17)) == date(2026, 1, 10)
    starts = pl.Series([datetime(2026, 1, 5, hour, tzinfo=UTC) for hour in (3, 4, 6)], dtype=pl.Datetime("us", "UTC"))
    frame = pl.DataFrame({"start_at": starts})
    assert coinbase.hole(frame, p.request("BTC-USD/3600/2026-01-05")) == date(2026, 1, 5)
    assert coinbase.hole(frame.head(2), p.request("BTC-USD/3600/2026-01-05")) is None


def test_a_settled_page_of_nothing_or_with_a_hole_is_asked_again() -> None:
    covered = after(ask("coinbase_candles", state()), p.ASKED)
    bare, holed = "BTC-USD/86400/2015-01-01", "BTC-USD/86400/2015-10-28"
    covered[bare] = Covered(date(2015, 1, 1), date(2015, 10, 27), p.ASKED, "empty", None, 1)
    covered[holed] = Covered(date(2015, 10, 28), date(2016, 8, 22), p.ASKED, hole=date(2016, 1, 3))
    assert not {bare, holed} & {r.series for r in ask("coinbase_candles", state(covered=covered))}
    assert {bare, holed} <= {r.series for r in ask("coinbase_candles", state(covered=covered), NEXT_DAY)}
    third = p.ASKED + timedelta(days=7)
    told = {"hole": date(2016, 1, 3), "hole_since": p.ASKED}
    covered[bare] = Covered(date(2015, 1, 1), date(2015, 10, 27), third, "empty", None, 3)
    covered[holed] = Covered(date(2015, 10, 28), date(2016, 8, 22), third, **told)  # type: ignore[arg-type]
    asked = {r.series for r in ask("coinbase_candles", state(covered=covered), third + timedelta(days=1))}
    assert not {bare, holed} & asked, "both were asked a session ago, and not for the first time"
