{# Readings of int_technicals, one per measure: (name in the reading's id, value, bars needed, bars its window reaches back,
   or none for all of them). WARMUP until there are enough bars; a window with a hole in it is LOW_COVERAGE; `empty` says
   what no value means where no hole makes it. -#}
{% macro technical_readings(indicator_id, measures, technicals, empty="LOW_COVERAGE") -%}
    {%- set found = [] -%}
    {%- for name, value, bars, reach in measures -%}
        {%- set back = "unbounded" if reach is none else reach - 1 -%}
        {%- do found.append((
            indicator_id ~ name,
            value,
            "case when bar_no < " ~ bars ~ " then 'WARMUP' when (" ~ value ~ ") is null then '" ~ empty ~ "' else 'OK' end",
            "least(bar_no, " ~ bars ~ ")",
            bars,
            "max(known_at) over (partition by index_id order by session_no rows between " ~ back ~ " preceding and current row)",
            "session_date",
            "true",
            "false",
        )) -%}
    {%- endfor -%}
    {{ measured_readings(indicator_id, found, technicals) }}
{%- endmacro %}
