"""News sentiment of the San Francisco Fed: two columns behind notes; its newest week is known when it is seen."""

from datetime import UTC, date, datetime, timedelta

import payloads as p
import pytest
from payloads.sf_news_sentiment import LINES, TEXTS, book

from ingestion import index_files
from ingestion.sample.workbooks import Cell
from ingestion.source import Covered, EmptyAnswer, FetchState, ShapeError
from ingestion.sources import frbsf

ASKED = p.request("news_sentiment_data")


def test_days_as_excel_counts_them_or_as_text() -> None:
    frame = frbsf.parse(book(), ASKED)
    assert frame.rows() == [
        (date(2026, 1, 11), -0.125), (date(2026, 1, 12), 0.0625), (date(2026, 1, 13), 0.25), (date(2026, 1, 14), 0.5)
    ]  # fmt: skip
    assert frbsf.parse(TEXTS, ASKED).rows() == frame.rows()[:2]
    early = p.request("news_sentiment_data", datetime(2026, 1, 12, 20, tzinfo=UTC))
    assert frbsf.parse(book(), early).height == 2
    with pytest.raises(EmptyAnswer):
        frbsf.parse(book([]), ASKED)


def test_the_newest_week_is_known_when_it_is_seen() -> None:
    lines: list[list[Cell]] = [[46033.0 + n, 0.5] for n in range(-9, 1)]
    told = index_files.week_known_at(frbsf.parse(book(lines), ASKED)).to_list()
    assert told[:3] == [datetime(2026, 1, 10 + n, 23, tzinfo=UTC) for n in range(3)]
    assert told[3:] == [None] * 7


@pytest.mark.parametrize(
    "body",
    [
        book(header=["Date of the articles", "News Sentiment"]),
        book(sheet="Sheet1"),
        book([LINES[0], LINES[2]]),
        book([LINES[1], LINES[0]]),
        book([[46033.0, "n/a"]]),
        book([[46033.0, None]]),
        book([["11/01/2026", 0.5]]),
        book([LINES[0], [None, 0.5]]),
        b"<html>not here</html>",
    ],
)
def test_another_shape_is_refused(body: bytes) -> None:
    with pytest.raises(ShapeError):
        frbsf.parse(body, ASKED)


def test_asked_once_a_week_in_the_full_tier() -> None:
    assert not list(frbsf.requests(FetchState("core"), p.ASKED))
    (first,) = frbsf.requests(FetchState("full"), p.ASKED)
    assert first.url == "https://www.frbsf.org/wp-content/uploads/news_sentiment_data.xlsx" and first.whole
    tuesday = Covered(date(1980, 1, 1), date(2026, 1, 13), p.ASKED - timedelta(2), "data")
    assert not list(frbsf.requests(FetchState("full", {}, {frbsf.SERIES: tuesday}), p.ASKED))
    monday = Covered(date(1980, 1, 1), date(2026, 1, 12), p.ASKED - timedelta(3), "data")
    assert list(frbsf.requests(FetchState("full", {}, {frbsf.SERIES: monday}), p.ASKED)) == [first]
