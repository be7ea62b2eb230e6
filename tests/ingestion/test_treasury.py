"""Treasury curves: columns come and move, blanks are no observations, files without a line end, what is asked when."""

from datetime import UTC, date, datetime, timedelta

import payloads as p
import polars as pl
import pytest
from payloads import treasury_par_yields as par
from payloads import treasury_real_yields as real

from ingestion import plausible
from ingestion.registry import source
from ingestion.source import Covered, EmptyAnswer, FetchState, Request, ShapeError
from ingestion.sources import treasury

R = p.request(par.SERIES)
OF_A_YEAR = p.request(par.SERIES, first=date(2026, 1, 1), whole=False)
DATASETS = ("treasury_par_yields", "treasury_real_yields")


def by_day(frame: pl.DataFrame, tenor: str) -> dict[date, float]:
    return dict(frame.filter(pl.col("tenor") == tenor).select("observation_date", "value").iter_rows())


def test_yields_in_long_form_oldest_first_without_blanks() -> None:
    frame = treasury.parse_par(par.GOOD, R)
    assert frame["observation_date"].is_sorted()
    assert set(frame["tenor"]) == {"3m", "6m", "1y", "2y", "5y", "10y", "30y"}
    assert by_day(frame, "3m") == {date(2026, 1, 12): 4.12, date(2026, 1, 14): 4.11, date(2026, 1, 15): 4.10}
    assert by_day(frame, "30y") == {date(2026, 1, 12): 4.97, date(2026, 1, 15): 4.95}  # blank on the 14th
    assert date(2026, 1, 13) not in set(frame["observation_date"])  # listed with every field blank


def test_columns_that_came_later_do_not_move_the_others() -> None:
    new, old = (treasury.parse_par(body, R) for body in (par.GOOD, par.OLD))
    assert new.filter(pl.col("observation_date") == date(2026, 1, 15)).equals(old)
    lines = [line.split(b",") for line in par.OLD.splitlines()]
    turned = b"".join(b",".join([line[0], *line[:0:-1]]) + b"\n" for line in lines)
    assert treasury.parse_par(turned, R).sort("tenor").equals(old.sort("tenor"))


def test_real_yields_may_be_negative() -> None:
    frame = treasury.parse_real(real.GOOD, p.request(real.SERIES))
    assert by_day(frame, "5y") == {date(2026, 1, 14): -0.10, date(2026, 1, 15): -0.12}
    assert by_day(frame, "30y") == {date(2026, 1, 15): 1.30}
    (rule,) = source("treasury_real_yields").rules
    assert not frame.select(rule.bad).to_series().any()
    assert pl.DataFrame({"value": [float("nan"), -0.5]}).select(rule.bad).to_series().to_list() == [True, False]


def test_days_without_leading_zeros_and_days_of_the_future() -> None:
    plain = par.OLD.replace(b"01/15/2026", b"1/5/2026")
    assert set(treasury.parse_par(plain, R)["observation_date"]) == {date(2026, 1, 5)}
    noon_before = p.request(par.SERIES, datetime(2026, 1, 14, 17, tzinfo=UTC))
    assert treasury.parse_par(par.GOOD, noon_before)["observation_date"].max() == date(2026, 1, 14)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (p.HTML, "must be CSV, not markup"),
        (p.NOTE, "must be CSV, not markup"),
        (b"", "must not be empty"),
        (par.OLD.replace(b'"10 Yr"', b'"10 Years"'), r"columns \['10 yr'\] must be present once"),
        (par.GOOD[:-3], "the last row must be whole"),  # cut inside the last figure
        (par.GOOD[: par.GOOD.index(b"01/12")] + b"01/12/2026,4.05,,,4.12", "row 5 must have 15 fields"),
        (par.OLD.replace(b"01/15", b"15/01"), "must be of the declared shape"),
        (par.OLD.replace(b"4.60", b"n/a"), "must be of the declared shape"),
    ],
)
def test_bodies_that_are_not_the_file(body: bytes, says: str) -> None:
    with pytest.raises(ShapeError, match=says):
        pytest.fail(str(treasury.parse_par(body, R)))


