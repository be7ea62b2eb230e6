"""Look-alikes of each vendor's answers, made by hand: the shape is the vendor's, the numbers are ours.

Each dataset has a file ``<dataset>.py`` here with ``SERIES``, what is asked for, and ``BODIES``, answers to it: the first
parses into rows, any others are answers the parser must tell apart. The parser fuzz mutates all of them.
"""

from __future__ import annotations

import importlib
import io
import json
import struct
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from openpyxl import Workbook  # type: ignore[import-untyped]

from ingestion.source import Request

NY = ZoneInfo("America/New_York")
ASKED = datetime(2026, 1, 16, 1, 0, tzinfo=UTC)  # 20:00 New York of session 2026-01-15
Bar = tuple[date, float | None, float | None, float | None, float | None, int | None]


def request(series: str, asked_at: datetime = ASKED, first: date = date(2013, 1, 1), whole: bool = True) -> Request:
    return Request(series, "https://vendor.example/", first, asked_at.astimezone(NY).date(), asked_at, whole=whole)


def of(dataset: str) -> tuple[str, list[bytes]]:
    """``SERIES`` and ``BODIES`` of a dataset. Raises ModuleNotFoundError where its file is missing."""
    module = importlib.import_module(f"{__name__}.{dataset}")
    return module.SERIES, module.BODIES


def opening(day: date, zone: str = "America/New_York", at: time = time(9, 30)) -> int:
    return int(datetime.combine(day, at, ZoneInfo(zone)).timestamp())


def float32(value: float | None) -> float | None:
    """The noise Yahoo's numbers carry: 34.1 becomes 34.099998474121094."""
    return None if value is None else struct.unpack("f", struct.pack("f", value))[0]


def yahoo(
    bars: list[Bar],
    symbol: str = "ABC",
    kind: str = "EQUITY",
    splits: dict[date, tuple[int, int]] | None = None,
    dividends: dict[date, float] | None = None,
    zone: str = "America/New_York",
    **meta: object,
) -> bytes:
    """A chart answer; prices as Yahoo sends them (split-adjusted, with float32 noise)."""
    columns = list(zip(*bars, strict=True)) if bars else [()] * 6
    prices = [[float32(value) for value in column] for column in columns[1:5]]
    events: dict[str, dict[str, object]] = {}
    if dividends:
        events["dividends"] = {
            str(opening(d, zone)): {"amount": a, "date": opening(d, zone)} for d, a in dividends.items()
        }
    if splits:
        events["splits"] = {
            str(opening(day, zone)): {
                "date": opening(day, zone),
                "numerator": n,
                "denominator": d,
                "splitRatio": f"{n}:{d}",
            }
            for day, (n, d) in splits.items()
        }
    end = opening(date(2026, 1, 16), zone, time(16))
    result = {
        "meta": {
            "currency": "USD",
            "symbol": symbol,
            "exchangeName": "NMS",
            "instrumentType": kind,
            "firstTradeDate": 345479400,
            "regularMarketPrice": 1.5,
            "exchangeTimezoneName": zone,
            "currentTradingPeriod": {"regular": {"timezone": "EST", "start": end - 23400, "end": end}},
            "dataGranularity": "1d",
            "range": "",
            **meta,
        },
        "timestamp": [opening(day, zone) for day in columns[0]],
        **({"events": events} if events else {}),
        "indicators": {
            "quote": [
                dict(zip(("open", "high", "low", "close", "volume"), [*prices, list(columns[5])], strict=True)),
            ],
            "adjclose": [{"adjclose": prices[3]}],
        },
    }
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


YAHOO_NOTHING = json.dumps(
    {
        "chart": {
            "result": [
                {
                    "meta": {"symbol": "ABC", "instrumentType": "EQUITY", "dataGranularity": "1d"},
                    "indicators": {"quote": [{}]},
                }
            ],
            "error": None,
        }
    }
).encode()
YAHOO_UNKNOWN = (
    b'{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found, symbol may be delisted"}}}'
)
YAHOO_FAULT = b'{"finance":{"result":null,"error":{"code":"Internal Error","description":"try again"}}}'
NOTE = b'{"Note": "Thank you for using our service! The limit is 5 calls a minute."}'
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"

BARS: list[Bar] = [
    (date(2026, 1, 12), 34.1, 35.0, 33.9, 34.55, 1_000),
    (date(2026, 1, 13), 34.5, 34.9, 34.0, 34.11, 2_000),
    (date(2026, 1, 14), 34.1, 34.2, 33.0, 33.07, 3_000),
    (date(2026, 1, 15), 33.1, 33.6, 32.9, 33.49, 4_000),
]
GOOD_YAHOO = yahoo(BARS, splits={date(2026, 1, 14): (2, 1)}, dividends={date(2026, 1, 13): 0.11})

GOOD_FRED = b"observation_date,DGS10\n2025-12-24,4.15\n2025-12-25,\n2025-12-26,4.14\n2026-01-14,4.15\n"
OLD_FRED = b"DATE,DGS10\n2025-12-24,4.15\n2025-12-25,.\n2025-12-26,4.14\n"

