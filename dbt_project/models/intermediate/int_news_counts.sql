-- Indices that count newspapers, every version of every day: what came with a later file was known when it came; of the
-- first file, whose history is older than the home, the usual day stands in.
{% set indices = [
    ("epu", "stg_epu_daily", "epu"),
    ("gpr", "stg_gpr_daily", "gpr"),
    ("gpr_acts", "stg_gpr_daily", "gpr_acts"),
    ("gpr_threats", "stg_gpr_daily", "gpr_threats"),
] %}
{% for index_id, relation, column in indices %}
    select
        '{{ index_id }}' as index_id,
        observed_on,
        {{ column }} as value,
        first_seen_at,
        {{ known_when_it_came() }} as known_at
    from {{ ref(relation) }}
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
