-- FL03: 20-session flow into US equity funds minus that into bond funds, each as a percentage of its assets (FL02).
with
    readings as (
        select
            'FL03_20' as reading_id,
            'US' as entity_id,
            e.session_date,
            least(e.obs_period, b.obs_period) as obs_period,
            e.value - b.value as value,
            case when e.status <> 'OK' then e.status else b.status end as status,
            least(e.n_used, b.n_used) as n_used,
            20 as n_expected,
            greatest(e.known_at, b.known_at) as known_at
        from {{ ref("fl02_category_flow") }} as e
        inner join
            {{ ref("fl02_category_flow") }} as b on b.session_date = e.session_date and b.reading_id = 'FL02_bond_20'
        where e.reading_id = 'FL02_equity_20'
    )
    {{ readings("readings", "FL03") }}
