-- Months of indices that count newspapers, every version of every month: what came with a later file was known
-- when it came; of the first file, whose history is older than the home, the usual day stands in.
with
    told as (
        select 'epu_' || category as index_id, month, epu as value, first_seen_at, known_at, version_no
        from {{ ref("stg_epu_categories") }}
        union all
        select 'gpr_monthly', month, gpr, first_seen_at, known_at, version_no
        from {{ ref("stg_gpr_monthly") }}
    ),
    dated as (
        select
            index_id,
            month,
            value,
            first_seen_at,
            version_no,
            {{ known_when_it_came("split_part(index_id, '_', 1)") }} as known_at
        from told
    )
select
    index_id,
    month,
    value,
    first_seen_at,
    known_at,
    lead(known_at) over (partition by index_id, month order by known_at, version_no) as valid_until
from dated