GOOD_CBOE = (
    b"DATE,OPEN,HIGH,LOW,CLOSE\n"
    b"01/13/2026,15.360000,16.500000,14.750000,15.980000\n"
    b"01/14/2026,16.330000,16.100000,16.220000,16.750000\n"  # high below open and close: Cboe has such rows
    b"01/15/2026,16.520000,16.540000,15.300000,15.840000\n"
)
GOOD_CBOE_SINGLE = b"DATE,SKEW\n01/14/2026,151.660000\n01/15/2026,150.190000\n"

GOOD_CANDLES = json.dumps(
    [
        [1768521600, 100.0, 130.0, 110.0, 120.0, 5.5],  # 2026-01-16 00:00Z, still running
        [1768435200, 95.0, 115, 100.0, 110.0, 2.5],
        [1768262400, 90.0, 105.0, 95.5, 100.0, 3.25],  # 2026-01-14 is a gap
    ]
).encode()

GOOD_CONSTITUENTS = (
    "Symbol,Security,GICS Sector,GICS Sub-Industry,Headquarters Location,Date added,CIK,Founded\n"
    'NA,Nation Apples,Materials,Agriculture,"Saint Paul, Minnesota",1957-03-04,66740,1902\n'
    "TRUE,Trülli Inc.,Financials,Banks,Oslo,,0000091142,\n"
    "BRK.B,Berk & Sons,Financials,Holdings,Omaha,2010-02-16,,2013 (1917)\n"
).encode()
GOOD_SPELLS = (
    b"ticker,start_date,end_date\nNULL,2000-06-05,\nAAL,1996-01-02,1997-01-15\nAAL,2015-03-23,2024-09-23\n"
    b"BRK.B,2010-02-16,\n"
)


def _cells(*values: str | float) -> str:
    cells = (
        f'<ss:Cell ss:StyleID="Left">\n<ss:Data ss:Type="{"String" if isinstance(v, str) else "Number"}">{v}</ss:Data>'
        "\n</ss:Cell>"
        for v in values
    )
    return "<ss:Row>\n" + "\n".join(cells) + "\n</ss:Row>"


def ishares(
    rows: list[tuple[str | float, ...]],
    header: tuple[str, ...] = ("As Of", "NAV per Share", "Ex-Dividends", "Shares Outstanding"),
    name: str = "Sample Broad Market ETF",
) -> bytes:
    """A fund workbook with the vendor's two byte-order marks and bare ampersands; the default is the name of 900001."""

    def sheet(name: str, *lines: str) -> str:
        return f'<ss:Worksheet ss:Name="{name}">\n<ss:Table>\n' + "\n".join(lines) + "\n</ss:Table>\n</ss:Worksheet>"

    text = (
        '<?xml version="1.0"?>\n<ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">\n'
        + sheet("Holdings", _cells("15-Jan-2026"), _cells(name), _cells("R&D of S&P", "a &lt; b"), _cells("As Of", 1.0))
        + "\n"
        + sheet("Historical", _cells(*header), *(_cells(*row) for row in rows))
        + "\n</ss:Workbook>"
    )
    return b"\xef\xbb\xbf\xef\xbb\xbf" + text.encode()


GOOD_FUND = ishares(
    [("Jan 15, 2026", 394.279541, "--", 707900000), ("Jan 14, 2026", 400.865096, 1.5, 706500000)],
)

GOOD_ALFRED = (
    b"observation_date,CPIAUCSL_20240111,CPIAUCSL_20240213\n"
    b"2023-10-01,307.5,307.25\n2023-11-01,308.0,307.75\n2023-12-01,308.75,308.5\n2024-01-01,,309.5\n"
)
ALFRED_SERIES = "CPIAUCSL/2024-01-11,2024-02-13"

GOOD_STABLECOINS = json.dumps(
    [
        {"date": str(stamp), "totalCirculating": {"peggedUSD": 301e9}, "totalCirculatingUSD": usd}
        for stamp, usd in (
            (1768348800, {"peggedUSD": 300e9, "peggedEUR": 5}),
            (1768435200, {"peggedUSD": 301.5e9, "peggedEUR": 5}),
            (1768521600, {"peggedUSD": 302e9}),  # 2026-01-16, the running day
        )
    ]
).encode()


def ssga(
    rows: list[tuple[object, ...]],
    ticker: str = "XYZ®",
    header: tuple[str, ...] = ("Date", "NAV", "Shares Outstanding", "Total Net Assets"),
    sheet: str = "navhist",
    small_print: str | None = "Past performance is not a reliable indicator.",
) -> bytes:
    """A fund workbook: name, ticker with its registered sign, a blank row, the header, newest day first."""
    book = Workbook()
    page = book.active
    page.title = sheet
    lines = [("Fund Name:", "A Fund® Trust"), ("Ticker Symbol:", ticker), (), header, *rows]
    for line in [*lines, *([(), (small_print,)] if small_print else [])]:
        page.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


GOOD_SSGA = ssga(
    [("15-Jan-2026", 50.25, 2_000_000, 100_500_000.0), ("14-Jan-2026", "49.75", "-", "-")],
)
