-- VS11: what active managers say they have in stocks, and where that stands among a year and three years of surveys.
{% set measures = [("VS11", "exposure", "OK", 1, 1)] %}
{% for n in [52, 156] %}
    {%- do measures.append(("VS11_pct_" ~ n, "percentile_" ~ n, "status_percentile_" ~ n, "n_" ~ n, n)) -%}
    {%- do measures.append(("VS11_z_" ~ n, "z_" ~ n, "status_z_" ~ n, "n_before_" ~ n, n)) -%}
{% endfor %}
with
    readings as (
        {% for reading_id, value, status, used, expected in measures %}
            select
                '{{ reading_id }}' as reading_id,
                'NAAIM' as entity_id,
                session_date,
                observed_on as obs_period,
                {{ value }} as value,
                case when status <> 'OK' then status else {{ "'OK'" if status == "OK" else status }} end as status,
                {{ used }} as n_used,
                {{ expected }} as n_expected,
                known_at
            from {{ ref("int_manager_exposure") }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "VS11") }}
