-- Each window's whole: the index's return, what its members explain of it, what is left, and how broad it was. The sums
-- of parts are of the rounded figures in contributions, so that a reader's SUM meets them.
with
    parts as (
        select
            window_id,
            session_date,
            count(*) as n_instruments,
            sum(cast(round(100 * contribution, 9) as decimal(18, 9))) as explained
        from {{ ref("int_window_contributions") }}
        group by window_id, session_date
    )
select
    w.index_id,
    w.universe_id,
    w.window_id,
    w.session_date,
    w.window_start,
    case when w.status = 'OK' then round(100 * w.index_return, 9) end as index_return_pp,
    cast(p.explained as double) as explained_pp,
    case
        when w.status = 'OK' then cast(cast(100 * w.index_return as decimal(18, 9)) - p.explained as double)
    end as residual_pp,
    cast(p.n_instruments as integer) as n_instruments,
    w.weight_source,
    w.status,
    w.known_at
from {{ ref("int_contribution_windows") }} as w
left join parts as p on p.session_date = w.session_date and p.window_id = w.window_id
order by w.session_date, w.window_id, w.universe_id
