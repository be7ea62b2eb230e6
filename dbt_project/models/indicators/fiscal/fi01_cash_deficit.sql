-- FI01: the government's cash deficit by the Daily Treasury Statement: of 30 days, of the fiscal year so far,
-- and that less the deficit of the fiscal year before up to the same working day. Above 0 more was paid out
-- than taken in.
with
    readings as (
        {% for name, value, window, n in [
            ("30d", "deficit_30d", "30d", 30),
            ("fytd", "deficit_fytd", "fytd", 1),
            ("fytd_change", "deficit_fytd - deficit_prior", "prior", 2),
        ] %}
            select
                'FI01_{{ name }}' as reading_id,
                'US' as entity_id,
                session_date,
                coalesce(observed_on, session_date) as obs_period,
                {{ value }} as value,
                status_{{ window }} as status,
                case when status_{{ window }} = 'OK' then {{ n }} else 0 end as n_used,
                {{ n }} as n_expected,
                coalesce(known_{{ window }}, snapshot_at) as known_at
            from {{ ref("int_fiscal_windows") }}
            where are_flows_held and session_date >= date '2015-01-02'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "FI01") }}
