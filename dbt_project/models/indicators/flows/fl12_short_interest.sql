-- FL12: short interest of the universe: over the mean volume of a session (days to cover), and percent of the diluted
-- shares, both by value.
with
    readings as (
        select
            'FL12_days_to_cover' as reading_id,
            universe_id as entity_id,
            session_date,
            settlement_date as obs_period,
            cover_ratio as value,
            status_cover as status,
            n_cover as n_used,
            members as n_expected,
            known_at
        from {{ ref("int_short_positions") }}
        union all
        select
            'FL12_share_short',
            universe_id,
            session_date,
            settlement_date,
            100 * shares_ratio,
            status_shares,
            n_shares,
            members,
            known_at_shares
        from {{ ref("int_short_positions") }}
    )
    {{ readings("readings", "FL12") }}
