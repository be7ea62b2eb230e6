-- Move of the price of a commodity over `span` sessions. `measure`: log (or none), `scale` times the logarithm of the
-- ratio of closes as traded, with `against` of the ratio of both prices; dollars, the difference of closes;
-- percentile, where the logarithm stands among those of 252 sessions, itself counted half. A price at or below 0 has no
-- logarithm. A bar in doubt at either end is no end.
{% set ends = ["n", "b"] %}
{% set least = 227 %}
with
    moved as (
        select
            i.reading_id,
            i.indicator_id,
            i.measure,
            i.scale,
            n.instrument_id as entity_id,
            n.session_no,
            n.session_date,
            {% for e in ends %}
                {{ e }}.close as close_{{ e }},
                case
                    when {{ e }}.close > 0 and i.against is null
                    then {{ e }}.close
                    when {{ e }}.close > 0 and {{ e }}a.close > 0
                    then {{ e }}.close / {{ e }}a.close
                end as price_{{ e }},
                {{ e }}.close is not null and (i.against is null or {{ e }}a.close is not null) as is_there_{{ e }},
            {% endfor %}
            coalesce(n.doubt, na.doubt, b.doubt, ba.doubt) is not null as is_doubted,
            n.session_no - i.span < f.first_no as is_before,
            greatest(n.known_at, na.known_at, b.known_at, ba.known_at) as known_at
        from {{ ref("indicators") }} as i
        inner join {{ ref("int_commodity_closes") }} as n on n.instrument_id = i.subject
        inner join
            (
                select instrument_id, min(session_no) as first_no
                from {{ ref("int_commodity_closes") }}
                group by instrument_id
            ) as f
            on f.instrument_id = n.instrument_id
        left join
            {{ ref("int_commodity_closes") }} as na on na.instrument_id = i.against and na.session_no = n.session_no
        left join
            {{ ref("int_commodity_closes") }} as b
            on b.instrument_id = n.instrument_id
            and b.session_no = n.session_no - i.span
        left join
            {{ ref("int_commodity_closes") }} as ba on ba.instrument_id = i.against and ba.session_no = b.session_no
        where i.family = 'price_move'
    ),
    measured as (
        select
            *,
            case when measure = 'dollars' then close_n - close_b else scale * ln(price_n / price_b) end as move,
            case
                when is_doubted
                then 'SUSPECT_INPUT'
                when is_there_n and is_there_b
                then 'OK'
                when is_before
                then 'WARMUP'
                else 'STALE_INPUT'
            end as status
        from moved
    ),
    ranked as (
        select
            reading_id,
            session_no,
            count(*) over past as n_ranked,
            100 * (
                rank(order by move) over past
                - 1
                + 0.5
                * (count(*) over past - (rank(order by move) over past - 1) - (rank(order by move desc) over past - 1))
            )
            / count(*) over past as percentile
        from measured
        where measure = 'percentile' and status = 'OK' and move is not null
        window past as (partition by reading_id order by session_no range between 251 preceding and current row)
    ),
    readings as (
        select
            m.reading_id,
            m.indicator_id,
            m.entity_id,
            m.session_date,
            m.session_date as obs_period,
            case when m.measure = 'percentile' then r.percentile else m.move end as value,
            case
                when m.status <> 'OK' or m.measure is distinct from 'percentile' or m.move is null
                then m.status
                when r.n_ranked < {{ least }}
                then 'WARMUP'
                else 'OK'
            end as status,
            case
                when m.measure = 'percentile'
                then coalesce(r.n_ranked, 0)
                else cast(m.is_there_n as integer) + cast(m.is_there_b as integer)
            end as n_used,
            case when m.measure = 'percentile' then 252 else 2 end as n_expected,
            case
                when m.measure = 'percentile'
                then
                    max(m.known_at) over (
                        partition by m.reading_id order by m.session_no range between 251 preceding and current row
                    )
                else m.known_at
            end as known_at
        from measured as m
        left join ranked as r on r.reading_id = m.reading_id and r.session_no = m.session_no
    )
    {{ readings("readings") }}
