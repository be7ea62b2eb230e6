-- How investors are positioned: each series by session with the report its value is from, and where the value stands.
-- Series of futures are compared with the reports of three years (int_futures_positions); the others with the sessions
-- of two years: z against mean and deviation of up to 504 sessions before, the percentile with today counted, both
-- from 252 sessions with a value on.
with
    told as (
        select r.*, c.session_no, case when r.status = 'OK' then r.value end as usable
        from {{ ref("all_readings") }} as r
        inner join {{ ref("int_calendar") }} as c on c.session_date = r.session_date
        where
            r.reading_id in (
                'FL07_gross',
                'FL09_debit',
                'FL09_yoy',
                'FL09_net_credit',
                'FL12_days_to_cover',
                'FL12_share_short',
                'FL14_covering'
            )
    ),
    compared as (
        select
            reading_id,
            session_date,
            count(usable) over before_ as n_before,
            avg(usable) over before_ as mean_before,
            stddev_samp(usable) over before_ as deviation_before
        from told
        window before_ as (partition by reading_id order by session_no range between 504 preceding and 1 preceding)
    ),
    ranked as (
        select
            reading_id,
            session_date,
            count(*) over past as n,
            rank(order by value) over past - 1 as below,
            rank(order by value desc) over past - 1 as above
        from told
        where usable is not null
        window past as (partition by reading_id order by session_no range between 503 preceding and current row)
    ),
    judged as (
        select
            t.*,
            (t.usable - c.mean_before) / nullif(c.deviation_before, 0) as z,
            100 * (r.below + 0.5 * (r.n - r.below - r.above)) / r.n as percentile,
            case
                when t.status <> 'OK'
                then t.status
                when c.n_before < 252
                then 'WARMUP'
                when not c.deviation_before > 1e-12
                then 'UNDEFINED'
                else 'OK'
            end as status_z,
            case when t.status <> 'OK' then t.status when r.n < 252 then 'WARMUP' else 'OK' end as status_percentile
        from told as t
        inner join compared as c on c.reading_id = t.reading_id and c.session_date = t.session_date
        left join ranked as r on r.reading_id = t.reading_id and r.session_date = t.session_date
    ),
    futures as (
        select
            r.reading_id,
            r.session_date,
            r.value,
            p.z,
            p.percentile,
            r.obs_period,
            r.n_used,
            r.n_expected,
            r.status,
            p.status_z,
            p.status_percentile,
            r.known_at
        from {{ ref("indicators") }} as i
        inner join {{ ref("all_readings") }} as r on r.reading_id = i.reading_id
        inner join
            {{ ref("int_futures_positions") }} as p
            on p.contract_code = i.subject
            and p.trader = i.measure
            and p.session_date = r.session_date
        where i.family = 'futures_positions'
    )
select
    reading_id as series_id,
    session_date,
    value,
    case when status_z = 'OK' then round(z, 6) end as z,
    case when status_percentile = 'OK' then round(percentile, 6) end as percentile,
    obs_period as report_date,
    n_used,
    n_expected,
    status,
    status_z,
    status_percentile,
    known_at
from
    (
        select *
        from futures
        union all by name
        select
            reading_id,
            session_date,
            value,
            z,
            percentile,
            obs_period,
            n_used,
            n_expected,
            status,
            status_z,
            status_percentile,
            known_at
        from judged
    )
order by session_date, series_id
