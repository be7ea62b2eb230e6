-- EA11: surprises that need no forecast (SUE): the median of the filings known in the last 63 sessions, and the
-- percent of
-- them above zero; at least twenty.
with
    members as (
        select c.session_no, c.session_date, c.snapshot_at, m.universe_id, i.cik, b.snapshot_at as window_from
        from {{ ref("int_calendar") }} as c
        inner join {{ ref("int_calendar") }} as b on b.session_no = c.session_no - 63
        inner join
            {{ ref("int_membership") }} as m
            on m.is_default
            and c.session_date >= m.valid_from
            and (m.valid_to is null or c.session_date < m.valid_to)
        inner join
            {{ ref("int_issuers") }} as i
            on i.instrument_id = m.instrument_id
            and i.valid_from <= c.snapshot_at
            and (i.valid_to is null or i.valid_to > c.snapshot_at)
        where c.session_no >= (select min(session_no) from {{ ref("int_weight_sources") }})
    ),
    counted as (
        select
            m.universe_id,
            m.session_no,
            m.session_date,
            m.snapshot_at,
            count(distinct m.cik) as n_expected,
            count(s.sue) as n_used,
            median(s.sue) as middle,
            count(*) filter (where s.sue > 0) as above,
            max(s.known_at) as known_at
        from (select distinct session_no, session_date, snapshot_at, universe_id, cik, window_from from members) as m
        asof left join
            (select * from {{ ref("int_seasonal_surprises") }} where sue is not null) as s
            on s.cik = m.cik
            and s.known_at <= m.snapshot_at
        where s.known_at is null or s.known_at > m.window_from
        group by m.universe_id, m.session_no, m.session_date, m.snapshot_at
    ),
    readings as (
        {% for name, value in [("EA11_median", "middle"), ("EA11_positive", "100.0 * above / nullif(n_used, 0)")] %}
            select
                '{{ name }}' as reading_id,
                universe_id as entity_id,
                session_date,
                session_date as obs_period,
                {{ value }} as value,
                case when n_used < 20 then 'LOW_COVERAGE' else 'OK' end as status,
                n_used,
                n_expected,
                coalesce(known_at, snapshot_at) as known_at
            from counted
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "EA11") }}
