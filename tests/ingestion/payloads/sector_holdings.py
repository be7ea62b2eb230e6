"""The same workbook as of the broad fund; a fund of one sector has fewer lines."""

from payloads.spy_holdings import OTHERS, STOCKS, listed

SERIES = "XSEC"
GOOD = listed([(*line[:4], 4.0 * float(str(line[4])), *line[5:]) for line in STOCKS[4:10]] + OTHERS, fund="XSEC")
BODIES = [GOOD]
