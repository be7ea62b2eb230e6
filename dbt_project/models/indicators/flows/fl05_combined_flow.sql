-- FL05: net flow of all long-term US funds (mutual funds and ETFs) in the newest week and in the newest month told, in
-- dollars, as published first; one entity per kind of fund. A period that came after the next one is left out. A week
-- counts until the next one is overdue, 17 days after its end (on time it is at most 16 days old), a month for 70 days.
{% set kinds = ["total", "equity", "equity_domestic", "equity_world", "hybrid", "bond", "bond_taxable", "bond_municipal", "commodity"] %}
with
    told as (
        select *
        from {{ ref("stg_ici_flows") }}
        where version_no = 1
        qualify {{ came_in_order("period_kind", "period_end") }}
    ),
    known as (
        select
            c.session_date,
            t.*,
            case
                when c.session_date - t.period_end <= case when t.period_kind = 'week' then 17 else 70 end
                then 'OK'
                else 'STALE_INPUT'
            end as status
        from (values ('week'), ('month')) as k(period_kind)
        cross join {{ ref("int_calendar") }} as c
        asof inner join told as t on t.period_kind = k.period_kind and t.known_at <= c.snapshot_at
    ),
    readings as (
        {% for kind in kinds %}
            select
                'FL05_' || period_kind as reading_id,
                '{{ kind }}' as entity_id,
                session_date,
                period_end as obs_period,
                {{ kind }}_usd as value,
                status,
                1 as n_used,
                1 as n_expected,
                known_at
            from known
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "FL05") }}
