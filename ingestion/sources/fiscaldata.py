"""The Daily Treasury Statement (Fiscal Data, api.fiscaldata.treasury.gov): what the government took in, paid and holds.

Two tables, JSON in which everything is text and a missing cell is the text ``null``, whole millions of dollars. Deposits and
withdrawals have about 180 lines a day; here a day becomes its totals, because windows are made of sums. What the government
borrows and repays stands among the lines and is told apart. The vendor's own totals (rows without a category) count, because
lines are rounded one by one; the sum of the lines stands beside them, so that a line that is lost shows.

Questions lie on a fixed grid, months of lines and fiscal years of balances, each with its own series name, so that one that
failed leaves no hole. An answer with a further page was cut and is refused. A statement is out at 16:00 New York on the
next working day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote, urlencode

import polars as pl

from ingestion import calendar, planning
from ingestion.body import Body, guarded, number
from ingestion.source import Column, FetchState, Grid, Request, RowRule, Source

HOST = "api.fiscaldata.treasury.gov"
BASE = "/services/api/fiscal_service/v1/accounting/dts/"
DATASET = "fiscal_dts"
HISTORY_FROM = date(2012, 10, 1)  # a fiscal year; before 2012 money also lay at commercial banks
LIMIT = 10_000  # rows of one page, the most the service gives; a month has about 4,000
HOUR = 16  # New York, of the next working day
SETTLED_AFTER = timedelta(days=10)  # a month or year that is over is asked again until then
MILLION = 1e6
MISSING = ("", "null")
DAY, AMOUNT, KIND, CATEGORY = "record_date", "transaction_today_amt", "transaction_type", "transaction_catg"
ACCOUNT, OPENING, CLOSING = "account_type", "open_today_bal", "close_today_bal"
# Names of the account since 2012, while a line holds both balances of it.
ONE_LINE = ("Federal Reserve Account", "Treasury General Account (TGA)")
# Since 2022-04-18 each balance has a line, and both stand in the column of opening balances.
TWO_LINES = {
    "Treasury General Account (TGA) Opening Balance": "opening",
    "Treasury General Account (TGA) Closing Balance": "closing",
}
SIDES = {"Deposits": ("deposits", "debt_issues"), "Withdrawals": ("withdrawals", "debt_redemptions")}
# Totals of the account: a row without a category whose account says so, and until 2022 a row with one of these.
OLD_TOTAL = r"^Total (Federal Reserve Account|TGA )"
# Rows with a category that are no lines: totals, and what is moved between accounts of the Treasury.
NOT_LINES = r"^(Total|Sub-Total|Transfers |Change in Balance|Net Change)"
DEBT = {"debt_issues": "Public Debt Cash Issues", "debt_redemptions": "Public Debt Cash Redemp"}
ITEMS = ("deposits", "withdrawals", *DEBT, "opening", "closing")

COLUMNS = {
    "item": Column(
        pl.String(), "id",
        "deposits and withdrawals (all lines), debt_issues and debt_redemptions (those among them), opening and closing "
        "(the balance)",
    ),
    "observed_on": Column(pl.Date(), "date", "Day of the statement"),
    "amount_usd": Column(
        pl.Float64(), "usd", "The vendor's total of the day, where it tells none the sum of the lines; or the balance"
    ),
    "lines_usd": Column(pl.Float64(), "usd", "Sum of the lines; null for balances"),
    "lines": Column(pl.Int32(), "count", "How many lines"),
}  # fmt: skip


@dataclass(frozen=True)
class _Table:
    """One table of the statement: its name in the address, its fields, and how many months one question covers."""

    path: str
    fields: tuple[str, ...]
    months: int


TABLES = {
    "cash": _Table("operating_cash_balance", (DAY, ACCOUNT, CLOSING, OPENING), 12),
    "flows": _Table("deposits_withdrawals_operating_cash", (DAY, ACCOUNT, KIND, CATEGORY, AMOUNT), 1),
}


def _texts(body: Body, rows: list[object], fields: tuple[str, ...]) -> pl.DataFrame:
    """The fields of all rows as texts; a cell that is no text is refused, JSON's own null counts as missing."""
    found: dict[str, list[str | None]] = {field: [] for field in fields}
    for row in rows:
        held = body.mapping(row, "a line")
        for field, cells in found.items():
            if field not in held:
                raise body.wrong(f"{field} must be present in each line", sorted(held)[:12], "Update the connector.")
            cell = held[field]
            if cell is not None and not isinstance(cell, str):
                raise body.wrong(f"{field} must be a text", repr(cell)[:80])
            cells.append(None if cell is None or cell.strip() in MISSING else cell.strip())
    return pl.DataFrame({field: pl.Series(cells, dtype=pl.String) for field, cells in found.items()})


