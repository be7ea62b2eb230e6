-- Speeches of members of the central bank, as first told: a title corrected later moves nothing.
select link, title, published_at
from {{ ref("stg_fed_rss") }}
where feed = 'speeches' and version_no = 1
order by published_at, link
