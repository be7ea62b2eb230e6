-- Close of a volatility index (`subject`), or with `against` how far it stands above another one of the same session:
-- subject / against - 1.
with
    readings as (
        select
            i.reading_id,
            i.indicator_id,
            a.symbol as entity_id,
            a.session_date,
            a.session_date as obs_period,
            case when i.against is null then a.close else b.close / nullif(a.close, 0) - 1 end as value,
            case when i.against is not null and b.close is null then 'NOT_PUBLISHED' else 'OK' end as status,
            1 + cast(b.close is not null as integer) as n_used,
            1 + cast(i.against is not null as integer) as n_expected,
            greatest(a.known_at, b.known_at) as known_at
        from {{ ref("indicators") }} as i
        inner join {{ ref("int_volatility_closes") }} as a on a.symbol = coalesce(i.against, i.subject)
        left join
            {{ ref("int_volatility_closes") }} as b
            on i.against is not null
            and b.symbol = i.subject
            and b.session_date = a.session_date
        where i.family = 'volatility'
    )
    {{ readings("readings") }}
