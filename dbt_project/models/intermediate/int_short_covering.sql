-- How much better the most shorted stocks did than the least shorted ones over each window (twenty sessions, and
-- since the trough of the open rally), each return less its slope times the index's: chosen by what was known when
-- the window began, priced by total return, equally weighted. A stock that stopped trading counts to its last
-- close, and so does the index beside it. The placebo sets stocks with the same slopes, but neither much nor
-- little shorted, in the place of the most shorted. is_confirmed: the positions in the most shorted fell from the
-- settlement before the window to the newest one known, which must lie after its start.
with
    bounds as (select min(session_no) as first_no from {{ ref("int_short_lines") }}),
    windows as (
        select
            w.universe_id,
            w.window_id,
            w.session_date,
            w.session_no,
            w.start_no,
            k.session_date as start_date,
            c.snapshot_at
        from {{ ref("int_contribution_windows") }} as w
        inner join bounds as b on w.session_no >= b.first_no
        inner join {{ ref("int_calendar") }} as c on c.session_no = w.session_no
        left join {{ ref("int_calendar") }} as k on k.session_no = w.start_no
        where w.window_id in ('20d', 'since_trough')
    ),
    index_closes as (
        select n.session_no, n.close_ticks, n.known_at
        from {{ ref("int_index_closes") }} as n
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = n.index_id and i.role = 'headline'
    ),
    levels as (
        select p.instrument_id, p.session_no, p.close_tr, p.close, p.split_factor, x.close_ticks, p.known_at
        from {{ ref("int_prices") }} as p
        inner join bounds as b on p.session_no >= b.first_no
        inner join index_closes as x on x.session_no = p.session_no
        where p.doubt is null and p.asset_class = 'stock'
    ),
    legs as (
        select w.*, d.side, d.instrument_id, d.beta
        from windows as w
        inner join {{ ref("int_short_deciles") }} as d on d.universe_id = w.universe_id and d.session_no = w.start_no
        union all
        select w.*, 'placebo', d.placebo_id, d.placebo_beta
        from windows as w
        inner join {{ ref("int_short_deciles") }} as d on d.universe_id = w.universe_id and d.session_no = w.start_no
        where d.side = 'top'
    ),
    moved as (
        select
            g.universe_id,
            g.window_id,
            g.session_no,
            g.side,
            cast(
                round(
                    n.close_tr / b.close_tr - 1 - g.beta * (n.close_ticks / cast(b.close_ticks as double) - 1), 12
                ) as decimal(18, 12)
            ) as beyond,
            n.known_at
        from legs as g
        left join levels as b on b.instrument_id = g.instrument_id and b.session_no = g.start_no
        asof left join levels as n on n.instrument_id = g.instrument_id and n.session_no <= g.session_no
    ),
    sides as (
        select
            universe_id,
            window_id,
            session_no,
            {% for side in ["top", "bottom", "placebo"] %}
                count(*) filter (where side = '{{ side }}') as n_{{ side }},
                count(beyond) filter (where side = '{{ side }}') as used_{{ side }},
                cast(sum(beyond) filter (where side = '{{ side }}') as double)
                / nullif(count(beyond) filter (where side = '{{ side }}'), 0) as mean_{{ side }},
            {% endfor %}
            max(known_at) as known_at
        from moved
        group by universe_id, window_id, session_no
    ),
    settled as (
        select settlement_date, min(known_at) as known_at from {{ ref("int_short_interest") }} group by settlement_date
    ),
    bases as (
        -- the newest settlement before the window that is known by its last session
        select w.universe_id, w.session_no, max(s.settlement_date) as settlement_date
        from windows as w
        inner join settled as s on s.settlement_date <= w.start_date and s.known_at <= w.snapshot_at
        where w.window_id = 'since_trough'
        group by w.universe_id, w.session_no
    ),
    compared as (
        -- the positions of the top before the window and now, in dollars of its start
        select
            g.universe_id,
            g.session_no,
            g.instrument_id,
            cast(round(o.short_interest * p.split_factor / o.split_factor * p.close) as hugeint) as short_before,
            cast(round(n.short_interest * p.split_factor / n.split_factor * p.close) as hugeint) as short_now,
            n.known_at
        from legs as g
        inner join
            {{ ref("int_short_positions") }} as t
            on t.universe_id = g.universe_id
            and t.session_no = g.session_no
            and t.settlement_date > g.start_date
        inner join levels as p on p.instrument_id = g.instrument_id and p.session_no = g.start_no
        inner join bases as s on s.universe_id = g.universe_id and s.session_no = g.session_no
        asof inner join
            {{ ref("int_short_interest") }} as o
            on o.instrument_id = g.instrument_id
            and o.settlement_date = s.settlement_date
            and o.known_at <= g.snapshot_at
        asof inner join
            {{ ref("int_short_interest") }} as n
            on n.instrument_id = g.instrument_id
            and n.settlement_date = t.settlement_date
            and n.known_at <= g.snapshot_at
        where g.side = 'top' and g.window_id = 'since_trough'
    ),
    confirmed as (
        select
            universe_id,
            session_no,
            count(*) as n_compared,
            sum(short_now) < sum(short_before) as is_confirmed,
            max(known_at) as known_at
        from compared
        where short_before is not null and short_now is not null
        group by universe_id, session_no
    ),
    judged as (
        select
            w.*,
            s.* exclude (universe_id, window_id, session_no, known_at),
            t.settlement_date,
            c.n_compared,
            c.is_confirmed,
            u.history_coverage_floor as floor,
            greatest(s.known_at, x.known_at) as moved_at,
            c.known_at as compared_at,
            case
                when w.start_no is null
                then 'UNDEFINED'
                when p.session_no is null
                then 'WARMUP'
                when p.status_cover <> 'OK'
                then p.status_cover
                when p.status_shares <> 'OK'
                then p.status_shares
                when coalesce(s.n_top, 0) = 0
                then 'LOW_COVERAGE'
                else 'OK'
            end as status_start
        from windows as w
        inner join {{ ref("universes") }} as u on u.universe_id = w.universe_id
        left join index_closes as x on x.session_no = w.session_no
        left join {{ ref("int_short_positions") }} as p on p.universe_id = w.universe_id and p.session_no = w.start_no
        left join {{ ref("int_short_positions") }} as t on t.universe_id = w.universe_id and t.session_no = w.session_no
        left join
            sides as s on s.universe_id = w.universe_id and s.window_id = w.window_id and s.session_no = w.session_no
        left join
            confirmed as c
            on c.universe_id = w.universe_id
            and c.session_no = w.session_no
            and w.window_id = 'since_trough'
    )
