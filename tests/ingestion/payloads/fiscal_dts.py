"""Two days of lines as Fiscal Data tells them, with a heading, a subtotal and totals, and balances in both ways of writing."""

import json
from typing import Any

SERIES = "flows/2026-01"
CASH_SERIES = "cash/2021-10"


def line(
    day: str, kind: str, category: str, amount: str, account: str = "Treasury General Account (TGA)"
) -> dict[str, str]:
    return {
        "record_date": day,
        "account_type": account,
        "transaction_type": kind,
        "transaction_catg": category,
        "transaction_today_amt": amount,
    }


def balance(day: str, account: str, opening: str, closing: str = "null") -> dict[str, str]:
    return {"record_date": day, "account_type": account, "close_today_bal": closing, "open_today_bal": opening}


def told(rows: list[Any], **links: str | None) -> bytes:
    """An answer of one page."""
    return json.dumps({"data": rows, "meta": {"count": len(rows)}, "links": {"next": None, **links}}).encode()


# Deposits of 80,000 with 58,000 of debt, withdrawals of 95,000 with 60,000 of debt: a deficit of 13,000. The lines of
# deposits are rounded one by one and sum to one more; transfers between accounts are no lines.
ROWS = [
    line("2026-01-05", "Deposits", "Taxes - Corporate Income", "12000"),
    line("2026-01-05", "Deposits", "Other Deposits:", "null"),
    line("2026-01-05", "Deposits", "Customs", "10001"),
    line("2026-01-05", "Deposits", "Sub-Total Deposits", "22000"),
    line("2026-01-05", "Deposits", "Transfers from Depositaries", "900"),
    line("2026-01-05", "Deposits", "Total Other Deposits", "700"),
    line("2026-01-05", "Deposits", "Public Debt Cash Issues (Table III-B)", "58000"),
    line("2026-01-05", "Deposits", "null", "80000", "Treasury General Account Total Deposits"),
    line("2026-01-05", "Withdrawals", "SSA - Benefits Payments", "35000"),
    line("2026-01-05", "Withdrawals", "Public Debt Cash Redemp. (Table III-B)", "60000"),
    line("2026-01-05", "Withdrawals", "null", "95000", "Treasury General Account Total Withdrawals"),
    line("2026-01-06", "Deposits", "Customs", "-5"),
    line("2026-01-06", "Deposits", "Public Debt Cash Issues (Table IIIB)", "0"),
    line("2026-01-06", "Withdrawals", "SSA - Benefits Payments", "7"),
    line("2026-01-06", "Withdrawals", "Public Debt Cash Redemp. (Table IIIB)", "3"),
    line("2026-01-06", "Withdrawals", "Total Federal Reserve Account", "11"),
]
BALANCES = [
    balance("2021-10-04", "Federal Reserve Account", "100", "90"),
    balance("2021-10-04", "Short-Term Cash Investments (Table V)", "0", "0"),
    balance("2021-10-05", "Treasury General Account (TGA)", "90", "95"),
    balance("2022-04-18", "Treasury General Account (TGA) Opening Balance", "800000"),
    balance("2022-04-18", "Treasury General Account Total Deposits", "80000"),
    balance("2022-04-18", "Treasury General Account (TGA) Closing Balance", "785000"),
]
GOOD = told(ROWS)
BODIES = [GOOD, told(list(reversed(ROWS)))]
CASH = told(BALANCES)
