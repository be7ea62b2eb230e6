"""A list of companies with two classes of one and a name with quotes; a page of the SEC that refuses; nothing known."""

import json

SERIES = "tickers"


def tickers(*rows: tuple[object, str, str]) -> bytes:
    return json.dumps(
        {str(n): {"cik_str": cik, "ticker": ticker, "title": title} for n, (cik, ticker, title) in enumerate(rows)}
    ).encode()


BODIES = [
    tickers(
        (900001, "ABC", "Abcedary Corp"),
        (900002, "XYZ-A", 'XYZ "HOLDINGS" INC'),
        (900002, "XYZ-B", 'XYZ "HOLDINGS" INC'),
    ),
    b"<html><head><title>SEC.gov | Your Request Originates from an Undeclared Automated Tool</title></head></html>",
    b"{}",
]
