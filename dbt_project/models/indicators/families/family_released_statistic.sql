-- One measure of a released series as known at each session, each inside one vintage (int_macro_changes), times
-- `scale`.
-- A release that is stale withholds everything; a month that was never published withholds what needs it (October and
-- November 2025). `bridge` is the mean monthly change over such a gap and has nothing to say where there is none.
{% set measures = [
    ("level", "value", "'OK'", 1),
    ("mom", "mom", "status_mom", 2),
    ("yoy", "yoy", "status_yoy", 2),
    ("ann_3m", "ann_3m", "status_ann_3m", 2),
    ("ann_6m", "ann_6m", "status_ann_6m", 2),
    (
        "bridge",
        "case when gap_months > 1 then bridge end",
        "case when gap_months > 1 and bridge is not null then 'OK' else 'NOT_AVAILABLE' end",
        2,
    ),
    ("change_1", "change_1", "status_mom", 2),
    ("change_3", "change_3", "status_change_3", 4),
    ("quarter_over_quarter", "quarter_over_quarter", "status_quarter", 6),
] %}
with
    measured as (
        select
            i.reading_id,
            i.indicator_id,
            i.scale,
            s.session_date,
            s.obs_period,
            s.status,
            s.known_at,
            s.is_reconstructed,
            case
                i.measure {% for name, value, _, _ in measures %} when '{{ name }}' then {{ value }} {% endfor %}
            end as figure,
            case
                i.measure {% for name, _, reason, _ in measures %} when '{{ name }}' then {{ reason }} {% endfor %}
            end as reason,
            case
                i.measure {% for name, _, _, needed in measures %} when '{{ name }}' then {{ needed }} {% endfor %}
            end as needed
        from {{ ref("indicators") }} as i
        inner join {{ ref("int_macro_sessions") }} as s on s.series_id = i.subject
        where i.family = 'released_statistic'
    ),
    readings as (
        select
            * exclude (status, scale),
            'US' as entity_id,
            scale * figure as value,
            case when status <> 'OK' then status else reason end as status,
            case when figure is null then 0 else needed end as n_used,
            needed as n_expected
        from measured
    )
    {{ readings("readings", reconstructed="is_reconstructed") }}
