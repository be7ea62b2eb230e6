-- Market breadth per universe and sector; the judging of coverage is in int_breadth.
select * exclude (n_with_sma, n_with_52w)
from {{ ref("int_breadth") }}
order by session_date, universe_id, segment_type, segment_id
