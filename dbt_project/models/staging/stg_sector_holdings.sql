-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select fund, as_of_date, ticker, name, cusip, sedol, weight, shares_held, currency, is_equity, source, known_at
from ({{ known_rows("sector_holdings", ["fund", "as_of_date", "cusip"]) }})
