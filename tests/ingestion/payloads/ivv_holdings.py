"""A list of holdings as CSV: nine lines above the header, numbers in quotes with commas, terms below a hard space."""

from collections.abc import Sequence

SERIES = "SBRD"
HEADER = (
    "Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Notional Value,Shares,Price,Location,Exchange,Currency,"
    "FX Rate,Market Currency,Accrual Date"
)
Line = tuple[str, str, str, str, float, float, float, float, str]


def stock(ticker: str, weight: float, price: float = 20.0, name: str = "") -> Line:
    """A line of a fund of a million dollars."""
    return (
        ticker,
        name or f"{ticker} & SONS",
        "Financials",
        "Equity",
        1e4 * weight,
        weight,
        1e4 * weight / price,
        price,
        "NYSE",
    )


# 23 securities, one of them a class share; weights sum to 99.7
STOCKS: list[Line] = [stock("BRKB", 7.2, 300.0), stock("NA", 4.5), *(stock(f"AB{chr(65 + n)}", 4.0) for n in range(22))]
OTHERS: list[Line] = [
    ("USD", "USD CASH", "Cash and/or Derivatives", "Cash", 2000.0, 0.2, 2000.0, 100.0, "-"),
    ("INH", "BOUGHT INC CVR", "Health Care", "Equity", 166.0, 0.0, 100.0, 1.66, "NO MARKET (E.G. UNLISTED)"),
    ("SOLD RT", "SOLD RIGHTS", "Energy", "Equity", 156.0, 0.0, 100.0, 1.56, "Nyse Mkt Llc"),
    ("-", "EARNED INC VESTING Prvt", "Health Care", "Equity", 1.31, 0.0, 130676.0, 0.0, "NO MARKET (E.G. UNLISTED)"),
    (
        "ESM6",
        "S&P500 EMINI JUN 26",
        "Cash and/or Derivatives",
        "Futures",
        0.0,
        0.0,
        4.0,
        4132.0,
        "Index And Options Market",
    ),
]


def listed(
    lines: Sequence[Line] = (*STOCKS, *OTHERS),
    fund: str = "Sample Broad Market ETF",
    told: str = "Jan 14, 2026",
    header: str = HEADER,
    below: str = '\N{NO-BREAK SPACE}\n"Terms of use.\nHoldings change.\n',
) -> bytes:
    rows = [
        ",".join(
            f'"{cell}"'
            for cell in (
                *line[:4], f"{line[4]:,.2f}", f"{line[5]:.2f}", f"{line[4]:,.2f}", f"{line[6]:,.2f}", f"{line[7]:,.2f}",
                "United States", line[8], "USD", "1.00", "USD", "-",
            )
        )
        for line in lines
    ]  # fmt: skip
    above = [fund, f'Fund Holdings as of,"{told}"', 'Inception Date,"May 15, 2000"', 'Shares Outstanding,"7,100.00"',
             'Stock,"-"', 'Bond,"-"', 'Cash,"-"', 'Other,"-"', "\N{NO-BREAK SPACE}"]  # fmt: skip
    return ("\ufeff" + "\n".join([*above, header, *rows]) + "\n" + below).encode()


GOOD = listed()
BODIES = [GOOD, listed([])]
