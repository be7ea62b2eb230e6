-- MP01: the change of the target range that fed funds futures price for the next meeting, mean over its odds, in both
-- variants of the method.
with
    readings as (
        select
            'MP01_' || variant as reading_id,
            'US' as entity_id,
            session_date,
            session_date as obs_period,
            expected_bp as value,
            status_probability as status,
            cast(expected_bp is not null as integer) as n_used,
            1 as n_expected,
            snapshot_at as known_at
        from {{ ref("int_meeting_odds") }}
        where meeting_no = 1
    )
    {{ readings("readings", "MP01") }}
