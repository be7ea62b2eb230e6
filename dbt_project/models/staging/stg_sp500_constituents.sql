select
    symbol,
    name,
    nullif(trim(both '_' from lower(regexp_replace(sector, '[^A-Za-z0-9]+', '_', 'g'))), '') as sector_id,
    sub_industry,
    date_added,
    cik,
    is_present,
    source,
    known_at,
    valid_until,
    version_no
from ({{ all_versions("sp500_constituents", ["symbol"]) }})
