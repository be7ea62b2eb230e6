-- What each reading is, which driver it belongs to and how it is read.
select
    i.reading_id,
    i.indicator_id,
    i.name,
    i.short_name,
    i.driver_id,
    i.unit,
    i.unit_words,
    i.formula,
    i.higher_is,
    i.bullish_op,
    i.bullish_at,
    i.bearish_op,
    i.bearish_at,
    i.weight,
    i.because,
    i.source_paper,
    i.article_lines,
    c.snapshot_at as known_at
from {{ ref("indicators") }} as i
cross join {{ ref("int_calendar") }} as c
where c.is_latest
order by i.reading_id
