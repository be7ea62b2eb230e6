-- Macro series as they were known at each session's snapshot: daily ones, and released statistics with their changes,
-- all taken from what one publication said. Missing stays missing and says why. What was expected of the newest release
-- and by how much it surprised is about the measure it is judged by (seeds/release_measures.csv, is_primary).
with
    daily as (
        select
            k.series_id,
            k.session_date,
            k.value,
            k.observation_date as obs_period,
            k.spoken_by as source,
            k.released_at,
            case when s.revision_kind is distinct from 'vintage' then k.value_first end as value_first,
            k.value_final,
            cast(k.staleness_sessions as bigint) as staleness_sessions,
            k.status,
            coalesce(s.revision_kind = 'vintage', false) as is_reconstructed,
            k.snapshot_at as known_at
        from {{ ref("int_series_as_known") }} as k
        inner join {{ ref("series") }} as s on s.series_id = k.series_id
        -- before a series' first figure there is nothing to say about it
        inner join
            (
                select series_id, min(session_date) as first_session
                from {{ ref("int_series_as_known") }}
                where released_at is not null
                group by series_id
            ) as f
            on f.series_id = k.series_id
            and k.session_date >= f.first_session
    ),
    released as (
        select
            k.*,
            {% for name in ["mom", "yoy", "ann_3m"] %}
                case when k.status <> 'OK' then k.status else k.status_{{ name }} end as reason_{{ name }},
            {% endfor %}
            k.session_no - o.session_no as staleness_sessions,
            r.expected,
            r.expected_source,
            r.surprise,
            r.surprise_kind,
            r.surprise_z,
            {% for name in ["surprise", "surprise_z"] %}
                case
                    when k.status <> 'OK'
                    then k.status
                    when r.surprise is null
                    then 'NOT_AVAILABLE'
                    else r.status_{{ name }}
                end as reason_{{ name }}
                {% if not loop.last %},{% endif %}
            {% endfor %}
        from {{ ref("int_macro_sessions") }} as k
        left join
            {{ ref("int_release_figures") }} as r
            on r.series_id = k.series_id
            and r.is_primary
            and r.obs_period = k.obs_period
            and r.known_at <= k.snapshot_at
        asof left join
            (select session_no, snapshot_at from {{ ref("int_calendar") }}) as o on o.snapshot_at <= k.released_at
    )
select
    series_id,
    session_date,
    case when status = 'OK' then value end as value,
    obs_period,
    released_at,
    value_first,
    value_final,
    case when reason_mom = 'OK' then round(mom, 6) end as mom,
    case when reason_yoy = 'OK' then round(yoy, 6) end as yoy,
    case when reason_ann_3m = 'OK' then round(ann_3m, 6) end as ann_3m,
    case when status = 'OK' then round(expected, 6) end as expected,
    case when status = 'OK' then expected_source end as expected_source,
    case when status = 'OK' then round(surprise, 6) end as surprise,
    case when status = 'OK' then surprise_kind end as surprise_kind,
    case when status = 'OK' then round(surprise_z, 6) end as surprise_z,
    case when vintage_source = 'vintage' then 'alfred' else 'fred' end as source,
    vintage_source,
    is_reconstructed,
    cast(staleness_sessions as bigint) as staleness_sessions,
    status,
    case when value_first is null then 'NOT_AVAILABLE' else 'OK' end as status_first,
    reason_surprise as status_surprise,
    reason_surprise_z as status_surprise_z,
    reason_mom as status_mom,
    reason_yoy as status_yoy,
    reason_ann_3m as status_ann_3m,
    snapshot_at as known_at
from released
union all by name
-- what a daily series does not have is not named here, and null in the union
select
    series_id,
    session_date,
    value,
    obs_period,
    released_at,
    value_first,
    value_final,
    source,
    'daily' as vintage_source,
    is_reconstructed,
    staleness_sessions,
    status,
    case
        when is_reconstructed then 'NOT_AVAILABLE' when value_first is null then 'NOT_PUBLISHED' else 'OK'
    end as status_first,
    'NOT_AVAILABLE' as status_surprise,
    'NOT_AVAILABLE' as status_surprise_z,
    'NOT_AVAILABLE' as status_mom,
    'NOT_AVAILABLE' as status_yoy,
    'NOT_AVAILABLE' as status_ann_3m,
    known_at
from daily
order by session_date, series_id
