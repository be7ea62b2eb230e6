-- EA13: named figures of companies (seed corporate_facts, each with its document): the newest one published by the
-- session against the one a year before, percent; not older than 130 days.
with
    facts as (
        select n.fact_id, n.period_end, n.published_on, n.value, b.value as year_before
        from {{ ref("corporate_facts") }} as n
        left join
            {{ ref("corporate_facts") }} as b
            on b.world = n.world
            and b.fact_id = n.fact_id
            and b.period_end between n.period_end - 380 and n.period_end - 350
            and b.published_on <= n.published_on
        where n.world = '{{ var("world") }}'
    ),
    sessions as (
        select f.fact_id, c.session_date, c.snapshot_at
        from (select fact_id, min(published_on) as first_on from facts group by fact_id) as f
        inner join {{ ref("int_calendar") }} as c on c.session_date >= f.first_on
    ),
    readings as (
        select
            'EA13' as reading_id,
            s.fact_id as entity_id,
            s.session_date,
            f.period_end as obs_period,
            100 * (f.value / f.year_before - 1) as value,
            case
                when s.session_date - f.published_on > 130
                then 'STALE_INPUT'
                when f.year_before is null
                then 'WARMUP'
                when f.year_before <= 0
                then 'UNDEFINED'
                else 'OK'
            end as status,
            1 as n_used,
            1 as n_expected,
            s.snapshot_at as known_at
        from sessions as s
        asof inner join facts as f on f.fact_id = s.fact_id and f.published_on <= s.session_date
    )
    {{ readings("readings", "EA13") }}
