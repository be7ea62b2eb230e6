-- MA12: cooling prices without a recession (1) or not (0): MA11 holds, payrolls grew over three months and the Sahm
-- measure is below 0.3. One part that says no decides; one that is missing withholds only where the others say yes.
with
    payrolls as (
        select
            session_date,
            change_3 > 0 as holds,
            known_at,
            is_reconstructed,
            case when status <> 'OK' then status else status_change_3 end as status
        from {{ ref("int_macro_sessions") }}
        where series_id = 'PAYEMS'
    ),
    parts as (
        select
            c.session_date,
            c.obs_period,
            case when c.status = 'OK' then c.value = 1 end as is_cooling,
            case when p.status = 'OK' then p.holds end as is_hiring,
            case when s.status = 'OK' then s.value < 0.3 end as is_far,
            c.status as status_cooling,
            coalesce(p.status, 'NOT_PUBLISHED') as status_hiring,
            coalesce(s.status, 'NOT_PUBLISHED') as status_far,
            greatest(c.known_at, p.known_at, s.known_at) as known_at,
            c.is_reconstructed
            or coalesce(p.is_reconstructed, false)
            or coalesce(s.is_reconstructed, false) as is_reconstructed
        from {{ ref("ma11_cooling") }} as c
        left join payrolls as p on p.session_date = c.session_date
        left join {{ ref("ma06_sahm") }} as s on s.session_date = c.session_date and s.reading_id = 'MA06_sahm'
    ),
    readings as (
        select
            'MA12' as reading_id,
            'US' as entity_id,
            session_date,
            obs_period,
            cast(is_cooling and is_hiring and is_far as integer) as value,
            case
                when (is_cooling and is_hiring and is_far) is not null
                then 'OK'
                when is_cooling is null
                then status_cooling
                when is_hiring is null
                then status_hiring
                else status_far
            end as status,
            cast(is_cooling is not null as integer)
            + cast(is_hiring is not null as integer)
            + cast(is_far is not null as integer) as n_used,
            3 as n_expected,
            known_at,
            is_reconstructed
        from parts
    )
    {{ readings("readings", "MA12", reconstructed="is_reconstructed") }}
