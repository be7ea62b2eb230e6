-- FL06: days to the next change of each large index (after whose close index funds have to trade), and whether the
-- session lies within two sessions of one, before or after.
with
    sessions as (
        select c.session_date, c.snapshot_at, n.session_no
        from {{ ref("int_calendar") }} as c
        inner join
            (
                select date, row_number() over (order by date) as session_no from {{ ref("calendar") }} where is_session
            ) as n
            on n.date = c.session_date
        where c.session_date >= date '2013-01-02'
    ),
    ahead as (
        select s.*, r.index_id, r.event_date
        from sessions as s
        cross join (select distinct index_id from {{ ref("int_rebalances") }}) as i
        asof inner join {{ ref("int_rebalances") }} as r on r.index_id = i.index_id and r.event_date >= s.session_date
    ),
    near as (
        select distinct s.session_date, r.index_id
        from sessions as s
        inner join {{ ref("int_rebalances") }} as r on abs(r.session_no - s.session_no) <= 2
    ),
    readings as (
        select
            'FL06_days' as reading_id,
            index_id as entity_id,
            session_date,
            session_date as obs_period,
            event_date - session_date as value,
            'OK' as status,
            1 as n_used,
            1 as n_expected,
            snapshot_at as known_at
        from ahead
        union all
        select
            'FL06_window',
            a.index_id,
            a.session_date,
            a.session_date,
            cast(n.index_id is not null as integer),
            'OK',
            1,
            1,
            a.snapshot_at
        from ahead as a
        left join near as n on n.session_date = a.session_date and n.index_id = a.index_id
    )
    {{ readings("readings", "FL06") }}
