-- Vintages of macro series, every version known at as_of, from two tellings of the same history. FRED's interface,
-- which needs a key, tells each change of each figure; a series for which it has answered speaks from it up to the
-- newest vintage it told, whatever as_of is: which telling speaks must not depend on the day looked at. Else, and
-- afterwards, ALFRED's file speaks.
with
    told as (
        select series_id, max(realtime_start) as told_to
        from {{ source("raw", "fred_api_vintages") }}
        group by series_id
    )
select
    v.series_id,
    v.observation_date,
    v.vintage_date,
    v.value,
    v.source,
    v.known_at,
    v.first_seen_at,
    v.valid_until,
    v.version_no
from ({{ all_versions("alfred_vintages", ["series_id", "observation_date", "vintage_date"]) }}) as v
left join told as t on t.series_id = v.series_id
where t.told_to is null or v.vintage_date > t.told_to
union all by name
select
    series_id,
    observation_date,
    realtime_start as vintage_date,
    value,
    source,
    known_at,
    first_seen_at,
    valid_until,
    version_no
from ({{ all_versions("fred_api_vintages", ["series_id", "observation_date", "realtime_start"]) }})
