-- Market breadth per universe, sector and size. The judging of coverage is in int_breadth, the recursions in
-- int_breadth_oscillators.
select
    b.* exclude (n_with_sma, n_with_sma50, n_with_sma200, n_with_52w, n_traded, known_at),
    o.* exclude (universe_id, segment_type, segment_id, session_date),
    b.known_at
from {{ ref("int_breadth") }} as b
inner join
    {{ ref("int_breadth_oscillators") }} as o
    on o.universe_id = b.universe_id
    and o.segment_type = b.segment_type
    and o.segment_id = b.segment_id
    and o.session_date = b.session_date
