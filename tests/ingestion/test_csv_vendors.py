"""FRED, Cboe and the two S&P 500 lists: header contract, missing marks, cut bodies, odd symbols."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import payloads as p
import polars as pl
import pytest

from ingestion.source import EmptyAnswer, Request, ShapeError
from ingestion.sources import cboe, fred, sp500

Parse = Callable[[bytes, Request], pl.DataFrame]
GOOD: list[tuple[Parse, str, bytes]] = [
    (fred.parse, "DGS10", p.GOOD_FRED),
    (cboe.parse, "VIX", p.GOOD_CBOE),
    (cboe.parse, "SKEW", p.GOOD_CBOE_SINGLE),
    (sp500.parse_constituents, "constituents", p.GOOD_CONSTITUENTS),
    (sp500.parse_spells, "spells", p.GOOD_SPELLS),
]


@pytest.mark.parametrize("body", [p.GOOD_FRED, p.OLD_FRED, b"\xef\xbb\xbf" * 2 + p.GOOD_FRED])
def test_fred_reads_both_headers_and_both_blanks(body: bytes) -> None:
    frame = fred.parse(body, p.request("DGS10"))
    assert frame.rows()[:2] == [("DGS10", date(2025, 12, 24), 4.15), ("DGS10", date(2025, 12, 26), 4.14)]


def test_fred_without_values_is_empty_not_wrong() -> None:
    for body in (b"observation_date,DGS10\n", b"observation_date,DGS10\n2025-12-25,\n"):
        with pytest.raises(EmptyAnswer):
            fred.parse(body, p.request("DGS10"))


def test_fred_drops_what_lies_after_the_question() -> None:
    asked = datetime(2025, 12, 25, 1, tzinfo=UTC)  # still the 24th in New York
    assert fred.parse(p.GOOD_FRED, p.request("DGS10", asked)).height == 1


def test_fred_answer_for_another_series_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"\['DGS2'\] must be present.*DGS10"):
        fred.parse(p.GOOD_FRED, p.request("DGS2"))


def test_fred_known_at_follows_the_lag_rules() -> None:
    frame = pl.DataFrame(
        {
            "series_id": ["DGS10", "DGS10", "DFEDTARU", "THREEFYTP10", "THREEFYTP10", "DGS10"],
            "observation_date": [
                *(date(2025, 10, 10), date(2026, 1, 14), date(2026, 1, 14)),
                *(date(2026, 1, 6), date(2026, 1, 5), date(1962, 1, 2)),
            ],
        }
    )
    assert fred.known_at(frame).to_list() == [
        datetime(2025, 10, 14, 21, tzinfo=UTC),  # Columbus Day has no H.15
        datetime(2026, 1, 15, 22, tzinfo=UTC),
        datetime(2026, 1, 14, 21, tzinfo=UTC),
        datetime(2026, 1, 20, 22, tzinfo=UTC),  # twelve days later is a Sunday, and then comes a holiday
        datetime(2026, 1, 20, 22, tzinfo=UTC),
        datetime(1990, 1, 2, 22, tzinfo=UTC),  # before the calendar: known on its first day
    ]


def test_cboe_both_layouts() -> None:
    frame = cboe.parse(p.GOOD_CBOE, p.request("VIX"))
    assert frame.row(-1) == ("VIX", date(2026, 1, 15), 16.52, 16.54, 15.3, 15.84)
    single = cboe.parse(p.GOOD_CBOE_SINGLE, p.request("SKEW"))
    assert single.row(-1) == ("SKEW", date(2026, 1, 15), None, None, None, 150.19)
    both = b"DATE,OPEN,HIGH,LOW,CLOSE,VIX\n01/15/2026,1.0,4.0,0.5,2.0,9.9\n"
    assert cboe.parse(both, p.request("VIX")).row(0)[2:] == (1.0, 4.0, 0.5, 2.0)


def test_cboe_only_the_close_is_judged() -> None:
    frame = cboe.parse(p.GOOD_CBOE, p.request("VIX"))
    (rule,) = cboe.SOURCES[0].rules
    assert not frame.select(rule.bad).to_series().any()
    closes = pl.DataFrame({"close": [None, float("nan"), float("inf"), 0.0, -1.0, 15.0]})
    assert closes.select(rule.bad).to_series().to_list() == [True] * 5 + [False]


def test_cboe_day_still_running_is_dropped() -> None:
    noon = datetime(2026, 1, 15, 17, tzinfo=UTC)
    assert cboe.parse(p.GOOD_CBOE, p.request("VIX", noon))["session_date"].max() == date(2026, 1, 14)
    after_close = datetime(2026, 1, 15, 21, 15, tzinfo=UTC)
    assert cboe.parse(p.GOOD_CBOE, p.request("VIX", after_close))["session_date"].max() == date(2026, 1, 15)


def test_constituents_keep_odd_symbols_and_quoted_commas() -> None:
    frame = sp500.parse_constituents(p.GOOD_CONSTITUENTS, p.request("constituents"))
    assert frame["symbol"].to_list() == ["NA", "TRUE", "BRK-B"]
    assert frame["headquarters"][0] == "Saint Paul, Minnesota"
    assert frame["date_added"].to_list() == [date(1957, 3, 4), None, date(2010, 2, 16)]
    assert frame["cik"].to_list() == [66740, 91142, None]
    known = sp500.constituents_known_at(frame)
    assert known[0] == datetime(1957, 3, 4, 5, tzinfo=UTC)
    assert known[1] is None


def test_spells_keep_each_stay() -> None:
    frame = sp500.parse_spells(p.GOOD_SPELLS, p.request("spells"))
    assert frame.rows()[1:3] == [
        ("AAL", date(1996, 1, 2), date(1997, 1, 15), None),
        ("AAL", date(2015, 3, 23), date(2024, 9, 23), None),
    ]
    assert frame["symbol"].to_list() == ["NULL", "AAL", "AAL", "BRK-B"]
    open_only = b"ticker,start_date,end_date\nA,2000-06-05,\nB,2000-06-05,\n"
    assert sp500.parse_spells(open_only, p.request("spells"))["end_date"].null_count() == 2


def test_symbols_that_are_not_symbols_are_quarantined() -> None:
    rule = next(rule for rule in sp500.SOURCES[0].rules if rule.name == "symbol_not_allowed")
    odd = pl.DataFrame(
        {"symbol": ["'; DROP TABLE x", "=cmd()", "A" * 10_000, "\u0410APL", "", "..", "BRK-B"]}
    )  # the fourth begins with a Cyrillic letter
    assert odd.select(rule.bad).to_series().to_list() == [True] * 6 + [False]


@pytest.mark.parametrize(
    ("cell", "spoilt", "column"),
    [
        (b"1957-03-04", b"1983-11-30 (1957-03-04)", "date_added"),
        (b"1957-03-04", b"1957-13-04", "date_added"),
        (b"1957-03-04", b"5th March", "date_added"),
        (b"66740", b"#N/A", "cik"),
        (b"66740", b"66740.0", "cik"),
        (b"66740", b"99999999999999999999", "cik"),
    ],
)
def test_one_bad_cell_of_an_optional_column_costs_that_cell(cell: bytes, spoilt: bytes, column: str) -> None:
    good = sp500.parse_constituents(p.GOOD_CONSTITUENTS, p.request("constituents"))
    frame = sp500.parse_constituents(p.GOOD_CONSTITUENTS.replace(cell, spoilt), p.request("constituents"))
    assert frame.drop(column, "unread").equals(good.drop(column, "unread"))
    assert frame[column][0] is None and frame[column][1:].equals(good[column][1:])
    assert frame["unread"].to_list() == [f"{column}={spoilt.decode()}", None, None]


def test_a_column_of_unreadable_cells_is_another_layout() -> None:
    rows = "".join(f"S{n},Name,Energy,Oil,Oslo,{'soon' if n < 5 else '2001-02-03'},{n},1990\n" for n in range(1, 41))
    header = p.GOOD_CONSTITUENTS.splitlines()[0] + b"\n"
    assert sp500.parse_constituents(header + rows.encode(), p.request("constituents"))["unread"].null_count() == 36
    with pytest.raises(ShapeError, match="date_added must be readable; found: 40 of 40"):
        sp500.parse_constituents(header + rows.replace("2001-02-03", "soon").encode(), p.request("constituents"))


def test_a_stay_whose_days_cannot_be_read_is_one_row() -> None:
    """It is told as such, so the loader sets the row aside; a blank symbol is a key that could not be read."""
    body = p.GOOD_SPELLS.replace(b"2024-09-23", b"2024-09-31").replace(b"NULL,2000-06-05", b" ,2000-06-05")
    frame = sp500.parse_spells(body, p.request("spells"))
    assert frame["unread"].to_list() == [None, None, "end_date=2024-09-31", None]
    assert frame["symbol"].to_list() == [None, "AAL", "AAL", "BRK-B"]
    rule = next(rule for rule in sp500.SOURCES[1].rules if rule.name == "cell_unreadable")
    assert frame.select(rule.bad).to_series().to_list() == [False, False, True, False]


def test_a_list_of_one_is_no_list() -> None:
    with pytest.raises(ShapeError, match="at least 2"):
        sp500.parse_constituents(b"\n".join(p.GOOD_CONSTITUENTS.split(b"\n")[:2]) + b"\n", p.request("constituents"))


@pytest.mark.parametrize(("parse", "series", "body"), GOOD)
def test_columns_may_move_and_be_added_but_not_vanish(parse: Parse, series: str, body: bytes) -> None:
    rows = [line.rsplit(b",", 1) for line in body.splitlines()]
    good = parse(body, p.request(series))
    moved = b"".join(last + b"," + first + b"\r\n" for first, last in rows)
    if b"DATE," not in body and b"observation_date" not in body:
        assert parse(moved, p.request(series)).equals(good)
    added = b"".join(line + (b",extra\n" if n == 0 else b",1\n") for n, line in enumerate(body.splitlines()))
    assert parse(added, p.request(series)).equals(good)
    name = rows[0][1]
    with pytest.raises(ShapeError, match="must be present once"):
        parse(body.replace(name, b"renamed", 1), p.request(series))


@pytest.mark.parametrize(("parse", "series", "body"), GOOD)
def test_bodies_that_are_not_the_file(parse: Parse, series: str, body: bytes) -> None:
    lines = body.splitlines(keepends=True)
    wrong = {
        "empty": b"",
        "markup": p.HTML,
        "markup after a mark": b"\xef\xbb\xbf" + p.HTML,
        "note": p.NOTE,
        "cut within a number": body[:-2],
        "cut within a row": b"".join(lines[:-1]) + lines[-1].split(b",")[0],
        "row too short": b"".join(lines[:-1]) + lines[-1].split(b",")[0] + b"\n",
        "row too long": body[:-1] + b",1\n",
        "blank row": body + b"\n",
        "utf-16": body.decode().encode("utf-16"),
        "not utf-8": body[:-1] + b"\xff\n",
        "zero byte": body[:-1] + b"\x00\n",
        "open quote": b'"'.join(lines),
    }
    for what, data in wrong.items():
        with pytest.raises(ShapeError):
            pytest.fail(f"{what}: {parse(data, p.request(series))}")


@pytest.mark.parametrize("line", [b"2025-12-24\n", b"2025-12-24,4.1,5\n", b"\n"])
def test_a_ragged_row_is_named(line: bytes) -> None:
    with pytest.raises(ShapeError, match="row 6 must have 2 fields"):
        fred.parse(p.GOOD_FRED + line, p.request("DGS10"))


@pytest.mark.parametrize("day", ["2026-02-31", "31/12/2025", "2026-1-5", "+2026-01-05", "0026-01-05", "soon", ""])
def test_days_that_do_not_exist(day: str) -> None:
    with pytest.raises(ShapeError):
        fred.parse(f"observation_date,DGS10\n{day},4.1\n".encode(), p.request("DGS10"))


def test_european_dates_are_not_taken_for_american_ones() -> None:
    with pytest.raises(ShapeError):
        cboe.parse(p.GOOD_CBOE.replace(b"01/15/2026", b"15/01/2026"), p.request("VIX"))


@pytest.mark.parametrize("value", ["4,1", "n/a", "0x10", "4.1.1", "--"])
def test_values_that_are_no_numbers(value: str) -> None:
    with pytest.raises(ShapeError):
        fred.parse(f'observation_date,DGS10\n2025-12-24,"{value}"\n'.encode(), p.request("DGS10"))


def test_not_a_number_goes_to_quarantine() -> None:
    frame = fred.parse(b"observation_date,DGS10\n2025-12-24,NaN\n2025-12-26,4.1\n", p.request("DGS10"))
    (rule,) = fred.SOURCES[0].rules
    assert frame.select(rule.bad).to_series().to_list() == [True, False]
