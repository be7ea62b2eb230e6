"""Bars in doubt, from the bars up to each of them: long in, long out. The rules are in updraft_kernels.doubts."""

from updraft_kernels import doubts

COLUMNS = (
    "instrument_id, asset_class, session_no, high, low, close, volume, split_factor, cash, has_late_split,"
    " is_cash_doubted, has_unlisted_step"
)


def model(dbt, session):
    dbt.config(materialized="table")
    bars = dbt.ref("int_bars").filter("is_traded and asset_class in ('stock', 'etf')").select(COLUMNS).pl()
    market = dict(dbt.ref("int_bars").filter("is_headline").select("session_no, close").order("session_no").fetchall())
    values = {}
    for fund, number, value, shares, known_no in dbt.ref("int_fund_values").fetchall():
        held = doubts.Value(value, float("nan") if shares is None else shares, known_no)
        values.setdefault(fund, {})[number] = held
    return doubts.judge(bars, market, values).to_arrow()
