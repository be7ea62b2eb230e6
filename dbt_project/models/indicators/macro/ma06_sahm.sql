-- MA06: the Sahm measure of unemployment (Sahm 2019): mean of three months minus the lowest such mean of the
-- twelve months before, the newest month not among them, all on the vintage known at the session. A month that was
-- never published makes every mean that needs it missing. `_interp` fills such months in a straight line.
with
    panel as (
        select known_at, newest_period, obs_period, value
        from {{ ref("int_macro_panel") }}
        where series_id = 'UNRATE' and obs_period >= newest_period - interval 14 month
    ),
    months as (
        select m.known_at, m.newest_period, cast(m.newest_period - to_months(cast(g.back as integer)) as date) as month
        from (select distinct known_at, newest_period from panel) as m
        cross join generate_series(0, 14) as g(back)
    ),
    filled as (
        select
            m.known_at,
            m.newest_period,
            m.month,
            p.value,
            last_value(p.value ignore nulls) over own as value_before,
            last_value(case when p.value is not null then m.month end ignore nulls) over own as month_before,
            first_value(p.value ignore nulls) over rest as value_after,
            first_value(case when p.value is not null then m.month end ignore nulls) over rest as month_after
        from months as m
        left join panel as p on p.known_at = m.known_at and p.obs_period = m.month
        window
            own as (partition by m.known_at order by m.month rows between unbounded preceding and current row),
            rest as (partition by m.known_at order by m.month rows between current row and unbounded following)
    ),
    series as (
        {% for variant, expression in [
            ("sahm", "value"),
            (
                "sahm_interp",
                "coalesce(value, value_before + (value_after - value_before) * datediff('month', month_before, month)"
                ~ " / datediff('month', month_before, month_after))",
            ),
        ] %}
            select '{{ variant }}' as variant, known_at, newest_period, month, {{ expression }} as value
            from filled
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),
    means as (
        -- summed as decimals: sums of doubles depend on the order of rows, and a change of nothing could be -0.0
        select
            *,
            case when count(value) over three = 3 then sum(cast(value as decimal(18, 9))) over three / 3 end as mean_3
        from series
        window three as (partition by variant, known_at order by month rows between 2 preceding and current row)
    ),
    measured as (
        select
            variant,
            known_at,
            newest_period,
            max(mean_3) filter (where month = newest_period) as mean_now,
            min(mean_3) filter (where month < newest_period) as lowest,
            count(mean_3) as means_held,
            count(value) as months_held
        from means
        group by variant, known_at, newest_period
    ),
    started as (select min(obs_period) as first_period from {{ ref("int_macro_vintages") }} where series_id = 'UNRATE'),
    readings as (
        select
            'MA06_' || m.variant as reading_id,
            'US' as entity_id,
            k.session_date,
            k.obs_period,
            m.mean_now - m.lowest as value,
            case
                when k.status <> 'OK'
                then k.status
                when m.means_held = 13
                then 'OK'
                when m.newest_period - interval 14 month < s.first_period
                then 'WARMUP'
                else 'NOT_PUBLISHED'
            end as status,
            m.months_held as n_used,
            15 as n_expected,
            k.known_at,
            k.is_reconstructed
        from {{ ref("int_macro_sessions") }} as k
        inner join measured as m on m.known_at = k.known_at
        cross join started as s
        where k.series_id = 'UNRATE'
    )
    {{ readings("readings", "MA06", reconstructed="is_reconstructed") }}
