-- LC06 and LC07: what the contributions of the members leave of the index's price return, in basis points: of the last
-- session, of twenty sessions, and since the trough of the open rally.
with
    windows as (
        select w.*, s.members, s.n_sized
        from {{ ref("int_contribution_windows") }} as w
        inner join {{ ref("int_weight_sources") }} as s on s.universe_id = w.universe_id and s.session_no = w.session_no
    ),
    explained as (
        select window_id, session_no, sum(cast(contribution as decimal(18, 15))) as explained
        from {{ ref("int_window_contributions") }}
        group by window_id, session_no
    ),
    readings as (
        select
            case
                w.window_id
                when '1d'
                then 'LC06_residual'
                when '20d'
                then 'LC07_residual_20'
                else 'LC07_residual_trough'
            end as reading_id,
            substr(reading_id, 1, 4) as indicator_id,
            w.index_id as entity_id,
            w.session_date,
            w.session_date as obs_period,
            round(10000 * (w.index_return - cast(e.explained as double)), 6) as value,
            w.status,
            w.n_sized as n_used,
            w.members as n_expected,
            w.known_at
        from windows as w
        left join explained as e on e.window_id = w.window_id and e.session_no = w.session_no
    )
    {{ readings("readings") }}