def test_a_file_of_a_year_that_was_cut_between_two_rows_is_refused() -> None:
    with pytest.raises(ShapeError, match="must reach back to 2026-01-01"):
        treasury.parse_par(par.GOOD, OF_A_YEAR)
    early = par.OLD + b"01/02/2026,4.05,4.10,4.15,4.20,4.25,4.30,4.40,4.50,4.60,4.90,4.95"
    assert treasury.parse_par(early, OF_A_YEAR).height == 14


def test_a_header_alone_is_nothing() -> None:
    with pytest.raises(EmptyAnswer):
        treasury.parse_par(par.HEADER, R)
    with pytest.raises(EmptyAnswer):
        treasury.parse_par(par.HEADER + b"01/13/2026,,,,,,,,,,,,,,\n", R)


def test_a_curve_is_known_at_six_the_same_evening() -> None:
    frame = treasury.parse_par(par.OLD, R)
    assert set(treasury.known_at(frame)) == {datetime(2026, 1, 15, 23, tzinfo=UTC)}


def test_a_bond_day_without_a_row_is_a_hole_and_a_blank_tenor_is_none() -> None:
    frame = treasury.parse_par(par.GOOD, R)
    assert treasury.hole(frame, R) == date(2026, 1, 13)
    whole = pl.concat([frame, frame.head(1).with_columns(observation_date=pl.lit(date(2026, 1, 13)))])
    assert treasury.hole(whole, R) is None


def asked(dataset: str, mark: Covered | None, as_of: datetime) -> Request | None:
    plan = source(dataset).requests
    assert plan is not None
    series = {"treasury_par_yields": par.SERIES, "treasury_real_yields": real.SERIES}[dataset]
    found = list(plan(FetchState("core", covered={series: mark} if mark else {}), as_of))
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(("dataset", "since"), [(DATASETS[0], date(1990, 1, 2)), (DATASETS[1], date(2003, 1, 2))])
def test_all_years_first_then_the_running_one_and_all_again_where_an_overlap_begins_before_it(
    dataset: str, since: date
) -> None:
    first = asked(dataset, None, p.ASKED)
    assert first is not None and first.whole and first.first == since and "/all/all?" in first.url
    evening = datetime(2026, 1, 21, 1, tzinfo=UTC)  # of the 20th
    mark = Covered(since, date(2026, 1, 16), evening - timedelta(days=4))
    later = asked(dataset, mark, evening)
    assert later is not None and not later.whole
    assert (later.first, later.last) == (date(2026, 1, 1), date(2026, 1, 20))
    assert "/2026/all?" in later.url and "field_tdr_date_value=2026&" in later.url
    new_year = datetime(2026, 1, 3, 1, tzinfo=UTC)
    reaches_back = asked(dataset, Covered(since, date(2025, 12, 31), new_year - timedelta(days=2)), new_year)
    assert reaches_back is not None and reaches_back.whole and "/all/all?" in reaches_back.url
    hole = Covered(since, date(2026, 1, 16), evening - timedelta(days=4), hole=date(2025, 11, 4))
    again = asked(dataset, hole, evening)
    assert again is not None and again.whole


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_slip_of_unit_is_named_for_every_tenor(dataset: str) -> None:
    declared = source(dataset)
    spec = declared.plausible
    assert spec is not None
    tenors = declared.columns["tenor"].doc.partition(": ")[2].split(", ")
    good = pl.DataFrame(
        [(date(2026, 1, 5) + timedelta(days=n), tenor, 4.25 - n / 100) for tenor in tenors for n in range(8)],
        schema=["observation_date", "tenor", "value"],
        orient="row",
    ).with_columns(_answer=pl.lit(0, dtype=pl.Int32))
    assert plausible.judge(good, spec).null_count() == good.height
    last = pl.col("observation_date") == pl.col("observation_date").max()
    for factor, rule in ((100, "value_out_of_bounds"), (0.01, "step_implausible")):
        slipped = good.with_columns(pl.when(last).then(pl.col("value") * factor).otherwise("value"))
        found = slipped.with_columns(rule=plausible.judge(slipped, spec)).filter(pl.col("rule").is_not_null())
        assert found.select("tenor", "rule").rows() == [(tenor, rule) for tenor in tenors]
