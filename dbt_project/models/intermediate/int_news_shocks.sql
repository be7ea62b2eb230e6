-- Shocks in the indices that count newspapers (GU03), one row per index and shock: the session that could answer it
-- first, and the session at whose snapshot it was seen. Nothing of a shock counts before it was seen.
with
    seen as (
        select
            index_id,
            shock_on,
            min(session_no) as seen_no,
            min(known_at) as known_at,
            arg_min(is_reconstructed, session_no) as is_reconstructed
        from {{ ref("int_news_indices") }}
        where shock_on is not null
        group by index_id, shock_on
    )
select
    s.index_id,
    s.shock_on,
    e.session_no as event_no,
    e.session_date as event_date,
    s.seen_no,
    s.is_reconstructed,
    s.known_at
from seen as s
asof inner join (select session_date, session_no from {{ ref("int_calendar") }}) as e on e.session_date >= s.shock_on
-- the shocks of the time before the first session held were never seen as they happened
where s.seen_no > (select min(session_no) from {{ ref("int_calendar") }})
order by s.index_id, s.shock_on
