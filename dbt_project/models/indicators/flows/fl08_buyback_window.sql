-- FL08: weight of the members that are outside the blackout of their own purchases, percent of the weight of those
-- whose quarter is known.
with
    readings as (
        select
            'FL08_open' as reading_id,
            universe_id as entity_id,
            session_date,
            session_date as obs_period,
            open_pct as value,
            status,
            n_told as n_used,
            members as n_expected,
            known_at
        from {{ ref("int_buyback_windows") }}
    )
    {{ readings("readings", "FL08") }}
