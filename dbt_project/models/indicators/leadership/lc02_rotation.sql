-- LC02: place of each sector on the rotation map as of the last week that was over: x (relative strength against
-- its own 14 weeks), y (the pace of x against its own 14 weeks) and the quadrant: 1 leading, 2 weakening, 3
-- lagging, 4 improving.
{% set quadrants = ["leading", "weakening", "lagging", "improving"] %}
with
    readings as (
        select
            'LC02_' || m.measure as reading_id,
            sector_id as entity_id,
            session_date,
            week_end as obs_period,
            case
                m.measure
                when 'x'
                then rotation_x
                when 'y'
                then rotation_y
                else list_position({{ quadrants }}, rotation_quadrant)
            end as value,
            case when m.measure = 'quadrant' then rotation_quadrant end as quadrant,
            status_rotation as status,
            weeks_used as n_used,
            28 as n_expected,
            known_at_rotation as known_at
        from {{ ref("int_sector_leadership") }}
        cross join (values ('x'), ('y'), ('quadrant')) as m(measure)
    )
    {{ readings("readings", "LC02", text="quadrant") }}
