-- Every value a period had while its source spoke for the series, in the order in which they became known.
with
    successive as (
        select series_id, obs_period, known_at, value, vintage_source
        from {{ ref("int_macro_panel") }}
        qualify value is distinct from lag(value) over (partition by series_id, obs_period order by known_at)
    ),
    numbered as (
        select *, row_number() over (partition by series_id, obs_period order by known_at) as vintage_no from successive
    )
select
    n.series_id,
    n.obs_period,
    n.vintage_no,
    n.value,
    cast(null as double) as expected,
    n.vintage_source,
    c.session_date,
    n.known_at
from numbered as n
-- the first session at whose snapshot it was known; a value newer than the last snapshot has no row yet
asof join (select session_date, snapshot_at from {{ ref("int_calendar") }}) as c on c.snapshot_at >= n.known_at
order by n.known_at, n.series_id, n.obs_period
