-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select cik, ticker, title, listed_on, source, known_at
from ({{ known_rows("sec_company_tickers", ["listed_on", "ticker"]) }})
