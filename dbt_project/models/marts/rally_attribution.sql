-- What the move of each window came from, in five layers that are never added to each other: shocks (cause, as far as
-- signs tell), constituents, calendar, accounting, and co_movement (a description). The parts of a layer add up to the
-- layer's own move, move_pp, to the last digit; what is left is a part of its own (is_residual).
with
    headline as (
        select instrument_id as index_id, history_from from {{ ref("int_instruments") }} where role = 'headline'
    ),
    windows as (
        -- sessions of the tables of sessions; of rallies that ended, all
        select w.*
        from {{ ref("int_attribution_windows") }} as w
        inner join headline as h on h.index_id = w.index_id
        where w.window_id like 'trough_to_%' or h.history_from is null or w.session_date >= h.history_from
    ),
    told as (
        -- layers made window by window in Python
        select * exclude (n_rotations, n_days, set_date, known_at), 'shocks' as layer, n_rotations as n
        from {{ ref("int_shock_windows") }}
        union all by name
        select
            * exclude (n_sessions, p, q, known_at),
            'calendar' as layer,
            p as p_permutation,
            q as q_value,
            'OK' as status
        from {{ ref("int_event_windows") }}
        union all by name
        select * exclude (known_at), 'co_movement' as layer, 'OK' as status
        from {{ ref("int_factor_windows") }}
    ),
    told_parts as (
        select
            w.index_id,
            w.episode_id,
            w.window_id,
            w.session_date,
            c.layer,
            c.component,
            case when t.status = 'OK' then w.log_return end as move,
            t.* exclude (index_id, episode_id, window_id, session_date, layer, component, status),
            coalesce(t.status, 'WARMUP') as status,
            w.known_at
        from windows as w
        inner join
            {{ ref("attribution_components") }} as c
            on c.layer in ('shocks', 'calendar', 'co_movement')
            and not c.is_residual
            and (c.layer = 'shocks' or w.window_id = 'since_trough')
        left join
            told as t
            on t.index_id = w.index_id
            and t.episode_id = w.episode_id
            and t.window_id = w.window_id
            and t.session_date = w.session_date
            and t.layer = c.layer
            and t.component = c.component
        -- windows of a fixed length begin with the first set of rotations
        where t.status is not null or w.window_id = 'since_trough' or w.window_id like 'trough_to_%'
    ),
    terms as (
        select
            t.index_id, t.session_date, t.window_start, t.known_total, t.status_total, t.log_total, u.component, u.term
        from {{ ref("int_return_terms") }} as t
        cross join
            lateral(
                values
                    {% for name in ["earnings", "real_rate", "gap", "dividend"] %}
                        ('{{ name }}', t.log_{{ name }}) {% if not loop.last %},{% endif %}
                    {% endfor %}
            ) as u(component, term)
        where t.window_id = 'since_trough'
    ),
    accounting_parts as (
        select
            w.index_id,
            w.episode_id,
            w.window_id,
            w.session_date,
            'accounting' as layer,
            t.component,
            case when t.status_total = 'OK' then 100 * t.log_total end as move,
            case when t.status_total = 'OK' then 100 * t.term end as contribution,
            t.status_total as status,
            t.known_total as known_at
        from windows as w
        inner join
            terms as t on t.index_id = w.index_id and t.session_date = w.session_date and t.window_start = w.start_date
        where w.window_id = 'since_trough'
    ),
    sector_sums as (
        select
            m.index_id,
            m.session_date,
            m.window_start,
            coalesce(s.sector_id, 'no_sector') as component,
            sum(cast(round(100 * m.contribution, 9) as decimal(18, 9))) as contribution,
            count(*) as n,
            max(m.known_at) as known_at
        from {{ ref("int_window_contributions") }} as m
        left join
            {{ ref("int_instrument_sectors") }} as s
            on s.instrument_id = m.instrument_id
            and s.valid_from <= m.session_date
            and coalesce(s.valid_to > m.session_date, true)
        where m.window_id = 'since_trough'
        group by all
    ),
    sector_parts as (
        select
            w.index_id,
            w.episode_id,
            w.window_id,
            w.session_date,
            'constituents' as layer,
            s.component,
            100 * w.simple_return as move,
            cast(s.contribution as double) as contribution,
            s.n,
            'OK' as status,
            s.known_at
        from windows as w
        inner join
            sector_sums as s
            on s.index_id = w.index_id
            and s.session_date = w.session_date
            and s.window_start = w.start_date
        where w.window_id = 'since_trough'
    ),
    parts as (
        select *
        from told_parts
        {% for name in ["accounting_parts", "sector_parts"] %}
            union all by name
            select *
            from {{ name }}
        {% endfor %}
    ),
    rounded as (
        select * replace (cast(contribution as decimal(18, 9)) as contribution, cast(move as decimal(18, 9)) as move)
        from parts
    ),
    residuals as (
        select
            r.index_id,
            r.episode_id,
            r.window_id,
            r.session_date,
            r.layer,
            c.component,
            r.move,
            r.move - sum(r.contribution) as contribution,
            r.status,
            max(r.known_at) as known_at
        from rounded as r
        inner join {{ ref("attribution_components") }} as c on c.layer = r.layer and c.is_residual
        group by r.index_id, r.episode_id, r.window_id, r.session_date, r.layer, c.component, r.move, r.status
    ),
    complete as (
        select *
        from rounded
        union all by name
        select *
        from residuals
    )
select
    p.index_id,
    w.rule,
    p.episode_id,
    p.window_id,
    p.session_date,
    p.layer,
    p.component,
    'full_sample' as variant,
    coalesce(c.name, s.name, 'Without a sector') as component_name,
    -- what a sentence says of it, by the way it moved the index
    case when p.contribution >= 0 then c.when_up else c.when_down end as words,
    w.start_date as window_start,
    w.end_date as window_end,
    case when p.layer = 'constituents' then 'simple' else 'log' end as return_kind,
    cast(p.move as double) as move_pp,
    {{ one_zero("cast(p.contribution as double)") }} as contribution_pp,
    {% for name in ["p05", "p16", "p84", "p95"] %}
        {{ one_zero("round(p." ~ name ~ ", 9)") }} as {{ name }},
    {% endfor %}
    round(p.yield_answer, 9) as yield_answer,
    case
        when abs(p.move) >= 0.000001
        then {{ one_zero("round(cast(p.contribution as double) / cast(p.move as double), 9)") }}
    end as share_of_move,
    round(p.p_permutation, 9) as p_permutation,
    round(p.q_value, 9) as q_value,
    cast(p.n as integer) as n,
    round(p.largest_gap, 12) as largest_gap,
    coalesce(
        c.driver_id, case when p.layer = 'constituents' and not coalesce(c.is_residual, false) then 'leadership' end
    ) as driver_id,
    c.second_driver_id,
    coalesce(c.is_residual, false) as is_residual,
    case
        when p.layer = 'shocks'
        then coalesce(p.is_named, false)
        when p.layer = 'calendar'
        then coalesce(p.q_value < 0.05, false)
        else false
    end as is_named,
    p.status,
    case
        when p.contribution is not null then 'OK' when p.status <> 'OK' then p.status else 'NOT_AVAILABLE'
    end as status_part,
    p.known_at
from complete as p
inner join
    windows as w
    on w.index_id = p.index_id
    and w.episode_id = p.episode_id
    and w.window_id = p.window_id
    and w.session_date = p.session_date
left join {{ ref("attribution_components") }} as c on c.layer = p.layer and c.component = p.component
left join {{ ref("sectors") }} as s on s.sector_id = p.component
order by p.session_date, p.window_id, p.episode_id, p.layer, p.component
