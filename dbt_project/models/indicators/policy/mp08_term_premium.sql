-- MP08: the 10-year term premium of Adrian, Crump and Moench and the average of expected short rates beside it, and the
-- change of the 10-year yield over 20 sessions split into premium, expectation and what the model does not fit.
with
    yields as (
        select f.observation_date, f.value, f.known_at
        from {{ ref("int_daily_observations") }} as f
        where f.series_id = 'DGS10' and f.version_no = 1
    ),
    known as (
        select t.*, 100 * (n.value - b.value) as yield_d20_bp
        from {{ ref("int_term_premium") }} as t
        left join yields as n on n.observation_date = t.observation_date and n.known_at <= t.snapshot_at
        left join yields as b on b.observation_date = t.observed_before and b.known_at <= t.snapshot_at
    ),
    readings as (
        select
            'MP08_' || m.measure as reading_id,
            'US' as entity_id,
            session_date,
            observation_date as obs_period,
            case
                m.measure
                when 'acm'
                then term_premium
                when 'expected'
                then expected_rate
                when 'acm_d20'
                then term_premium_d20_bp
                when 'expected_d20'
                then expected_rate_d20_bp
                else yield_d20_bp - term_premium_d20_bp - expected_rate_d20_bp
            end as value,
            case
                when status <> 'OK'
                then status
                when m.measure <> 'acm' and m.measure <> 'acm_d20' and status_expected <> 'OK'
                then status_expected
                when m.measure in ('acm', 'expected')
                then 'OK'
                when term_premium_d20_bp is null
                then 'WARMUP'
                when m.measure = 'fit_d20' and yield_d20_bp is null
                then 'NOT_PUBLISHED'
                else 'OK'
            end as status,
            case
                when m.measure in ('acm', 'expected') then 1 else 1 + cast(term_premium_d20_bp is not null as integer)
            end as n_used,
            case when m.measure in ('acm', 'expected') then 1 else 2 end as n_expected,
            released_at as known_at,
            is_reconstructed
        from known
        cross join (values ('acm'), ('expected'), ('acm_d20'), ('expected_d20'), ('fit_d20')) as m(measure)
    )
    {{ readings("readings", "MP08", reconstructed="is_reconstructed") }}
