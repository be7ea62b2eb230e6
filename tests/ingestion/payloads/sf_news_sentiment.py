"""Four days behind a page of notes; days as Excel counts them and as text."""

from ingestion.sample.workbooks import Cell, xlsx

SERIES = "news_sentiment_data"
HEADER: list[Cell] = ["date", "News Sentiment"]
LINES: list[list[Cell]] = [[46033.0, -0.125], [46034.0, 0.0625], [46035.0, 0.25], [46036.0, 0.5]]


def book(lines: list[list[Cell]] = LINES, header: list[Cell] = HEADER, sheet: str = "Data") -> bytes:
    """A workbook of these lines."""
    return xlsx({"About": [["Notes"]], sheet: [header, *lines]})


TEXTS = book([["2026-01-11", -0.125], ["2026-01-12", 0.0625]])
BODIES = [book(), TEXTS]
