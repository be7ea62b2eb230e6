-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select symbol, contract_month, session_date, settle, volume, source, known_at
from ({{ known_rows("yahoo_fed_funds", ["contract_month", "session_date"]) }})
