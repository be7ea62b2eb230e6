-- EA04: earnings of the season under way against those of the same companies a year before, percent. EA04: reported
-- where they are, forecast where not, on the analysts' basis; EA04_edgar: net income as filed, of those who filed;
-- each also by sector.
with
    readings as (
        select
            case source when 'nasdaq' then 'EA04' else 'EA04_edgar' end
            || case segment_type when 'sector' then '_sector' else '' end as reading_id,
            segment_id as entity_id,
            session_date,
            fiscal_quarter as obs_period,
            growth as value,
            status_growth as status,
            n_both as n_used,
            members as n_expected,
            known_at
        from {{ ref("int_season_segments") }}
        where segment_type in ('universe', 'sector')
    )
    {{ readings("readings", "EA04") }}
