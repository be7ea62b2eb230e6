-- Members of each universe, and of each of its sectors and sizes, counted by what they did that day: plain ANSI SQL
-- over int_security_daily. A member without a bar is a member: it counts as untraded and lowers the coverage.
-- Counted per cell of sector and size first (null: not known), then summed to the universe, the sectors and the
-- sizes.
with
    first_stock as (
        select min(session_date) as session_date from {{ ref("int_security_daily") }} where asset_class = 'stock'
    ),
    sectors as (
        select instrument_id, sector_id, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
        from {{ ref("int_instrument_sectors") }}
    ),
    membership as (
        select universe_id, instrument_id, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
        from {{ ref("int_membership") }}
    ),
    sizes as (select universe_id, instrument_id, quarter, segment_id as size_id from {{ ref("int_size_segments") }}),
    members as (
        select m.universe_id, s.sector_id, z.size_id, c.session_date, count(*) as members
        from membership as m
        inner join {{ ref("int_calendar") }} as c on c.session_date >= m.valid_from and c.session_date < m.valid_to
        left join
            sectors as s
            on s.instrument_id = m.instrument_id
            and s.valid_from <= c.session_date
            and s.valid_to > c.session_date
        left join
            sizes as z on z.universe_id = m.universe_id and z.instrument_id = m.instrument_id and z.quarter = c.quarter
        where c.session_date >= (select session_date from first_stock)
        group by m.universe_id, s.sector_id, z.size_id, c.session_date
    ),
    moves as (
        select
            m.universe_id,
            s.sector_id,
            z.size_id,
            d.session_date,
            count(case when d.move = 'A' then 1 end) as advancers,
            count(case when d.move = 'D' then 1 end) as decliners,
            count(case when d.move = 'U' then 1 end) as unchanged,
            sum(case when d.move = 'A' then d.volume_split end) as up_volume,
            sum(case when d.move = 'D' then d.volume_split end) as down_volume,
            {% for n in [20, 50, 100, 200] %}
                count(d.above_sma{{ n }}) as with_sma{{ n }},
                count(case when d.above_sma{{ n }} then 1 end) as above_sma{{ n }},
            {% endfor %}
            count(d.new_high_52w) as with_52w,
            count(case when d.new_high_52w then 1 end) as new_highs_52w,
            count(case when d.new_low_52w then 1 end) as new_lows_52w,
            count(case when d.new_high_52w_close then 1 end) as new_highs_52w_close,
            count(case when d.new_low_52w_close then 1 end) as new_lows_52w_close,
            max(d.known_at) as known_at
        from {{ ref("int_security_daily") }} as d
        inner join
            membership as m
            on m.instrument_id = d.instrument_id
            and m.valid_from <= d.session_date
            and m.valid_to > d.session_date
        left join
            sectors as s
            on s.instrument_id = d.instrument_id
            and s.valid_from <= d.session_date
            and s.valid_to > d.session_date
        inner join {{ ref("int_calendar") }} as c on c.session_date = d.session_date
        left join
            sizes as z on z.universe_id = m.universe_id and z.instrument_id = m.instrument_id and z.quarter = c.quarter
        where d.asset_class = 'stock'
        group by m.universe_id, s.sector_id, z.size_id, d.session_date
    ),
    cells as (
        select m.*, d.* exclude (universe_id, sector_id, size_id, session_date)
        from members as m
        left join
            moves as d
            on d.universe_id = m.universe_id
            and d.sector_id is not distinct from m.sector_id
            and d.size_id is not distinct from m.size_id
            and d.session_date = m.session_date
    ),
    summed as (
        {% set counts = [
            "members",
            "advancers",
            "decliners",
            "unchanged",
            "up_volume",
            "down_volume",
            "with_sma20",
            "above_sma20",
            "with_sma50",
            "above_sma50",
            "with_sma100",
            "above_sma100",
            "with_sma200",
            "above_sma200",
            "with_52w",
            "new_highs_52w",
            "new_lows_52w",
            "new_highs_52w_close",
            "new_lows_52w_close",
        ] %}
        {% for type, id in [("universe", "universe_id"), ("sector", "sector_id"), ("size", "size_id")] %}
            select
                universe_id,
                '{{ type }}' as segment_type,
                {{ id }} as segment_id,
                session_date,
                {% for column in counts %} cast(coalesce(sum({{ column }}), 0) as bigint) as {{ column }}, {% endfor %}
                max(known_at) as known_at
            from cells
            where {{ id }} is not null
            group by universe_id, {{ id }}, session_date
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
select s.* exclude (known_at), c.session_no, coalesce(s.known_at, c.snapshot_at) as known_at
from summed as s
inner join {{ ref("int_calendar") }} as c on c.session_date = s.session_date
order by s.session_date, s.universe_id, s.segment_type, s.segment_id
