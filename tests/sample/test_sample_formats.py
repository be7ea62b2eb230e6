"""Each sample vendor answers in its real vendor's format, and knows nothing that was not public yet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from ingestion import calendar
from ingestion.sample.transport import SAMPLE_NOW
from ingestion.sample.vendors import fred
from ingestion.sample.world.directory import members_on
from ingestion.sample.world.market import world

FRED = "https://fred.stlouisfed.org/graph/fredgraph.csv"
FUND = (
    "https://www.blackrock.com/varnish-api/blk-one01-product-data/product-data/api/v1/get-fund-document?appSubType="
    "ISHARES&appType=PRODUCT_PAGE&component=fundDownload&locale=en_US&portfolioId={}&targetSite=us-ishares&userType=individual"
)
LISTS = "https://raw.githubusercontent.com/"
CONSTITUENTS = LISTS + "datasets/s-and-p-500-companies/main/data/constituents.csv"
SPELLS = LISTS + "fja05680/sp500/master/sp500_ticker_start_end.csv"
CANDLES = "https://api.exchange.coinbase.com/products/BTC-USD/candles?granularity=86400"
Get = Callable[..., Any]


def _days(result: Any) -> list[date]:
    return [datetime.fromtimestamp(t, calendar.NEW_YORK).date() for t in result["timestamp"]]


def test_lists_of_members(ask: Get) -> None:
    text = ask(CONSTITUENTS).text
    assert text.startswith(
        "Symbol,Security,GICS Sector,GICS Sub-Industry,Headquarters Location,Date added,CIK,Founded\n"
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    symbols = {row["Symbol"] for row in rows}
    assert len(rows) == len(members_on(date(2026, 1, 15)))
    assert {"NA", "TRUE", "HRN.B", "KRND"} <= symbols
    assert not {"UNDW", "FRGT"} & symbols
    assert '"Reno, Nevada"' in text
    spells = {row["ticker"]: row for row in csv.DictReader(io.StringIO(ask(SPELLS).text))}
    assert spells["UNDW"]["end_date"] == "2023-10-09"
    assert spells["FRGT"]["end_date"] == spells["KRND"]["start_date"] == "2024-06-24"
    assert spells["NA"]["end_date"] == ""


def test_lists_of_members_know_no_later_change(ask: Get) -> None:
    before = datetime(2024, 6, 22, 1, tzinfo=UTC)
    symbols = {row["Symbol"] for row in csv.DictReader(io.StringIO(ask(CONSTITUENTS, before).text))}
    assert "FRGT" in symbols
    assert "KRND" not in symbols
    spells = {row["ticker"]: row for row in csv.DictReader(io.StringIO(ask(SPELLS, before).text))}
    assert spells["FRGT"]["end_date"] == ""
    assert "KRND" not in spells


def test_fred_file(ask: Get) -> None:
    answer = ask(f"{FRED}?id=DGS10&cosd=2025-12-22&coed=2026-01-20")
    lines = answer.text.splitlines()
    assert answer.headers["content-type"] == "text/csv"
    assert lines[0] == "observation_date,DGS10"
    assert "2025-12-25," in lines
    assert "2026-01-01," in lines
    assert lines[-1].startswith("2026-01-14,")  # Thursday's yield comes out on Friday
    assert all(len(line.partition(".")[2]) == 2 for line in lines[1:] if not line.endswith(","))
    assert "2025-12-27," not in answer.text
    columbus = ask(f"{FRED}?id=DGS10&cosd=2025-10-13&coed=2025-10-13").text
    assert columbus == "observation_date,DGS10\n2025-10-13,\n"
    assert ask(f"{FRED}?id=DFF&cosd=2026-01-10&coed=2026-01-11").text.count("2026-01-1") == 2
    assert ask(f"{FRED}?id=NOPE").status_code == 404


def test_fred_policy_rates_step_in_quarters(ask: Get) -> None:
    upper, lower = (
        {
            row["observation_date"]: float(row[name])
            for row in csv.DictReader(io.StringIO(ask(f"{FRED}?id={name}").text))
        }
        for name in ("DFEDTARU", "DFEDTARL")
    )
    steps = {round(b - a, 2) for a, b in zip(list(upper.values()), list(upper.values())[1:], strict=False)} - {0.0}
    assert all((step * 4).is_integer() for step in steps)
    assert {round(upper[day] - lower[day], 2) for day in upper} == {0.25}
    assert max(upper) == "2026-01-15"


def test_fred_publication_clock_is_the_one_of_the_seed() -> None:
    seed = pl.read_csv(calendar.SEED.with_name("series.csv"), infer_schema=False)
    asked = seed.filter(pl.col("source") == "fred_observations")
    assert set(asked["series_id"]) == set(world().observations) | set(world().prints)
    released = asked.filter(pl.col("release_id").is_not_null())
    assert dict(released.select("series_id", "release_id").iter_rows()) == {
        name: held.final.release_id for name, held in world().prints.items()
    }
    rules = dict(asked.filter(pl.col("release_id").is_null()).select("series_id", "lag_rule").iter_rows())
    assert {name for name, rule in rules.items() if rule == "same_day_16"} == fred.SAME_DAY_16
    assert {name for name, rule in rules.items() if rule == "days_12"} == set(fred.BEHIND)
    assert set(rules.values()) == {"same_day_16", "next_business_day_17", "days_12"}


def test_cboe_file(ask: Get) -> None:
    url = "https://cdn.cboe.com/api/global/us_indices/daily_prices/{}_History.csv"
    for name in ("VIX", "VIX9D", "VIX3M"):
        lines = ask(url.format(name)).text.splitlines()
        assert lines[0] == "DATE,OPEN,HIGH,LOW,CLOSE"
        assert lines[1].startswith("01/02/2014,")
        assert lines[-1].startswith("01/15/2026,")
        assert all(len(cell.partition(".")[2]) == 6 for cell in lines[-1].split(",")[1:])
        for line in lines[1:]:
            opened, high, low, close = (float(cell) for cell in line.split(",")[1:])
            assert low <= min(opened, close) <= max(opened, close) <= high
    assert ask(url.format("NOPE")).status_code == 403


def test_cboe_indices_told_once_a_day(ask: Get) -> None:
    for name in ("VVIX", "SKEW", "COR1M", "DSPX"):
        lines = ask(f"https://cdn.cboe.com/api/global/us_indices/daily_prices/{name}_History.csv").text.splitlines()
        assert lines[0] == f"DATE,{name}" and len(lines) == len(world().clock.days) + 1
        assert {line.count(",") for line in lines} == {1} and lines[-1].startswith("01/15/2026,")


def test_cboe_options_of_a_session_appear_the_morning_after(ask: Get) -> None:
    url = "https://cdn.cboe.com/data/us/options/market_statistics/daily/{}_daily_options"
    evening, morning = datetime(2026, 1, 16, 1, tzinfo=UTC), datetime(2026, 1, 16, 14, tzinfo=UTC)
    assert ask(url.format("2026-01-15"), evening).status_code == 403
    told = ask(url.format("2026-01-15"), morning).json()
    assert {"name": "OEX PUT/CALL RATIO", "value": "0.00"} in told["ratios"]
    assert isinstance(told["SUM OF ALL PRODUCTS"], list)
    parts = [told[block][0] for block in ("INDEX OPTIONS", "EXCHANGE TRADED PRODUCTS", "EQUITY OPTIONS")]
    assert sum(row["total"] for row in parts) == told["SUM OF ALL PRODUCTS"][0]["total"]
    assert isinstance(ask(url.format("2024-12-30"), evening).json()["SUM OF ALL PRODUCTS"], dict)
    # a holiday, a day before the first file, and no day at all
    for day in ("2026-01-01", "2024-11-29", "2026-13-40"):
        assert ask(url.format(day), morning).status_code == 403


def test_fund_file(ask: Get) -> None:
    body = ask(FUND.format("900001")).content
    assert body.startswith(b"\xef\xbb\xbf\xef\xbb\xbf<?xml")
    assert b"R&D" in body
    assert b"&amp;" not in body
    history = body.partition(b'ss:Name="Historical"')[2].partition(b"</ss:Worksheet>")[0]
    cells = [cell.partition(b"</ss:Data>")[0].partition(b">")[2] for cell in history.split(b"<ss:Data")[1:]]
    assert cells[:4] == [b"As Of", b"NAV per Share", b"Ex-Dividends", b"Shares Outstanding"]
    assert cells[4] == b"Jan 14, 2026"  # public at 09:00 of the next session
    assert cells[6] == b"--"
    assert cells[-1] == b"--"
    assert ask(FUND.format("1")).status_code == 404


def test_fund_rows_wait_for_the_next_session_not_the_next_day(ask: Get) -> None:
    def newest(now: datetime) -> str:
        text: str = ask(FUND.format("900001"), now).text.partition("Shares Outstanding")[2]
        return text.partition('"String">')[2].partition("<")[0]

    assert newest(datetime(2026, 1, 10, 18, tzinfo=UTC)) == "Jan 08, 2026"  # Saturday: Friday's row comes on Monday
    assert newest(datetime(2026, 1, 12, 13, 59, tzinfo=UTC)) == "Jan 08, 2026"
    assert newest(datetime(2026, 1, 12, 14, tzinfo=UTC)) == "Jan 09, 2026"


def test_candles(ask: Get) -> None:
    rows = ask(f"{CANDLES}&start=2026-01-10T00:00:00Z&end=2026-01-16T00:00:00Z").json()
    assert [datetime.fromtimestamp(row[0], UTC).day for row in rows] == [16, 15, 14, 13, 12, 11, 10]
    for _, low, high, opened, close, volume in rows:
        assert low <= min(opened, close) <= max(opened, close) <= high
        assert volume > 0
    assert rows[0][5] < rows[1][5] / 4  # the running day has an hour of volume
    later = ask(f"{CANDLES}&start=2026-01-16&end=2026-01-16", SAMPLE_NOW + timedelta(hours=6)).json()
    assert later[0][5] > rows[0][5]
    assert len(ask(CANDLES).json()) == 300
    too_many = ask(f"{CANDLES}&start=2025-01-01T00:00:00Z&end=2026-01-01T00:00:00Z")
    assert too_many.status_code == 400
    assert "exceeds 300" in too_many.json()["message"]
    assert ask(CANDLES.replace("BTC", "NO")).status_code == 404


@pytest.mark.parametrize("now", [datetime(2020, 3, 9, tzinfo=UTC), datetime(2022, 6, 11, 1, tzinfo=UTC), SAMPLE_NOW])
def test_nothing_after_now(ask: Get, chart: Get, now: datetime) -> None:
    today = now.astimezone(calendar.NEW_YORK).date()
    recent = int(now.timestamp()) - 40 * 86400
    for symbol in world().bars:
        bars = world().bars_of(symbol, today)
        if bars is not None and world().clock.days[bars.start] <= today:
            held = chart(symbol.replace("^", "%5E"), recent, now=now)
            assert not held.get("timestamp") or max(_days(held)) <= today
    texts = [ask(f"{FRED}?id={name}", now).text for name in (*world().observations, *world().prints)]
    texts += [ask(CONSTITUENTS, now).text, ask(SPELLS, now).text]
    dates = {
        cell
        for text in texts
        for line in text.splitlines()
        for cell in line.split(",")
        if cell[4:5] == "-" == cell[7:8]
    }
    assert max(dates) <= today.isoformat()
    vix = ask("https://cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv", now).text.splitlines()[-1]
    assert datetime.strptime(vix[:10], "%m/%d/%Y").date() <= today  # noqa: DTZ007
    newest = ask(FUND.format("900002"), now).text.partition("Shares Outstanding")[2].partition('"String">')[2]
    assert datetime.strptime(newest.partition("<")[0], "%b %d, %Y").date() < today  # noqa: DTZ007
    assert ask(CANDLES, now).json()[0][0] < now.timestamp()


def test_an_earlier_world_is_the_same_world_cut(ask: Get, chart: Get) -> None:
    now = datetime(2021, 3, 3, 1, tzinfo=UTC)
    early, late = chart("%5ESMP", now=now), chart("%5ESMP")
    size = len(early["timestamp"])
    assert early["indicators"]["quote"][0]["close"] == late["indicators"]["quote"][0]["close"][:size]
    assert ask(f"{FRED}?id=DGS2").text.startswith(ask(f"{FRED}?id=DGS2", now).text)


def test_an_unknown_host_is_a_json_404(ask: Get) -> None:
    answer = ask("https://example.org/anything")
    assert answer.status_code == 404
    assert "example.org" in answer.json()["error"]
