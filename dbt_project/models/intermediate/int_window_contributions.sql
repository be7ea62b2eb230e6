-- What each line of stock added to the index over each window, in parts of the window's return (Carino linking), so
-- that they and the residual sum to it. Lines that were members on no day of the window have no row.
with
    running as (
        select
            instrument_id,
            issuer_id,
            session_no,
            linked,
            weight_open,
            sum(linked) over past as linked_so_far,
            count(weight_open) over past as days_so_far
        from {{ ref("int_contribution_days") }}
        window past as (partition by instrument_id order by session_no rows unbounded preceding)
    )
select
    w.index_id,
    w.universe_id,
    w.window_id,
    w.session_date,
    w.session_no,
    w.window_start,
    n.instrument_id,
    n.issuer_id,
    f.weight_open as weight_start,
    round(cast(n.linked_so_far - f.linked_so_far + f.linked as double) / w.link_window, 13) as contribution,
    w.weight_source,
    w.known_at
from {{ ref("int_contribution_windows") }} as w
inner join running as n on n.session_no = w.session_no
inner join running as f on f.instrument_id = n.instrument_id and f.session_no = w.start_no + 1
where w.status = 'OK' and n.days_so_far - f.days_so_far + case when f.weight_open is null then 0 else 1 end > 0
order by w.session_no, w.window_id, n.instrument_id
