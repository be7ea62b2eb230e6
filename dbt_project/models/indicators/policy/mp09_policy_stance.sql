-- MP09: what the central bank last did and how tight it is: sign of the last move of the target, months since, the real
-- policy rate (effective rate less core PCE inflation over a year as known), and whether easing is under way: the last
-- move was a cut and futures have priced 25 basis points or more of further cuts within a year for 20 sessions in a
-- row.
with
    priced as (
        select
            r.session_date,
            r.session_no,
            r.snapshot_at,
            r.effr,
            r.effective_date,
            r.effr_known_at,
            r.status_effr,
            r.status_target,
            r.moved_on,
            r.moved_by,
            h.status as status_path,
            case
                when h.status = 'OK' and r.moved_by is not null then r.moved_by < 0 and h.priced_bp <= -25
            end as is_easing
        from {{ ref("int_rate_sessions") }} as r
        left join {{ ref("int_rate_horizons") }} as h on h.session_no = r.session_no and h.horizon = '12m'
    ),
    runs as (
        select
            *,
            count(is_easing) over twenty as told,
            count(*) filter (where is_easing) over twenty as easing,
            count(*) over twenty as sessions
        from priced
        window twenty as (order by session_no rows between 19 preceding and current row)
    ),
    inflation as (
        select session_no, yoy, status, status_yoy, obs_period, known_at, is_reconstructed
        from {{ ref("int_macro_sessions") }}
        where series_id = 'PCEPILFE'
    ),
    readings as (
        select
            'MP09_' || m.measure as reading_id,
            'US' as entity_id,
            r.session_date,
            case when m.measure = 'real' then i.obs_period else r.session_date end as obs_period,
            case
                m.measure
                when 'last'
                then r.moved_by
                when 'months'
                then date_diff('day', r.moved_on, r.session_date) / 30.4375
                when 'real'
                then r.effr - i.yoy
                else cast(r.easing = 20 as integer)
            end as value,
            case
                when m.measure in ('last', 'months')
                then
                    case
                        when r.status_target <> 'OK'
                        then r.status_target
                        when r.moved_on is null
                        then 'WARMUP'
                        else 'OK'
                    end
                when m.measure = 'real'
                then
                    case
                        when r.status_effr <> 'OK'
                        then r.status_effr
                        when coalesce(i.status, 'NOT_PUBLISHED') <> 'OK'
                        then coalesce(i.status, 'NOT_PUBLISHED')
                        else i.status_yoy
                    end
                when coalesce(r.status_path, 'NOT_AVAILABLE') <> 'OK'
                then coalesce(r.status_path, 'NOT_AVAILABLE')
                when r.told < 20
                then 'WARMUP'
                else 'OK'
            end as status,
            case
                m.measure
                when 'shift_easing'
                then r.told
                when 'real'
                then cast(r.effr is not null as integer) + cast(i.yoy is not null as integer)
                else cast(r.moved_on is not null as integer)
            end as n_used,
            case m.measure when 'shift_easing' then 20 when 'real' then 2 else 1 end as n_expected,
            coalesce(
                case when m.measure = 'real' then greatest(r.effr_known_at, i.known_at) end, r.snapshot_at
            ) as known_at,
            m.measure = 'real' and coalesce(i.is_reconstructed, false) as is_reconstructed
        from runs as r
        cross join (values ('last'), ('months'), ('real'), ('shift_easing')) as m(measure)
        left join inflation as i on i.session_no = r.session_no
        where m.measure <> 'shift_easing' or r.status_path is not null
    )
    {{ readings("readings", "MP09", reconstructed="is_reconstructed") }}
