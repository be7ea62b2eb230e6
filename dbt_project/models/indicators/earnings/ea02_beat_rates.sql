-- EA02: percent of the reported that beat, met or missed the forecast, by the difference rounded to cents; of those
-- that had one, at least five.
-- EA02_sector: those of each sector that beat it.
with
    readings as (
        {% for name, value in [("beat", "beats"), ("in_line", "in_line"), ("miss", "misses"), ("sector", "beats")] %}
            select
                'EA02_{{ name }}' as reading_id,
                segment_id as entity_id,
                session_date,
                fiscal_quarter as obs_period,
                100.0 * {{ value }} / nullif(judged, 0) as value,
                status_beats as status,
                judged as n_used,
                members as n_expected,
                known_at
            from {{ ref("int_season_segments") }}
            where source = 'nasdaq' and segment_type = '{% if name == "sector" %}sector{% else %}universe{% endif %}'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "EA02") }}
