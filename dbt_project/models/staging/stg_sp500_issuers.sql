-- The number under which each listed company files, in every version held. It is read whenever it was told: it was
-- public from the day the company began to file, and the list of members is only where we found it.
select symbol, cik, known_at, version_no
from ({{ all_versions("sp500_constituents", ["symbol"], held=true) }})
where cik is not null
