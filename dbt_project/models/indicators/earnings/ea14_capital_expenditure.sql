-- EA14: what a theme's companies invest (seed baskets; capital expenditure as filed): sum of the last four quarters in
-- billions, and percent more than the four before. A company counts while its newest quarter ended within 200 days.
with
    lists as (
        select distinct b.basket_id, c.session_no, c.session_date, c.snapshot_at, i.cik
        from {{ ref("basket_members") }} as b
        inner join {{ ref("int_calendar") }} as c on {{ holds_at("b", "c.session_date") }}
        inner join
            {{ ref("int_issuers") }} as i on i.instrument_id = b.instrument_id and {{ holds_at("i", "c.snapshot_at") }}
        where
            b.world = '{{ var("world") }}'
            and b.basket_id in ('chips', 'megacap_technology')
            and c.session_no >= (select min(session_no) from {{ ref("int_weight_sources") }})
    ),
    spent as (
        select cik, known_at, period_end, last_year, year_before
        from {{ ref("int_trailing_years") }}
        where concept = 'PaymentsToAcquirePropertyPlantAndEquipment'
    ),
    summed as (
        select
            l.basket_id,
            l.session_no,
            l.session_date,
            l.snapshot_at,
            count(*) as n_expected,
            count(*) filter (where s.last_year is not null and l.session_date - s.period_end <= 200) as n_year,
            count(*) filter (where s.year_before is not null and l.session_date - s.period_end <= 200) as n_both,
            sum(s.last_year) filter (where l.session_date - s.period_end <= 200) as last_year,
            sum(s.last_year) filter (
                where s.year_before is not null and l.session_date - s.period_end <= 200
            ) as comparable,
            sum(s.year_before) filter (where l.session_date - s.period_end <= 200) as year_before,
            max(s.known_at) as known_at
        from lists as l
        asof left join spent as s on s.cik = l.cik and s.known_at <= l.snapshot_at
        group by l.basket_id, l.session_no, l.session_date, l.snapshot_at
    ),
    readings as (
        {% for name, value, used in [
            ("EA14_year", "cast(last_year as double) / 1e9", "n_year"),
            ("EA14_growth", "100 * (cast(comparable as double) / nullif(cast(year_before as double), 0) - 1)", "n_both"),
        ] %}
            select
                '{{ name }}' as reading_id,
                basket_id as entity_id,
                session_date,
                session_date as obs_period,
                {{ value }} as value,
                case when {{ used }} < 0.75 * n_expected then 'LOW_COVERAGE' else 'OK' end as status,
                {{ used }} as n_used,
                n_expected,
                coalesce(known_at, snapshot_at) as known_at
            from summed
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "EA14") }}
