-- CM04: by how much 10-year breakeven inflation (basis points) rises when oil rises by 1 %: slope over the last 60
-- sessions on which both oil and bonds traded, and had on the session before. A yield counts as first told.
with
    yields as (
        select
            c.session_no,
            max(f.value) filter (where f.series_id = 'DGS10') as nominal,
            max(f.value) filter (where f.series_id = 'DFII10') as real,
            max(f.known_at) as known_at
        from {{ ref("int_daily_observations") }} as f
        inner join {{ ref("int_calendar") }} as c on c.session_date = f.observation_date
        where f.series_id in ('DGS10', 'DFII10') and f.version_no = 1 and f.value is not null
        group by c.session_no
    ),
    steps as (
        select
            n.session_no,
            100 * ((n.nominal - n.real) - (b.nominal - b.real)) as change_bp,
            greatest(n.known_at, b.known_at) as known_at
        from yields as n
        inner join yields as b on b.session_no = n.session_no - 1
    ),
    oil as (
        select n.session_no, 100 * ln(n.close / b.close) as move_pct, greatest(n.known_at, b.known_at) as known_at
        from {{ ref("int_commodity_closes") }} as n
        inner join
            {{ ref("int_commodity_closes") }} as b
            on b.instrument_id = n.instrument_id
            and b.session_no = n.session_no - 1
        where n.instrument_id = 'FU:CL' and n.close > 0 and b.close > 0 and coalesce(n.doubt, b.doubt) is null
    ),
    paired as (
        select o.session_no, s.change_bp, o.move_pct, greatest(o.known_at, s.known_at) as known_at
        from oil as o
        inner join steps as s on s.session_no = o.session_no and s.change_bp is not null
    ),
    slopes as (
        select
            session_no,
            max(known_at) over (order by session_no) as known_at,
            count(*) over past as n_obs,
            case
                when stddev_samp(move_pct) over past >= 1e-12 then regr_slope(change_bp, move_pct) over past
            end as slope
        from paired
        window past as (order by session_no rows between 59 preceding and current row)
    ),
    readings as (
        select
            'CM04_10y' as reading_id,
            'US' as entity_id,
            c.session_date,
            e.session_date as obs_period,
            s.slope as value,
            case
                when c.session_no - s.session_no > 3 then 'STALE_INPUT' when s.n_obs < 60 then 'WARMUP' else 'OK'
            end as status,
            s.n_obs as n_used,
            60 as n_expected,
            s.known_at
        from {{ ref("int_calendar") }} as c
        asof inner join
            (select * from slopes qualify row_number() over (partition by known_at order by session_no desc) = 1) as s
            on s.known_at <= c.snapshot_at
        inner join {{ ref("int_calendar") }} as e on e.session_no = s.session_no
    )
    {{ readings("readings", "CM04") }}
