-- BR09: new 52-week highs minus lows as a percentage of eligible members, intraday basis, default universe.
with
    readings as (
        select
            'BR09_net' as reading_id,
            universe_id as entity_id,
            session_date,
            session_date as obs_period,
            100.0 * (new_highs_52w - new_lows_52w) / nullif(n_with_52w, 0) as value,
            status_52w as status,
            n_with_52w as n_used,
            members as n_expected,
            known_at
        from {{ ref("int_breadth") }}
        where is_default and segment_type = 'universe'
    )
    {{ readings("readings", "BR09") }}