def _millions(body: Body, texts: pl.Series) -> pl.Series:
    """Whole millions as dollars. Raises ShapeError for anything else."""
    odd = texts.drop_nulls().filter(~texts.drop_nulls().str.contains(r"^-?\d+(\.0+)?$"))
    if len(odd):
        raise body.wrong(f"{texts.name} must be whole millions", odd[0])
    return number(texts) * MILLION


def _balances(body: Body, held: pl.DataFrame) -> pl.DataFrame:
    """Opening and closing balance of each day, whichever way the vendor wrote them then."""
    values = held.with_columns(_millions(body, held[name]).alias(name) for name in (OPENING, CLOSING))
    ours = values.filter(pl.col(ACCOUNT).is_in([*ONE_LINE, *TWO_LINES]))
    if ours.is_empty():
        names = sorted(set(held[ACCOUNT].drop_nulls()))[:6]
        raise body.wrong("a line of the Treasury's account must be present", names, "Update the connector.")
    old = ours.filter(pl.col(ACCOUNT).is_in(ONE_LINE))
    parts = [
        old.select(DAY, item=pl.lit(item), amount=column)
        for item, column in (("opening", OPENING), ("closing", CLOSING))
    ]
    new = ours.filter(pl.col(ACCOUNT).is_in(list(TWO_LINES)))
    parts.append(new.select(DAY, item=pl.col(ACCOUNT).replace_strict(TWO_LINES, default=None), amount=OPENING))
    told = pl.concat(parts).drop_nulls("amount")
    return told.with_columns(lines=pl.lit(1), lines_usd=pl.lit(None, dtype=pl.Float64))


def _sums(body: Body, held: pl.DataFrame) -> pl.DataFrame:
    """Sums of the lines of each day and side, and of those that are debt. Headings (no amount) and subtotals are no lines."""
    odd = held[KIND].filter(~held[KIND].is_in(list(SIDES)).fill_null(value=False))
    if len(odd):
        raise body.wrong(f"{KIND} must be one of {list(SIDES)}", str(odd[0]))
    values = held.with_columns(_millions(body, held[AMOUNT]).alias("amount")).drop_nulls("amount")
    is_total = pl.col(CATEGORY).is_null() & pl.col(ACCOUNT).str.contains("Total")
    totals = values.filter(is_total | pl.col(CATEGORY).str.contains(OLD_TOTAL).fill_null(value=False))
    lines = values.filter(~pl.col(CATEGORY).str.contains(NOT_LINES))
    unknown = lines.filter(
        pl.col(CATEGORY).str.starts_with("Public Debt")
        & ~pl.any_horizontal(pl.col(CATEGORY).str.starts_with(label) for label in DEBT.values())
    )
    if unknown.height:
        raise body.wrong(
            "lines of debt must be cash issues or redemptions", unknown[CATEGORY][0], "Update the connector."
        )
    parts = []
    for side, (all_of_it, debt) in SIDES.items():
        of_side = lines.filter(pl.col(KIND) == side)
        told = totals.filter(pl.col(KIND) == side).group_by(DAY).agg(total=pl.col("amount").max())
        summed = {
            all_of_it: of_side,
            debt: of_side.filter(pl.col(CATEGORY).str.starts_with(DEBT[debt])),
        }
        for item, rows in summed.items():
            one = (
                rows.group_by(DAY).agg(lines_usd=pl.col("amount").sum(), lines=pl.len()).join(told, on=DAY, how="left")
            )
            amount = pl.coalesce("total", "lines_usd") if item == all_of_it else pl.col("lines_usd")
            parts.append(one.select(DAY, "lines", "lines_usd", item=pl.lit(item), amount=amount))
    return pl.concat(parts)


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """One row per item and day, oldest first, without days after the New York day of ``asked_at``."""
    answer = body.mapping(body.json(), "the answer")
    rows = answer.get("data")
    if not isinstance(rows, list):
        raise body.wrong("the answer must hold 'data', a list of lines", repr(answer)[:200])
    further = body.mapping(answer.get("links"), "links").get("next")
    if further is not None or len(rows) >= LIMIT:
        raise body.wrong("the answer must be one page (else it was cut)", f"{len(rows)} lines, next page {further}")
    if not rows:
        raise body.nothing()
    name, month = body.request.series.split("/")
    first = date.fromisoformat(f"{month}-01")
    held = _texts(body, rows, TABLES[name].fields)
    days = body.dates(held[DAY].fill_null(""), "%Y-%m-%d", r"^\d{4}-\d{2}-\d{2}$")
    outside = days.filter(~days.is_between(first, _end(first, TABLES[name].months)))
    if len(outside):
        raise body.wrong(f"lines must be of the days asked, {TABLES[name].months} months from {first}", str(outside[0]))
    held = held.with_columns(days)
    found = _balances(body, held) if name == "cash" else _sums(body, held)
    today = body.request.asked_at.astimezone(calendar.NEW_YORK).date()
    return (
        found.rename({DAY: "observed_on", "amount": "amount_usd"})
        .filter(pl.col("observed_on") <= today)
        .sort("observed_on", "item", maintain_order=True)
    )


