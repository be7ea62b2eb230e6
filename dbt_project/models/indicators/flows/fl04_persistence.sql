-- FL04: complete weeks with net inflow into US equity funds, and into each other category of funds, among the last
-- twelve (9 and more is persistent); and the mean of the flows into US equity funds over their deviation. Each
-- week's flow is what was known when it ended.
with
    weekly as (
        select
            f.fund_group,
            c.week_end,
            max(f.session_no) filter (where f.session_date = c.week_end) as end_no,
            sum(f.clean_cents) + max(f.pending_cents) filter (where f.session_date = c.week_end) as cents,
            sum(f.n_flows) as n_flows
        from {{ ref("int_category_flows") }} as f
        inner join {{ ref("int_calendar") }} as c on c.session_no = f.session_no
        where f.fund_group <> 'bond'
        group by f.fund_group, c.week_end
        -- the running week is not over
        having max(f.session_date) = c.week_end
    ),
    counted as (
        select
            fund_group,
            end_no,
            count(*) filter (where cents > 0) over last_12 as positive,
            count(*) filter (where n_flows > 0) over last_12 as weeks,
            count(*) over last_12 as held,
            avg(cast(cents as double)) over last_12 as mean_12,
            stddev_samp(cast(cents as double)) over last_12 as deviation_12
        from weekly
        window last_12 as (partition by fund_group order by week_end rows between 11 preceding and current row)
    ),
    known as (
        select f.session_date, f.observed_date, f.known_at, f.age, f.coverage, w.*
        from {{ ref("int_category_flows") }} as f
        asof join counted as w on w.fund_group = f.fund_group and w.end_no <= f.session_no
    ),
    readings as (
        {% for id, value, is_meant in [
            ("FL04_equity", "positive", "fund_group = 'equity'"),
            ("FL04_equity_ratio", "mean_12 / nullif(deviation_12, 0)", "fund_group = 'equity'"),
            ("FL04_category", "positive", "fund_group <> 'equity'"),
        ] %}
            select
                '{{ id }}' as reading_id,
                case when fund_group = 'equity' then 'equity_us' else fund_group end as entity_id,
                session_date,
                observed_date as obs_period,
                {{ value }} as value,
                case
                    when age > 3
                    then 'STALE_INPUT'
                    when held < 12
                    then 'WARMUP'
                    when weeks < 12 or coverage < 0.9
                    then 'LOW_COVERAGE'
                    else 'OK'
                end as status,
                weeks as n_used,
                12 as n_expected,
                known_at
            from known
            where {{ is_meant }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )
    {{ readings("readings", "FL04") }}
