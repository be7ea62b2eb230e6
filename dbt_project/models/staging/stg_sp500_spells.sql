select symbol, start_date, end_date, is_present, source, known_at, valid_until, version_no
from ({{ all_versions("sp500_spells", ["symbol", "start_date"]) }})
