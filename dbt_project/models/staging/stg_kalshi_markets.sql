-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select
    series_ticker,
    event_ticker,
    ticker,
    observed_on,
    strike,
    cap_strike,
    strike_type,
    title,
    answer,
    yes_bid,
    yes_ask,
    last_price,
    volume,
    open_interest,
    close_at,
    expected_expiration_at,
    status,
    next_page,
    source,
    known_at
from ({{ known_rows("kalshi_markets", ["ticker", "observed_on"]) }})
