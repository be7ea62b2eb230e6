-- EA11: surprises that need no forecast (SUE): the median of the members' newest ones, if filed in the last 63
-- sessions, and the percent of them above zero; at least twenty.
with
    told as (
        select cik, quarter_end, sue, known_at, 1 as version_no
        from {{ ref("int_seasonal_surprises") }}
        where sue is not null
    ),
    newest as ({{ newest_known("told", "cik", "quarter_end") }}),
    members as (
        select distinct c.session_no, c.session_date, c.snapshot_at, m.universe_id, i.cik, b.snapshot_at as window_from
        from {{ ref("int_calendar") }} as c
        inner join {{ ref("int_calendar") }} as b on b.session_no = c.session_no - 63
        inner join {{ ref("int_membership") }} as m on m.is_default and {{ holds_at("m", "c.session_date") }}
        inner join
            {{ ref("int_issuers") }} as i on i.instrument_id = m.instrument_id and {{ holds_at("i", "c.snapshot_at") }}
        where c.session_no >= (select min(session_no) from {{ ref("int_weight_sources") }})
    ),
    -- who filed before the window, or has no surprise, is a member all the same
    lately as (
        select
            m.*,
            case when s.known_at > m.window_from then s.sue end as sue,
            case when s.known_at > m.window_from then s.known_at end as known_at
        from members as m
        asof left join newest as s on s.cik = m.cik and s.known_at <= m.snapshot_at
    ),
    counted as (
        select
            universe_id,
            session_no,
            session_date,
            snapshot_at,
            count(*) as n_expected,
            count(sue) as n_used,
            median(sue) as middle,
            count(*) filter (where sue > 0) as above,
            max(known_at) as known_at
        from lately
        group by universe_id, session_no, session_date, snapshot_at
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
