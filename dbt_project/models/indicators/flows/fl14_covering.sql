-- FL14: how much of what was traded between the two newest settlement days closed short positions, percent by value;
-- negative where positions grew.
with
    readings as (
        select
            'FL14_covering' as reading_id,
            universe_id as entity_id,
            session_date,
            settlement_date as obs_period,
            -100 * change_ratio as value,
            status_change as status,
            n_change as n_used,
            members as n_expected,
            known_at
        from {{ ref("int_short_positions") }}
    )
    {{ readings("readings", "FL14") }}
