-- MP06: how the curve has moved over 20 sessions: mean change of the 2- and 10-year yield, change of their difference
-- (basis points), and the class of the move: 1 bull steepener, 2 bull flattener, 3 bear steepener, 4 bear flattener, 0
-- where either moved by less than 5 (mixed).
{% set classes = ["mixed", "bull_steepener", "bull_flattener", "bear_steepener", "bear_flattener"] %}
with
    yields as (
        select
            n.series_id,
            n.session_date,
            n.session_no,
            n.status,
            n.observation_date,
            n.released_at,
            n.value,
            n.value - b.value as change,
            coalesce(b.status, 'WARMUP') as status_before
        from {{ ref("int_series_as_known") }} as n
        left join
            {{ ref("int_series_as_known") }} as b on b.series_id = n.series_id and b.session_no = n.session_no - 20
        where n.series_id in ('DGS2', 'DGS10') and n.released_at is not null
    ),
    stepped as (
        select
            l.session_date,
            least(l.observation_date, s.observation_date) as obs_period,
            round(50 * (l.change + s.change), 6) as level_bp,
            round(100 * (l.change - s.change), 6) as slope_bp,
            case
                when l.status <> 'OK'
                then l.status
                when s.status <> 'OK'
                then s.status
                when l.change is not null and s.change is not null
                then 'OK'
                when l.status_before in ('STALE_INPUT', 'SUSPECT_INPUT')
                then l.status_before
                when s.status_before in ('STALE_INPUT', 'SUSPECT_INPUT')
                then s.status_before
                else 'WARMUP'
            end as status,
            2 * cast(l.change is not null as integer) + 2 * cast(s.change is not null as integer) as n_used,
            greatest(l.released_at, s.released_at) as known_at
        from yields as l
        inner join yields as s on s.session_no = l.session_no and s.series_id = 'DGS2'
        where l.series_id = 'DGS10'
    ),
    moves as (select *, {{ curve_move("level_bp", "slope_bp") }} as curve_move from stepped),
    readings as (
        select
            'MP06_' || m.measure as reading_id,
            'US' as entity_id,
            session_date,
            obs_period,
            case
                m.measure
                when 'level'
                then level_bp
                when 'slope'
                then slope_bp
                else list_position({{ classes }}, curve_move) - 1
            end as value,
            case when m.measure = 'class' then curve_move end as class,
            status,
            n_used,
            4 as n_expected,
            known_at
        from moves
        cross join (values ('level'), ('slope'), ('class')) as m(measure)
    )
    {{ readings("readings", "MP06", text="class") }}
