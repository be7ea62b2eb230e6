-- FI03: fiscal impulse: the cash deficit of 365 days in percent of gross domestic product, less the same a
-- year earlier. Both products are those of one publication, the one known at the session: its newest quarter
-- and the one four before. Above 0 policy eases.
with
    product as (
        select
            session_date,
            1e9 * value as gdp,
            1e9 * value / (1 + yoy / 100) as gdp_before,
            status,
            status_yoy,
            known_at,
            is_reconstructed
        from {{ ref("int_macro_sessions") }}
        where series_id = 'GDP'
    ),
    readings as (
        select
            'FI03' as reading_id,
            'US' as entity_id,
            w.session_date,
            coalesce(w.observed_on, w.session_date) as obs_period,
            100 * (w.deficit_365d / p.gdp - w.deficit_before / p.gdp_before) as value,
            case
                when w.status_365d <> 'OK'
                then w.status_365d
                when w.status_before <> 'OK'
                then w.status_before
                when p.session_date is null
                then 'NOT_PUBLISHED'
                when p.status <> 'OK'
                then p.status
                else p.status_yoy
            end as status,
            cast(w.status_365d = 'OK' as integer)
            + cast(w.status_before = 'OK' as integer)
            + cast(coalesce(p.status = 'OK', false) as integer) as n_used,
            3 as n_expected,
            greatest(coalesce(w.known_365d, w.snapshot_at), p.known_at) as known_at,
            p.is_reconstructed
        from {{ ref("int_fiscal_windows") }} as w
        left join product as p on p.session_date = w.session_date
        where w.are_flows_held and w.session_date >= date '2015-01-02'
    )
    {{ readings("readings", "FI03", reconstructed="is_reconstructed") }}
