{# Members of the default universe session by session, as known at each snapshot. Belongs here: who is a member, whose
   shares they are, and how much they trade. Does not: what they weigh, earn or cost. #}
{# One row per line of stock and session of `sessions` (session_date, snapshot_at and, with `sizes`, quarter), with all its
   columns: universe_id, instrument_id, issuer_id (the line itself where no issuer is known), cik; and with `sizes` the
   line's size segment and its turnover of the last quarter, 0 where nothing was traded. Relations are arguments, so that a
   model still names what it reads. -#}
{% macro member_lines(sessions, membership, issuers, sizes=none) -%}
    select
        s.*,
        m.universe_id,
        m.instrument_id,
        coalesce(i.issuer_id, m.instrument_id) as issuer_id,
        i.cik
        {%- if sizes %}, z.segment_id as size_id, coalesce(z.median_turnover_usd, 0) as turnover {%- endif %}
    from {{ sessions }} as s
    inner join {{ membership }} as m on m.is_default and {{ holds_at("m", "s.session_date") }}
    left join {{ issuers }} as i on i.instrument_id = m.instrument_id and {{ holds_at("i", "s.snapshot_at") }}
    {%- if sizes %}
        left join
            {{ sizes }} as z
            on z.universe_id = m.universe_id
            and z.instrument_id = m.instrument_id
            and z.quarter = s.quarter
    {%- endif %}
{%- endmacro %}
