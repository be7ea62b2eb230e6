-- FL09: margin debt of customers at brokers: its level and its change on a year, free credit (cash and margin accounts)
-- less debt, and the change on a year less that of the headline index, which stands in for the ratio to the market's
-- value: no total market value is held.
with
    told as (
        select
            *,
            case
                when status <> 'OK' then status when debit_change_1y is not null then 'OK' else short_of
            end as status_1y,
            case
                when status <> 'OK'
                then status
                when debit_change_1y is null
                then short_of
                when index_change_1y is null
                then 'LOW_COVERAGE'
                else 'OK'
            end as status_index
        from
            (
                select
                    *, case when month < first_month + interval 1 year then 'WARMUP' else 'LOW_COVERAGE' end as short_of
                from {{ ref("int_margin_debt") }}
            )
    ),
    readings as (
        {% for id, value, status, known_at, n in [
            ("FL09_debit", "debit_usd", "status", "known_at", 1),
            ("FL09_yoy", "debit_change_1y", "status_1y", "known_at", 2),
            ("FL09_net_credit", "net_credit_usd", "case when status = 'OK' and net_credit_usd is null then 'NOT_PUBLISHED' else status end", "known_at", 1),
            ("FL09_less_index", "debit_change_1y - index_change_1y", "status_index", "year_known_at", 2),
        ] %}
            select
                '{{ id }}' as reading_id,
                'US' as entity_id,
                session_date,
                month_end as obs_period,
                {{ value }} as value,
                {{ status }} as status,
                {% if n == 2 %} 1 + cast(debit_change_1y is not null as integer)
                {% else %} 1
                {% endif %} as n_used,
                {{ n }} as n_expected,
                {{ known_at }} as known_at
            from told
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "FL09") }}
