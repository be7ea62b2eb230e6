-- Every version of every FRED figure, dated by the lag rule and not filtered by as_of: for released series the release
-- date takes the lag rule's place (int_macro_figures), which may be earlier, and is filtered there.
select
    series_id,
    observation_date,
    value,
    source,
    known_at,
    row_number() over (
        partition by series_id, observation_date order by known_at, fetched_at, landing_sha256
    ) as version_no
from
    (
        select *
        from {{ source("raw", "fred_observations") }}
        union all by name
        select *
        from {{ source("raw", "fred_observations_superseded") }}
    )