def known_at(frame: pl.DataFrame) -> pl.Series:
    """16:00 New York of the next working day of the federal government."""
    return calendar.at_new_york(calendar.federal_days_after(frame["observed_on"], 1), HOUR)


def _end(first: date, months: int) -> date:
    """The last day of ``months`` months that begin with ``first``."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1) - timedelta(1)


def _newest_due(as_of: datetime) -> tuple[date, datetime]:
    """The newest statement that should be out at the last snapshot, and since when it is."""
    moment = calendar.last_snapshot(as_of)
    today = moment.astimezone(calendar.NEW_YORK).date()
    days = [day for day in (today - timedelta(n) for n in range(1, 15)) if calendar.is_federal_day(day)]
    public = known_at(pl.DataFrame({"observed_on": days}))
    return next((day, at) for day, at in zip(days, public, strict=True) if at <= moment)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """The months and years that are not answered up to the newest statement due, oldest first; one with a hole again."""
    due, public = _newest_due(as_of)
    for name, table in TABLES.items():
        first = HISTORY_FROM
        while first <= due:
            end = _end(first, table.months)
            series, mark = f"{name}/{first:%Y-%m}", state.covered.get(f"{name}/{first:%Y-%m}")
            settled = datetime.combine(end, calendar.SNAPSHOT, calendar.NEW_YORK) + SETTLED_AFTER
            answered = planning.is_answered(mark, min(end, due), min(public, settled))
            is_bare = mark is not None and mark.outcome != "data"
            is_wanted = not answered or is_bare or planning.hole_is_due(mark, as_of)
            if is_wanted and not planning.waits(mark, as_of):
                yield Request(series, _url(table, first, end), first, min(end, due), as_of)
            first = end + timedelta(1)


def _url(table: _Table, first: date, end: date) -> str:
    asked = {
        "fields": ",".join(table.fields),
        "filter": f"{DAY}:gte:{first},{DAY}:lte:{end}",
        "sort": DAY,
        "page[number]": "1",
        "page[size]": str(LIMIT),
    }
    return f"https://{HOST}{BASE}{table.path}?{urlencode(asked, quote_via=quote, safe=',:')}"


def hole(frame: pl.DataFrame, request: Request) -> date | None:
    """The newest statement that was due, where an answer does not have it yet."""
    due = next(d for d in (request.last - timedelta(n) for n in range(15)) if calendar.is_federal_day(d))
    newest = frame["observed_on"].max()
    return None if isinstance(newest, date) and newest >= due else due


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="fiscaldata",
        title="Daily Treasury Statement: deposits, withdrawals, debt among them, balance",
        columns=COLUMNS,
        key=("item", "observed_on"),
        observed="observed_on",
        cadence="daily",
        lag_sessions=1,
        stale_after_sessions=5,
        grid=Grid("bond_day", "item"),
        versions="all",
        input_id="'dts_' || item",
        tier="core",
        criticality="optional",
        licence="US government work, free to use.",
        known_at=known_at,
        parse=parse,
        requests=requests,
        hole=hole,
        hosts=(HOST,),
        pace_seconds=0.2,
        rules=(
            RowRule(
                "sum_contradicts_total",
                (pl.col("amount_usd") - pl.col("lines_usd")).abs() > (pl.col("lines") + 1) * MILLION / 2,
                "the sum of the lines must be the vendor's total, but for half a million of rounding per line",
            ),
            RowRule(
                "balance_negative",
                (pl.col("item").is_in(["opening", "closing"])) & (pl.col("amount_usd") < 0),
                "the Treasury's account is never overdrawn",
            ),
        ),
        domain="flow",
    ),
)
