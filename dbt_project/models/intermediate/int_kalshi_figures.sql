-- What the prediction market expected of each release, evening by evening: the median of its ladder. In the unit of
-- seeds/release_measures.csv.
select distinct
    series_ticker, event_ticker, month as obs_period, observed_on, median, low, high, n_used, crossing, status, known_at
from {{ ref("int_kalshi_ladders") }}
where series_ticker <> 'KXFED'
order by series_ticker, event_ticker, known_at
