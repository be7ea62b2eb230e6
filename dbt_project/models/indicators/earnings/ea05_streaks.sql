-- EA05: quarters in a row with growing earnings (and with results above forecasts), the running one as it stands. A
-- source cannot count further back than it is held.
with
    readings as (
        {% for name, source, value, status, used in [
            ("EA05", "nasdaq", "streak", "status_growth", "n_both"),
            ("EA05_edgar", "edgar", "streak", "status_growth", "n_both"),
            ("EA05_beats", "nasdaq", "beat_streak", "status_surprise", "judged"),
        ] %}
            select
                '{{ name }}' as reading_id,
                s.segment_id as entity_id,
                s.session_date,
                s.fiscal_quarter as obs_period,
                k.{{ value }} as value,
                s.{{ status }} as status,
                s.{{ used }} as n_used,
                s.members as n_expected,
                s.known_at
            from {{ ref("int_season_segments") }} as s
            inner join
                {{ ref("int_season_streaks") }} as k
                on k.source = s.source
                and k.segment_type = s.segment_type
                and k.segment_id = s.segment_id
                and k.session_no = s.session_no
            where s.source = '{{ source }}' and s.segment_type = 'universe'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "EA05") }}
