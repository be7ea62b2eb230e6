-- Each released series at each moment something changed: its newest period and how it differs from earlier ones, all
-- taken from the same panel. A change that needs a period without a figure is missing and says why; nothing is bridged
-- except in `bridge`, the mean monthly rate over the gap.
-- is_reconstructed: the newest figures of a series that gets revised, under an old date; nobody knew them then.
-- Rates (unit pct) and indices in standard deviations (z) change in points; payrolls and all others in percent,
-- payrolls also in persons (change_1, _3).
with
    firsts as (
        select series_id, min(obs_period) as first_period from {{ ref("int_macro_vintages") }} group by series_id
    ),
    grouped as (
        select
            p.series_id,
            s.unit,
            s.frequency,
            coalesce(p.vintage_source = 'lag_rule' and s.revision_kind = 'vintage', false) as is_reconstructed,
            p.known_at,
            p.vintage_source,
            p.newest_period,
            f.first_period,
            max(p.first_known_at) filter (where p.obs_period = p.newest_period) as released_at,
            {% for k in range(0, 7) %} {{ periods_before(k) }} as x{{ k }}, {% endfor %}
            {{ periods_before(12) }} as x12,
            {{ periods_before(52) }} as x52,
            arg_max(p.value, p.obs_period) filter (where p.obs_period < p.newest_period) as x_before,
            max(p.obs_period) filter (where p.obs_period < p.newest_period) as period_before
        from {{ ref("int_macro_panel") }} as p
        inner join {{ ref("series") }} as s on s.series_id = p.series_id
        inner join firsts as f on f.series_id = p.series_id
        group by
            p.series_id,
            s.unit,
            s.frequency,
            s.revision_kind,
            p.known_at,
            p.vintage_source,
            p.newest_period,
            f.first_period
    ),
    stepped as (
        select
            *,
            case when frequency like 'W%' then x52 when frequency = 'Q' then x4 else x12 end as x_year,
            datediff('month', period_before, newest_period) as gap_months,
            x0 - x1 as change_1,
            case when x1 is not null and x2 is not null then (x0 - x3) / 3 end as change_3,
            x0 + x1 + x2 as last_3,
            x3 + x4 + x5 as previous_3
        from grouped
    )
select
    series_id,
    frequency,
    known_at,
    vintage_source,
    is_reconstructed,
    newest_period,
    released_at,
    x0 as value,
    case when unit in ('pct', 'z') then x0 - x1 else 100 * (x0 / nullif(x1, 0) - 1) end as mom,
    {{ period_status(["x1"], 1) }} as status_mom,
    case when unit in ('pct', 'z') then x0 - x_year else 100 * (x0 / nullif(x_year, 0) - 1) end as yoy,
    case
        when frequency like 'W%'
        then {{ period_status(["x52"], 52) }}
        when frequency = 'Q'
        then {{ period_status(["x4"], 4) }}
        else {{ period_status(["x12"], 12) }}
    end as status_yoy,
    case when unit <> 'pct' and frequency = 'M' then 100 * (pow(x0 / nullif(x3, 0), 4) - 1) end as ann_3m,
    case
        when unit = 'pct' or frequency <> 'M' then 'NOT_AVAILABLE' else {{ period_status(["x3"], 3) }}
    end as status_ann_3m,
    case when unit <> 'pct' and frequency = 'M' then 100 * (pow(x0 / nullif(x6, 0), 2) - 1) end as ann_6m,
    case
        when unit = 'pct' or frequency <> 'M' then 'NOT_AVAILABLE' else {{ period_status(["x6"], 6) }}
    end as status_ann_6m,
    case
        when unit <> 'pct' and frequency = 'M' then 100 * (pow(x0 / nullif(x_before, 0), 1.0 / gap_months) - 1)
    end as bridge,
    gap_months,
    change_1,
    change_3,
    {{ period_status(["x1", "x2", "x3"], 3) }} as status_change_3,
    x1 - x2 as change_1_before,
    100 * (last_3 / nullif(previous_3, 0) - 1) as quarter_over_quarter,
    {{ period_status(["last_3", "previous_3"], 5) }} as status_quarter,
    -- what the release is judged by: the level of a rate, an index or of claims, the persons added, else the percent
    -- change
    case
        when unit in ('pct', 'z', 'count')
        then x0
        when unit = 'thousand'
        then change_1
        else 100 * (x0 / nullif(x1, 0) - 1)
    end as headline
from stepped
order by known_at, series_id
