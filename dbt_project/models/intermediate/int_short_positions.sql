-- What is sold short of the default universe per session, in dollars of the session: against the mean volume of a
-- session, against diluted shares, and what changed since the settlement day before against all that was traded in
-- between. Each sum is over the members that have both of its figures; their part of last quarter's trading must reach
-- the floor (reports_floor where shares come from reports, which are asked for of the largest companies only).
with
    summed as (
        select
            universe_id,
            session_date,
            session_no,
            count(*) as members,
            max(settlement_date) as settlement_date,
            sum(turnover) as turnover,
            {% for name, figure, base in [
                ("cover", "short_usd", "volume_usd"),
                ("shares", "short_usd", "shares_usd"),
                ("change", "change_usd", "traded_usd"),
            ] %}
                count(*) filter (where {{ figure }} is not null and {{ base }} > 0) as n_{{ name }},
                sum({{ figure }}) filter (where {{ base }} > 0) as {{ name }}_usd,
                sum({{ base }}) filter (where {{ figure }} is not null and {{ base }} > 0) as {{ name }}_base_usd,
                sum(turnover) filter (where {{ figure }} is not null and {{ base }} > 0) as turnover_{{ name }},
            {% endfor %}
            max(known_at) as known_at,
            max(size_known_at) as size_known_at
        from {{ ref("int_short_lines") }}
        group by universe_id, session_date, session_no
    )
select
    s.universe_id,
    s.session_date,
    s.session_no,
    s.members,
    s.settlement_date,
    {% for name, floor in [("cover", "coverage_floor"), ("shares", "reports_floor"), ("change", "coverage_floor")] %}
        s.n_{{ name }},
        cast(s.{{ name }}_usd as double) / cast(s.{{ name }}_base_usd as double) as {{ name }}_ratio,
        round(coalesce(s.turnover_{{ name }}, 0) / nullif(s.turnover, 0), 6) as coverage_{{ name }},
        case
            when s.settlement_date < s.session_date - 35
            then 'STALE_INPUT'
            when s.n_{{ name }} > 0 and s.turnover_{{ name }} >= u.{{ floor }} * s.turnover
            then 'OK'
            else 'LOW_COVERAGE'
        end as status_{{ name }},
    {% endfor %}
    coalesce(s.known_at, c.snapshot_at) as known_at,
    coalesce(greatest(s.known_at, s.size_known_at), c.snapshot_at) as known_at_shares
from summed as s
inner join {{ ref("universes") }} as u on u.universe_id = s.universe_id
inner join {{ ref("int_calendar") }} as c on c.session_no = s.session_no
order by s.session_no, s.universe_id
