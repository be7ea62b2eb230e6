-- LC11: themes (seed baskets, dated lists): weighted total return over twenty sessions, and what the theme added to the
-- index over twenty sessions and since the trough, in percentage points. A theme without a weighed stock is
-- LOW_COVERAGE.
with
    lists as (
        select b.basket_id, c.session_date, c.session_no, b.instrument_id
        from {{ ref("basket_members") }} as b
        inner join {{ ref("int_calendar") }} as c on {{ holds_at("b", "c.session_date") }}
        where
            b.world = '{{ var("world") }}'
            and c.session_no >= (select min(session_no) from {{ ref("int_weight_sources") }})
    ),
    listed as (
        select basket_id, session_date, session_no, count(*) as n_expected
        from lists
        group by basket_id, session_date, session_no
    ),
    days as (
        -- the sizes of weights in whole parts of 1e-15: sums do not depend on the order
        select
            l.basket_id,
            l.session_no,
            count(*) as n_used,
            sum(cast(w.weight_open * (p.close_tr / b.close_tr - 1) as decimal(18, 15))) as gained,
            sum(cast(w.weight_open as decimal(18, 15))) as weight,
            max(greatest(w.known_at, p.known_at)) as known_at
        from lists as l
        inner join
            {{ ref("int_index_weights") }} as w
            on w.session_no = l.session_no
            and w.instrument_id = l.instrument_id
            and w.weight_open is not null
        inner join
            {{ ref("int_prices") }} as p
            on p.instrument_id = l.instrument_id
            and p.session_no = l.session_no
            and p.gap_sessions = 1
            and p.is_traded
        inner join
            {{ ref("int_prices") }} as b
            on b.instrument_id = l.instrument_id
            and b.session_no = l.session_no - 1
            and b.is_traded
        group by l.basket_id, l.session_no
    ),
    chained as (
        select
            * exclude (known_at),
            max(known_at) over twenty as known_at,
            sum(cast(ln(1 + cast(gained as double) / cast(weight as double)) as decimal(18, 15))) over twenty as grew,
            count(*) over twenty as n_days
        from days
        window twenty as (partition by basket_id order by session_no range between 19 preceding and current row)
    ),
    added as (
        select l.basket_id, l.session_no, w.window_id, sum(cast(w.contribution as decimal(18, 15))) as contribution
        from lists as l
        inner join
            {{ ref("int_window_contributions") }} as w
            on w.session_no = l.session_no
            and w.instrument_id = l.instrument_id
            and w.window_id <> '1d'
        group by l.basket_id, l.session_no, w.window_id
    ),
    told as (
        select
            'LC11_return_20' as reading_id,
            l.basket_id as entity_id,
            l.session_date,
            100 * (exp(cast(c.grew as double)) - 1) as value,
            case
                when c.n_days = 20
                then 'OK'
                when s.status <> 'OK'
                then s.status
                when c.n_days is null
                then 'LOW_COVERAGE'
                else 'WARMUP'
            end as status,
            coalesce(c.n_used, 0) as n_used,
            l.n_expected,
            coalesce(c.known_at, s.known_at) as known_at
        from listed as l
        inner join {{ ref("int_weight_sources") }} as s on s.session_no = l.session_no
        left join chained as c on c.basket_id = l.basket_id and c.session_no = l.session_no
        union all
        select
            'LC11_added_' || case w.window_id when '20d' then '20' else 'trough' end,
            l.basket_id,
            l.session_date,
            100 * cast(a.contribution as double),
            case when a.contribution is not null then 'OK' when w.status = 'OK' then 'LOW_COVERAGE' else w.status end,
            coalesce(c.n_used, 0),
            l.n_expected,
            w.known_at
        from listed as l
        inner join {{ ref("int_contribution_windows") }} as w on w.session_no = l.session_no and w.window_id <> '1d'
        left join added as a on a.basket_id = l.basket_id and a.session_no = l.session_no and a.window_id = w.window_id
        left join chained as c on c.basket_id = l.basket_id and c.session_no = l.session_no
    ),
    readings as (select *, session_date as obs_period from told)
    {{ readings("readings", "LC11") }}
