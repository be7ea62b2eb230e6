-- Figures of the macro series that came and were set aside at load, with the moment each would have been public.
-- Those of the plain file (vintage_date null) and vintages. What became of them: int_macro_suspects.
{% for dataset, vintage in [("fred_observations", "cast(null as date)"), ("alfred_vintages", "vintage_date"), ("fred_api_vintages", "realtime_start")] %}
    select
        '{{ dataset }}' as dataset,
        series_id,
        observation_date,
        {{ vintage }} as vintage_date,
        min(known_at) as known_at
    from {{ source("quarantine", dataset) }}
    where
        -- the rules of ingestion.plausible, and what a person set aside
        rule in ('value_out_of_bounds', 'step_implausible', 'file_out_of_scale', 'value_not_finite', 'set_aside')
        and known_at <= {{ as_of() }}
    group by all
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
