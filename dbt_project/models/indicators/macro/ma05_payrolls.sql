-- MA05: persons added, each change inside one vintage (never across two): over the newest month, mean of the last
-- three, and by how much the change of the month before differs now from what was said first (only vintages tell).
with
    firsts as (
        select series_id, newest_period, arg_min(change_1, known_at) as change_first
        from {{ ref("int_macro_changes") }}
        where series_id = 'PAYEMS' and not coalesce(is_reconstructed, false)
        group by series_id, newest_period
    ),
    known as (
        select k.*, k.change_1_before - f.change_first as revision
        from {{ ref("int_macro_sessions") }} as k
        left join
            firsts as f on f.series_id = k.series_id and f.newest_period = cast(k.obs_period - interval 1 month as date)
        where k.series_id = 'PAYEMS'
    ),
    readings as (
        {% for id, value, reason, n in [
            ("MA05_change", "change_1", "status_mom", 2),
            ("MA05_3m", "change_3", "status_change_3", 4),
            ("MA05_revision", "revision", "case when vintage_source <> 'vintage' then 'NOT_AVAILABLE' when revision is null then 'WARMUP' else 'OK' end", 4),
        ] %}
            select
                '{{ id }}' as reading_id,
                'US' as entity_id,
                session_date,
                obs_period,
                1000 * {{ value }} as value,
                case when status <> 'OK' then status else {{ reason }} end as status,
                case when {{ value }} is null then 0 else {{ n }} end as n_used,
                {{ n }} as n_expected,
                known_at,
                is_reconstructed
            from known
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "MA05", reconstructed="is_reconstructed") }}
