-- What each theme did in a session: the mean total return of its stocks, each counting the same, and what they added to
-- the index by weight. Its stocks are the members of the index on its dated list (seed basket_members). An industry
-- theme also has a place among the groups that share no stock: the industry themes and what is left of each sector.
{% set floor = 0.9 %}
with
    lists as (
        select b.basket_id, g.name, g.is_industry, c.session_date, c.session_no, c.snapshot_at, b.instrument_id
        from {{ ref("basket_members") }} as b
        inner join {{ ref("baskets") }} as g on g.basket_id = b.basket_id
        inner join {{ ref("int_calendar") }} as c on {{ holds_at("b", "c.session_date") }}
        inner join
            {{ ref("int_membership") }} as m
            on m.instrument_id = b.instrument_id
            and m.is_default
            and {{ holds_at("m", "c.session_date") }}
        where b.world = '{{ var("world") }}' and c.session_date >= date '2015-01-02'
    ),
    moves as (
        select
            l.basket_id,
            l.session_date,
            max(l.name) as name,
            bool_and(l.is_industry) as is_industry,
            max(l.session_no) as session_no,
            max(l.snapshot_at) as snapshot_at,
            cast(count(*) as integer) as listed,
            cast(count(p.close_tr / b.close_tr) as integer) as seen,
            -- whole parts of 1e-12, so the sum does not depend on the order
            100
            * cast(sum(cast(p.close_tr / b.close_tr - 1 as decimal(18, 12))) as double)
            / count(p.close_tr / b.close_tr) as return_pct
        from lists as l
        left join
            {{ ref("int_prices") }} as p
            on p.instrument_id = l.instrument_id
            and p.session_no = l.session_no
            and p.gap_sessions = 1
            and p.is_traded
        left join
            {{ ref("int_prices") }} as b
            on b.instrument_id = l.instrument_id
            and b.session_no = l.session_no - 1
            and b.is_traded
        group by l.basket_id, l.session_date
    ),
    parts as (
        select session_no, instrument_id, session_date, contribution
        from {{ ref("int_window_contributions") }}
        where window_id = '1d'
    ),
    themes as (
        select
            l.basket_id as group_id,
            l.session_no,
            bool_and(l.is_industry) as is_apart,
            sum(cast(p.contribution as decimal(18, 15))) as contribution
        from lists as l
        inner join parts as p on p.session_no = l.session_no and p.instrument_id = l.instrument_id
        group by l.basket_id, l.session_no
    ),
    rest as (
        select
            'rest of ' || s.sector_id as group_id,
            p.session_no,
            true as is_apart,
            sum(cast(p.contribution as decimal(18, 15))) as contribution
        from parts as p
        inner join
            {{ ref("int_instrument_sectors") }} as s
            on s.instrument_id = p.instrument_id
            and {{ holds_at("s", "p.session_date") }}
        left join lists as l on l.is_industry and l.session_no = p.session_no and l.instrument_id = p.instrument_id
        where l.instrument_id is null
        group by s.sector_id, p.session_no
    ),
    placed as (
        select
            group_id,
            session_no,
            contribution,
            case
                when is_apart then rank() over (partition by session_no, is_apart order by contribution desc)
            end as contribution_rank,
            count(*) filter (is_apart) over (partition by session_no) as n_groups
        from
            (
                select *
                from themes
                union all
                select *
                from rest
            )
    ),
    headline as (
        select session_no, return_pct
        from {{ ref("int_claim_facts") }} as f
        inner join {{ ref("int_calendar") }} as c on c.session_date = f.session_date
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = f.index_id
        where i.role = 'headline'
    )
select
    m.basket_id as theme_id,
    m.session_date,
    m.name,
    m.listed,
    m.seen,
    {{ one_zero("round(case when m.seen >= " ~ floor ~ " * m.listed then m.return_pct end, 6)") }} as return_pct,
    {{ one_zero("round(h.return_pct, 6)") }} as index_return_pct,
    {{ one_zero("round(100 * cast(p.contribution as double), 9)") }} as contribution_pp,
    cast(p.contribution_rank as integer) as contribution_rank,
    cast(case when p.contribution_rank is not null then p.n_groups end as integer) as n_groups,
    case when m.seen >= {{ floor }} * m.listed then 'OK' else 'LOW_COVERAGE' end as status_return,
    case when h.return_pct is not null then 'OK' else 'NOT_PUBLISHED' end as status_index,
    case
        when p.contribution is not null
        then 'OK'
        when w.status <> 'OK'
        then w.status
        when w.status = 'OK'
        then 'LOW_COVERAGE'
        else 'NOT_AVAILABLE'
    end as status_contribution,
    case
        when p.contribution_rank is not null
        then 'OK'
        when not m.is_industry
        then 'UNDEFINED'
        when w.status <> 'OK'
        then w.status
        when w.status = 'OK'
        then 'LOW_COVERAGE'
        else 'NOT_AVAILABLE'
    end as status_rank,
    m.snapshot_at as known_at
from moves as m
left join headline as h on h.session_no = m.session_no
left join placed as p on p.group_id = m.basket_id and p.session_no = m.session_no
left join {{ ref("int_contribution_windows") }} as w on w.session_no = m.session_no and w.window_id = '1d'
order by m.basket_id, m.session_date
