-- Total returns of the members of the default universe, summed per session over the whole and over each size
-- third, and how many gained over five sessions. Sums of decimals, so exact for any number of threads.
with
    moves as (
        select
            d.instrument_id,
            d.session_date,
            d.return_1d,
            -- five days' returns in a row: none of them missing, and one of each session
            case
                when count(d.return_1d) over last_5 = 5 and min(d.session_no) over last_5 = d.session_no - 4
                -- rounded, because a week that ends where it began is a product of factors that are not exact
                then round(list_product(list(1 + d.return_1d) over last_5) - 1, 10) > 0
            end as has_gained
        from {{ ref("int_security_daily") }} as d
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = d.instrument_id
        where i.role = 'stock'
        window last_5 as (partition by d.instrument_id order by d.session_no rows between 4 preceding and current row)
    ),
    members as (
        select m.universe_id, v.session_date, v.return_1d, v.has_gained, z.segment_id as size_id
        from moves as v
        inner join {{ ref("int_calendar") }} as c on c.session_date = v.session_date
        inner join
            {{ ref("int_membership") }} as m
            on m.instrument_id = v.instrument_id
            and m.valid_from <= v.session_date
            and coalesce(m.valid_to, date '9999-12-31') > v.session_date
        left join
            {{ ref("int_size_segments") }} as z
            on z.universe_id = m.universe_id
            and z.instrument_id = v.instrument_id
            and z.quarter = c.quarter
        where m.is_default
    )
select
    universe_id,
    case when size_id is null then 'universe' else 'size' end as segment_type,
    coalesce(size_id, universe_id) as segment_id,
    session_date,
    count(return_1d) as with_return,
    sum(cast(round(return_1d, 12) as decimal(24, 12))) as sum_return,
    count(has_gained) as with_week,
    count(*) filter (where has_gained) as gained_in_week
from
    (
        select universe_id, session_date, return_1d, has_gained, null as size_id
        from members
        union all
        select universe_id, session_date, return_1d, has_gained, size_id
        from members
        where size_id is not null
    )
group by universe_id, size_id, session_date
order by session_date, universe_id, segment_type, segment_id
