-- FL02: net flow into US equity funds and into bond funds over 5, 20 and 60 sessions, percent of assets at the
-- start; and the 20-session flow against mean and deviation of the 252 sessions before. Each other category of funds is
-- an entity of the readings of 20 sessions and of the score. Heartbeats are left out. A
-- session without a new figure adds nothing; when the newest figure is older than 3 sessions, or funds with less
-- than 90 % of the assets have reported, the reading abstains.
with
    summed as (
        select
            f.*,
            row_number() over own as held,
            {% for n in [5, 20, 60] %}
                sum(clean_cents) over last_{{ n }} + pending_cents as cents_{{ n }},
                count(*) filter (where n_flows > 0) over last_{{ n }} as used_{{ n }},
                first_value(aum_before ignore nulls) over last_{{ n }} as aum_{{ n }}
                {% if not loop.last %}, {% endif %}
            {% endfor %}
        from {{ ref("int_category_flows") }} as f
        window
            own as (partition by fund_group order by session_no),
            {% for n in [5, 20, 60] %}
                last_{{ n }} as (
                    partition by fund_group order by session_no rows between {{ n - 1 }} preceding and current row
                )
                {% if not loop.last %}, {% endif %}
            {% endfor %}
    ),
    shares as (
        {% for n in [5, 20, 60] %}
            select
                fund_group,
                session_no,
                session_date,
                observed_date,
                known_at,
                {{ n }} as sessions,
                cents_{{ n }} / nullif(cast(aum_{{ n }} as double), 0) as value,
                used_{{ n }} as n_used,
                case
                    when age > 3
                    then 'STALE_INPUT'
                    when held < {{ n }}
                    then 'WARMUP'
                    when used_{{ n }} < 0.9 * {{ n }} or coverage < 0.9
                    then 'LOW_COVERAGE'
                    else 'OK'
                end as status
            from summed
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    ),
    compared as (
        select
            *,
            count(usable) over before_ as n_before,
            avg(usable) over before_ as mean_before,
            stddev_samp(usable) over before_ as deviation_before
        from (select *, case when status = 'OK' then value end as usable from shares where sessions = 20)
        window before_ as (partition by fund_group order by session_no rows between 252 preceding and 1 preceding)
    ),
    readings as (
        select
            'FL02_'
            || case when fund_group in ('equity', 'bond') then fund_group else 'category' end
            || '_'
            || sessions as reading_id,
            case when fund_group = 'equity' then 'equity_us' else fund_group end as entity_id,
            session_date,
            observed_date as obs_period,
            value,
            status,
            n_used,
            sessions as n_expected,
            known_at
        from shares
        where sessions = 20 or fund_group in ('equity', 'bond')
        union all
        select
            'FL02_' || case when fund_group in ('equity', 'bond') then fund_group else 'category' end || '_z',
            case when fund_group = 'equity' then 'equity_us' else fund_group end,
            session_date,
            observed_date,
            (value - mean_before) / nullif(deviation_before, 0),
            case
                when status <> 'OK'
                then status
                when n_before < 227
                then 'WARMUP'
                when not deviation_before > 1e-12
                then 'UNDEFINED'
                else 'OK'
            end,
            n_before,
            252,
            known_at
        from compared
    )
    {{ readings("readings", "FL02") }}
