"""ALFRED: which vintages are asked, once each; what a blank, a lost vintage and a look into the future mean."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import payloads as p
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion import releases, seeds
from ingestion.source import Covered, FetchState, Request, ShapeError
from ingestion.sources import alfred

R = p.request(p.ALFRED_SERIES)


def listed(*rows: tuple[str, date, date | None]) -> pl.DataFrame:
    columns = {"release_id": pl.String(), "obs_period": pl.Date(), "release_date": pl.Date()}
    return pl.DataFrame(rows, columns, orient="row")


def state(
    covered: dict[str, Covered] | None = None, seed: pl.DataFrame | None = None, since: date = date(2025, 7, 1)
) -> FetchState:
    series = pl.DataFrame(
        {"series_id": ["PAYEMS"], "history_from": [since], "vintages_from": [since], "release_id": ["jobs"]}
    )
    return FetchState("core", {"series": series, "release_dates": listed() if seed is None else seed}, covered or {})


def vintages(asked: list[Request]) -> list[date]:
    return [date.fromisoformat(day) for r in asked for day in r.series.split("/")[1].split(",")]


def test_each_vintage_holds_what_was_known_then() -> None:
    frame = alfred.parse(p.GOOD_ALFRED, R)
    assert frame.height == 7
    first = frame.filter(pl.col("vintage_date") == date(2024, 1, 11))
    assert first["value"].to_list() == [307.5, 308.0, 308.75]  # the blank is a month this vintage does not have
    assert set(frame["series_id"]) == {"CPIAUCSL"}
    assert alfred.known_at(frame)[0] == datetime(2024, 1, 11, 13, 30, tzinfo=UTC)
    summer = pl.DataFrame({"vintage_date": [date(2024, 7, 11)]})
    assert alfred.known_at(summer)[0] == datetime(2024, 7, 11, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"CPIAUCSL_20240213", b"CPIAUCSL_20240214"),  # another vintage than the one asked
        (b"CPIAUCSL_20240213", b"CPIAUCSL_20240111"),  # one vintage twice
        (b"2024-01-01,,309.5", b"2024-03-01,,309.5"),  # a month that begins after the vintage's day
        (b"307.25", b"3O7.25"),
    ],
)
def test_what_cannot_be_a_vintage_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(ShapeError):
        alfred.parse(p.GOOD_ALFRED.replace(old, new), R)


def test_release_dates_of_the_seed_are_the_vintages() -> None:
    seed = listed(
        ("jobs", date(2025, 5, 1), date(2025, 6, 6)),
        ("jobs", date(2025, 6, 1), date(2025, 7, 3)),
        ("jobs", date(2025, 7, 1), date(2025, 8, 1)),
        ("jobs", date(2025, 10, 1), None),  # never published: no question
        ("cpi", date(2025, 7, 1), date(2025, 8, 12)),
    )
    assert alfred.vintage_days("jobs", seed, date(2025, 7, 1), date(2025, 12, 9)) == [
        date(2025, 7, 3), date(2025, 8, 1),
        date(2025, 9, 8), date(2025, 9, 12), date(2025, 9, 30),  # August is not listed: 7 days after its end is a Sunday
        date(2025, 10, 7), date(2025, 10, 13), date(2025, 10, 31),
        date(2025, 12, 8),
    ]  # fmt: skip


def test_questions_are_small_and_ask_three_years() -> None:
    asked = list(alfred.requests(state(since=date(2014, 1, 1)), p.ASKED))
    assert all(len(vintages([r])) <= 12 for r in asked)
    assert vintages(asked) == sorted(set(vintages(asked)))
    assert vintages(asked)[-1] <= date(2026, 1, 15)
    query = parse_qs(urlsplit(asked[-1].url).query)
    days = query["vintage_date"][0].split(",")
    assert query["id"][0] == ",".join(["PAYEMS"] * len(days))
    assert query["coed"][0].split(",") == [days[-1]] * len(days)
    assert set(query["cosd"][0].split(",")) == {f"{int(days[0][:4]) - 3}{days[0][4:7]}-01"}
    assert days[-1] == "2026-01-12"


def test_a_vintage_that_is_held_is_never_asked_again() -> None:
    asked = list(alfred.requests(state(), p.ASKED))
    marks = {r.series: Covered(r.first, r.last, p.ASKED) for r in asked}
    assert list(alfred.requests(state(marks), p.ASKED + timedelta(days=1))) == []
    later = vintages(list(alfred.requests(state(marks), datetime(2026, 2, 14, 1, tzinfo=UTC))))
    assert later == [date(2026, 1, 31), date(2026, 2, 9), date(2026, 2, 13)]


def test_a_vintage_that_was_not_found_is_asked_again_but_not_every_day() -> None:
    fetched = datetime(2026, 1, 8, 1, tzinfo=UTC)
    marks = {"PAYEMS/2025-12-08,2026-01-07": Covered(date(2025, 12, 8), date(2026, 1, 7), fetched, "missing")}
    next_session = vintages(list(alfred.requests(state(marks), fetched + timedelta(days=1))))
    assert date(2026, 1, 7) in next_session  # may still come
    assert date(2025, 12, 8) not in next_session
    assert date(2025, 12, 8) in vintages(list(alfred.requests(state(marks), fetched + timedelta(days=31))))


@given(st.sampled_from(sorted(releases.lag_days())), st.dates(date(2014, 1, 1), date(2025, 12, 1)))
def test_the_lag_rule_never_comes_before_the_periods_end(kind: str, first: date) -> None:
    periods = pl.Series(list(releases.periods(kind, first, first + timedelta(120))), dtype=pl.Date)
    ends, days = releases.period_end(kind, periods), releases.lag_rule_days(kind, periods)
    gaps = (days - ends).dt.total_days()
    assert gaps.min() == pytest.approx(releases.lag_days()[kind], abs=4)
    assert (gaps >= releases.lag_days()[kind]).all()
    assert (days.dt.weekday() <= 5).all()


def test_claims_are_known_on_the_thursday() -> None:
    weeks = pl.Series([date(2026, 1, 10), date(2025, 12, 20)])
    assert releases.lag_rule_days("claims", weeks).to_list() == [date(2026, 1, 15), date(2025, 12, 26)]


def test_periods_are_weeks_months_or_quarters() -> None:
    def first(kind: str) -> list[date]:
        return list(releases.periods(kind, date(2025, 12, 2), date(2026, 4, 1)))[:2]

    assert first("claims_continued") == [date(2025, 12, 6), date(2025, 12, 13)]  # Saturdays
    assert first("nfci") == [date(2025, 12, 5), date(2025, 12, 12)]  # Fridays
    assert first("gdp") == [date(2026, 1, 1), date(2026, 4, 1)]
    assert releases.period_end("gdp", pl.Series([date(2025, 10, 1), date(2026, 1, 1)])).to_list() == [
        date(2025, 12, 31), date(2026, 3, 31)
    ]  # fmt: skip
    assert releases.lag_rule_days("gdp", pl.Series([date(2026, 1, 1)])).to_list() == [date(2026, 4, 30)]
    assert releases.lag_rule_days("sloos", pl.Series([date(2026, 7, 1)])).to_list() == [
        date(2026, 8, 13)
    ]  # out on the 3rd


def test_all_three_estimates_of_a_quarter_are_asked_for() -> None:
    seed = listed(("gdp", date(2025, 1, 1), date(2025, 4, 30)))
    assert alfred.vintage_days("gdp", seed, date(2025, 4, 1), date(2025, 7, 15)) == [
        date(2025, 4, 30), date(2025, 5, 31), date(2025, 6, 30)
    ]  # fmt: skip


def test_a_weekly_series_is_asked_a_year_and_a_bit_back() -> None:
    known = FetchState("core", {name: seeds.of_world(name, "real") for name in ("series", "release_dates")})
    (asked, *_) = [r for r in alfred.requests(known, p.ASKED) if r.series.startswith("NFCI/2025")]
    query = parse_qs(urlsplit(asked.url).query)
    first = date.fromisoformat(query["vintage_date"][0].split(",")[0])
    back = date.fromisoformat(query["cosd"][0].split(",")[0])
    assert timedelta(480) < first - back < timedelta(530), "53 weeks before the newest period, which is a week old"


def test_the_seed_has_sane_dates() -> None:
    seed = seeds.table("release_dates")
    assert set(seed["release_id"]) <= set(releases.lag_days())
    published = seed.filter(pl.col("release_date").is_not_null())
    assert (published["release_date"] > published["obs_period"]).all()
    unpublished = seed.filter(pl.col("release_date").is_null())
    assert unpublished["note"].null_count() == 0
    october = seed.filter(
        pl.col("world") == "real", pl.col("release_id") == "cpi", pl.col("obs_period") == date(2025, 10, 1)
    )
    assert october["release_date"].to_list() == [None]