select
    universe_id,
    window_id,
    session_date,
    session_no,
    start_date,
    coalesce(n_top, 0) as n_top,
    coalesce(n_bottom, 0) as n_bottom,
    coalesce(used_top, 0) as used_top,
    coalesce(used_bottom, 0) as used_bottom,
    coalesce(used_placebo, 0) as used_placebo,
    coalesce(n_compared, 0) as n_compared,
    round(100 * (mean_top - mean_bottom), 10) as covering_pp,
    round(100 * (mean_placebo - mean_bottom), 10) as placebo_pp,
    is_confirmed,
    {% for name in ["top", "placebo"] %}
        case
            when status_start <> 'OK'
            then status_start
            when used_{{ name }} < floor * n_top or used_bottom < floor * n_bottom
            then 'LOW_COVERAGE'
            else 'OK'
        end as status_{{ name }},
    {% endfor %}
    case
        when status_start <> 'OK'
        then status_start
        when coalesce(settlement_date <= start_date, true)
        then 'NOT_PUBLISHED'
        when coalesce(n_compared, 0) < floor * n_top
        then 'LOW_COVERAGE'
        else 'OK'
    end as status_confirmed,
    settlement_date,
    coalesce(moved_at, snapshot_at) as known_at,
    coalesce(greatest(moved_at, compared_at), snapshot_at) as known_at_confirmed
from judged
order by session_no, window_id, universe_id
