-- Dollar-pegged coins in circulation as known at each session: the newest UTC day then known beside 7 and 30 days
-- before it, all as they were then told. The price is what a coin is worth on average; further than 2 % from a dollar
-- the peg is lost. A day that was never told leaves a change without its beginning: no neighbour stands in.
{% set spans = [7, 30] %}
with
    newest as ({{ newest_known(ref("stg_defillama_stablecoins"), "true", "observed_on") }}),
    began as (
        select known_at, min(min(observed_on)) over (order by known_at) as first_day
        from {{ ref("stg_defillama_stablecoins") }}
        group by known_at
    ),
    known as (
        select
            c.session_date,
            c.session_no,
            c.snapshot_at,
            n.observed_on,
            n.circulating_usd,
            n.circulating_coins,
            n.known_at,
            g.first_day
        from {{ ref("int_calendar") }} as c
        asof inner join began as g on g.known_at <= c.snapshot_at
        asof inner join newest as n on n.known_at <= c.snapshot_at
    ),
    beside as (
        select
            k.*,
            k.session_date - k.observed_on > 3 as is_stale,
            k.circulating_usd / k.circulating_coins as price,
            {% for n in spans %}
                100 * (k.circulating_usd / b{{ n }}.circulating_usd - 1) as change_{{ n }}d,
                b{{ n }}.known_at as known_{{ n }}d,
                k.observed_on - {{ n }} < k.first_day as is_before_{{ n }}d
                {% if not loop.last %}, {% endif %}
            {% endfor %}
        from known as k
        {% for n in spans %}
            left join
                {{ ref("stg_defillama_stablecoins") }} as b{{ n }}
                on b{{ n }}.observed_on = k.observed_on - {{ n }}
                and {{ known_at_moment("b" ~ n, "k.snapshot_at") }}
        {% endfor %}
    ),
    judged as (
        select
            session_date,
            session_no,
            observed_on,
            circulating_usd,
            price,
            cast(abs(price - 1) > 0.02 as integer) as is_depegged,
            case when is_stale then 'STALE_INPUT' else 'OK' end as status,
            {% for n in spans %}
                change_{{ n }}d,
                case
                    when is_stale
                    then 'STALE_INPUT'
                    when change_{{ n }}d is not null
                    then 'OK'
                    when is_before_{{ n }}d
                    then 'WARMUP'
                    else 'NOT_PUBLISHED'
                end as status_{{ n }}d,
                greatest(known_at, known_{{ n }}d) as known_{{ n }}d,
            {% endfor %}
            known_at
        from beside
    )
select
    *,
    -- against the year before it, itself left out
    count(*) filter (where status_30d = 'OK') over before as n_before,
    avg(change_30d) filter (where status_30d = 'OK') over before as mean_before,
    stddev_samp(change_30d) filter (where status_30d = 'OK') over before as deviation_before,
    max(known_30d) over so_far as known_z
from judged
window
    before as (order by session_no range between 252 preceding and 1 preceding),
    so_far as (order by session_no range between 252 preceding and current row)
order by session_no
