-- What Updraft said on each session, in one row: how far the headline index has come since its low, which shocks are
-- named as the cause and how much they leave, and whether it will last. Everything stands in rally_daily,
-- rally_attribution and durability; a verdict may abstain, a cause may stay unnamed, and the sentence says so.
with
    sessions as (
        select
            d.index_id,
            i.name,
            d.session_date,
            d.state,
            d.episode_id,
            d.age_sessions,
            d.gain,
            d.drawdown,
            e.low_date,
            d.known_at
        from {{ ref("rally_daily") }} as d
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = d.index_id and i.role = 'headline'
        inner join
            {{ ref("int_rally_states") }} as e
            on e.index_id = d.index_id
            and e.rule = d.rule
            and e.session_date = d.session_date
        where d.is_default and (i.history_from is null or d.session_date >= i.history_from)
    ),
    shocks as (
        select
            a.index_id,
            a.session_date,
            max(a.status) as status,
            max(a.move_pp) as move_pp,
            count(*) filter (a.is_named) as n_named,
            string_agg(a.component, ' ' order by abs(a.contribution_pp) desc) filter (a.is_named) as named_drivers,
            coalesce(list_sum(list(a.contribution_pp order by a.component) filter (a.is_named)), 0) as named_pp,
            string_agg(
                format(
                    '{} ({:+.1f}, {:+.1f} to {:+.1f})',
                    case when a.contribution_pp >= 0 then c.when_up else c.when_down end,
                    a.contribution_pp,
                    a.p05,
                    a.p95
                ),
                ' and '
                order by abs(a.contribution_pp) desc
            ) filter (a.is_named) as words,
            max(a.known_at) as known_at
        from {{ ref("rally_attribution") }} as a
        inner join {{ ref("attribution_components") }} as c on c.layer = a.layer and c.component = a.component
        where a.layer = 'shocks' and a.window_id = 'since_trough'
        group by a.index_id, a.session_date
    ),
    joined as (
        select
            s.*,
            a.status as status_cause,
            a.move_pp,
            a.n_named,
            a.named_drivers,
            a.move_pp - a.named_pp as unexplained_pp,
            a.words,
            u.verdict,
            u.composite,
            u.n_tests,
            u.n_tests_told,
            u.n_tests_passed,
            u.p_sustained,
            u.p_trough_holds,
            u.p_higher,
            u.k_sustained,
            u.k_trough_holds,
            u.k_higher,
            u.n_known,
            u.probability_kind,
            u.missing_inputs,
            coalesce(u.status_verdict, 'NOT_AVAILABLE') as status_verdict,
            coalesce(u.status_probability, 'NOT_AVAILABLE') as status_probability,
            greatest(s.known_at, a.known_at, u.known_at) as known_all
        from sessions as s
        left join shocks as a on a.index_id = s.index_id and a.session_date = s.session_date
        left join {{ ref("durability") }} as u on u.index_id = s.index_id and u.session_date = s.session_date
    )
select
    index_id,
    session_date,
    case
        when state = 'UP'
        then
            format(
                '{}: no sell-off to come back from; it stands {:.1f} % below its highest close.', name, abs(drawdown)
            )
        when state = 'DOWN'
        then
            format(
                '{}: no rally yet; it stands {:.1f} % below its highest close and has not risen enough from its low of {}.',
                name,
                abs(drawdown),
                strftime(low_date, '%-d %B %Y')
            )
        else
            format(
                '{} rose {:.1f} % in {} since its low of {}. ',
                name,
                gain,
                age_sessions || case when age_sessions = 1 then ' session' else ' sessions' end,
                strftime(low_date, '%-d %B %Y')
            ) || case
                when status_cause is distinct from 'OK'
                then format('Why: not told ({}).', coalesce(status_cause, 'NOT_AVAILABLE'))
                when n_named = 0
                then
                    'Why: not identified; no kind of news keeps its sign, makes a fifth of the move and shows in yields.'
                else format('Why: {}, of {:+.1f} points of log return.', words, move_pp)
            end
            || ' Will it last: '
            || case
                when status_probability <> 'OK'
                then format('no chance is told ({}).', status_probability)
                else
                    format(
                        '{} of {} past rallies at this age were sustained, in {} the low held, {} ended higher.',
                        k_sustained,
                        n_known,
                        k_trough_holds,
                        k_higher
                    )
            end
            || case
                when verdict is null
                then ''
                when verdict = 'abstains'
                then format(' The checklist abstains: {} of {} tests can be told.', n_tests_told, n_tests)
                else
                    format(
                        ' The checklist says {}: {} of {} tests hold.',
                        replace(verdict, '_', ' and '),
                        n_tests_passed,
                        n_tests_told
                    )
            end
    end as headline,
    state,
    episode_id,
    case when state = 'RALLY' then low_date end as window_start,
    age_sessions,
    gain as move_since_trough,
    round(move_pp, 9) as move_pp,
    case when status_cause = 'OK' then coalesce(named_drivers, 'not_identified') end as named_drivers,
    {{ one_zero("round(unexplained_pp, 9)") }} as unexplained_pp,
    verdict,
    composite,
    p_sustained as probability,
    probability_kind,
    p_sustained,
    p_trough_holds,
    p_higher,
    k_sustained,
    k_trough_holds,
    k_higher,
    n_known,
    missing_inputs as missing,
    case when state = 'RALLY' then 'OK' else 'UNDEFINED' end as status,
    case when state <> 'RALLY' then 'UNDEFINED' else coalesce(status_cause, 'NOT_AVAILABLE') end as status_cause,
    status_verdict,
    status_probability,
    known_all as known_at
from joined
order by index_id, session_date
