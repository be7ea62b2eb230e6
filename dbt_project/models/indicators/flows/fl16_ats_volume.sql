-- FL16: stand-ins for block trades, which need a tape: the part of the volume that was traded on alternative systems
-- in the newest week told (seed ats_weeks, entered by hand), and the mean size of a trade there. A week counts until
-- the next is overdue, 35 days after its end.
with
    told as (
        select *, timezone('America/New_York', published_on + time '18:00:00') as told_at
        from {{ ref("ats_weeks") }}
        where world = '{{ var("world") }}'
    ),
    known as (
        select
            c.session_date, t.*, case when c.session_date - t.week_end <= 35 then 'OK' else 'STALE_INPUT' end as status
        from {{ ref("int_calendar") }} as c
        asof inner join told as t on t.told_at <= c.snapshot_at
    ),
    readings as (
        {% for id, value in [
            ("FL16_ats_share", "100 * ats_shares / nullif(cast(all_shares as double), 0)"),
            ("FL16_trade_size", "ats_shares / nullif(cast(ats_trades as double), 0)"),
        ] %}
            select
                '{{ id }}' as reading_id,
                'US' as entity_id,
                session_date,
                week_end as obs_period,
                {{ value }} as value,
                status,
                1 as n_used,
                1 as n_expected,
                told_at as known_at
            from known
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "FL16") }}
