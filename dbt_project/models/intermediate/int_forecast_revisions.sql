-- How forecasts have changed, per session since the first asking: the sum over companies of the next four quarters'
-- earnings now against what the same companies were expected to earn four and thirteen weeks before, both from our own
-- archive of one vendor. Companies count once, with the shares of all their lines and the forecast of the first line by
-- name that has one, in split units of the session.
with
    asked as (
        select
            instrument_id,
            asked_on,
            asked_no,
            -- the vendor lists quarters that have not been reported; the nearest four are the next twelve months
            list_sum((list(consensus_eps order by fiscal_end))[1:4]) as ntm_eps,
            count(consensus_eps) >= 4 as is_whole,
            sum(revised_up) as revised_up,
            sum(revised_down) as revised_down,
            max(known_at) as known_at
        from {{ ref("int_forecasts") }}
        where period_kind = 'quarter' and consensus_eps is not null
        group by instrument_id, asked_on, asked_no
    ),
    first_asked as (select min(asked_no) as first_no, min(asked_on) as first_on from asked),
    sessions as (
        select c.session_no, c.session_date, c.snapshot_at, w.best_source
        from {{ ref("int_calendar") }} as c
        inner join {{ ref("int_weight_sources") }} as w on w.session_no = c.session_no
        inner join first_asked as f on c.session_no >= f.first_no
    ),
    members as ({{ member_lines("sessions", ref("int_membership"), ref("int_issuers")) }}),
    lines as (
        select m.*, n.shares, p.split_factor
        from members as m
        left join
            {{ ref("int_share_counts") }} as n
            on n.source = m.best_source
            and n.session_no = m.session_no
            and n.instrument_id = m.instrument_id
        left join {{ ref("int_prices") }} as p on p.instrument_id = m.instrument_id and p.session_no = m.session_no
    ),
    issuers as (
        select universe_id, session_no, issuer_id, sum(cast(round(shares) as hugeint)) as shares
        from lines
        group by universe_id, session_no, issuer_id
    ),
    all_members as (select universe_id, session_no, count(*) as members from issuers group by universe_id, session_no),
    factors as (select instrument_id, session_no, split_factor from {{ ref("int_prices") }}),
    in_units as (
        select a.*, f.split_factor as factor_then
        from asked as a
        asof inner join factors as f on f.instrument_id = a.instrument_id and f.session_no <= a.asked_no
        where a.is_whole
    ),
    now_asked as (
        select
            l.*, a.asked_on, a.ntm_eps * a.factor_then / l.split_factor as ntm, a.revised_up, a.revised_down, a.known_at
        from lines as l
        asof inner join in_units as a on a.instrument_id = l.instrument_id and a.known_at <= l.snapshot_at
        where l.session_no - a.asked_no <= 25 and l.shares is not null
    ),
    compared as (
        select
            n.*,
            {% for weeks in [4, 13] %}
                case
                    when n.asked_on - b{{ weeks }}.asked_on <= {{ 7 * weeks + 14 }}
                    then b{{ weeks }}.ntm_eps * b{{ weeks }}.factor_then / n.split_factor
                end as ntm_{{ weeks }}w
                {% if not loop.last %}, {% endif %}
            {% endfor %}
        from now_asked as n
        {% for weeks in [4, 13] %}
            asof left join
                (select *, asked_on + {{ 7 * weeks }} as due_on from in_units) as b{{ weeks }}
                on b{{ weeks }}.instrument_id = n.instrument_id
                and b{{ weeks }}.due_on <= n.asked_on
        {% endfor %}
    ),
    companies as (
        select c.* exclude (shares), i.shares
        from compared as c
        inner join
            issuers as i on i.universe_id = c.universe_id and i.session_no = c.session_no and i.issuer_id = c.issuer_id
        qualify row_number() over (partition by c.universe_id, c.session_no, c.issuer_id order by c.instrument_id) = 1
    ),
    summed as (
        select
            universe_id,
            session_date,
            session_no,
            count(*) as n_now,
            {% for weeks in [4, 13] %}
                count(ntm_{{ weeks }}w) as n_{{ weeks }}w,
                sum(cast(round(ntm * cast(shares as double)) as hugeint)) filter (
                    where ntm_{{ weeks }}w is not null
                ) as now_{{ weeks }}w,
                sum(cast(round(ntm_{{ weeks }}w * cast(shares as double)) as hugeint)) as then_{{ weeks }}w,
            {% endfor %}
            count(*) filter (where ntm > ntm_4w + 0.001 * abs(ntm_4w)) as raised,
            count(*) filter (where ntm < ntm_4w - 0.001 * abs(ntm_4w)) as cut,
            sum(revised_up) as revised_up,
            sum(revised_down) as revised_down,
            max(known_at) as known_at
        from companies
        group by universe_id, session_date, session_no
    )
select
    a.universe_id,
    s.session_date,
    s.session_no,
    a.members,
    coalesce(m.n_now, 0) as n_now,
    -- thirteen weeks of one vendor's snapshots are held before anything is said of revisions
    s.session_date - f.first_on >= 91 as is_held,
    {% for weeks in [4, 13] %}
        coalesce(m.n_{{ weeks }}w, 0) as n_{{ weeks }}w,
        case
            when m.then_{{ weeks }}w > 0
            then round(100 * (cast(m.now_{{ weeks }}w as double) / cast(m.then_{{ weeks }}w as double) - 1), 9)
        end as change_{{ weeks }}w,
    {% endfor %}
    m.raised,
    m.cut,
    m.revised_up,
    m.revised_down,
    coalesce(m.known_at, s.snapshot_at) as known_at
from sessions as s
cross join first_asked as f
inner join all_members as a on a.session_no = s.session_no
left join summed as m on m.session_no = s.session_no and m.universe_id = a.universe_id
order by s.session_no, a.universe_id
