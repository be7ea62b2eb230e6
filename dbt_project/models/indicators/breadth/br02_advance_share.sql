-- BR02: share of advancing members among those that moved, default universe.
with
    readings as (
        select
            'BR02_share' as reading_id,
            universe_id as entity_id,
            session_date,
            session_date as obs_period,
            advancers / nullif(advancers + decliners, 0) as value,
            status_counts as status,
            advancers + decliners + unchanged as n_used,
            members as n_expected,
            known_at
        from {{ ref("int_breadth") }}
        where is_default and segment_type = 'universe'
    )
    {{ readings("readings", "BR02") }}
