-- One row per instrument and session: prices as traded and adjusted, the day's move, averages, extremes, drawdown.
-- A stock that left the index has no row until it is in one again: who asks every day stops asking for it then, and who
-- asks for the first time gets all of its past, or that of a company that has the symbol today. Both say the same.
with
    large as (
        select instrument_id, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
        from {{ ref("int_membership") }}
        where is_default
    ),
    left_behind as (
        select p.instrument_id, p.session_date
        from {{ ref("int_prices") }} as p
        inner join
            (
                select instrument_id, min(valid_from) as valid_from
                from {{ ref("int_membership") }}
                group by instrument_id
                having count(valid_to) > 0
                union all
                -- met only because its symbol was a member's once
                select instrument_id, date '0001-01-01'
                from {{ ref("int_instruments") }}
                where has_reused_symbol
            ) as first_stay
            on first_stay.instrument_id = p.instrument_id
            and first_stay.valid_from <= p.session_date
        where
            not exists (
                select 1
                from {{ ref("int_membership") }} as m
                where m.instrument_id = p.instrument_id and {{ holds_at("m", "p.session_date") }}
            )
    ),
    judged as (
        select
            p.*,
            d.* exclude (instrument_id, session_date, session_no),
            f.tr_factor as final_tr_factor,
            l.instrument_id is not null as is_member_large
        from {{ ref("int_prices") }} as p
        inner join
            {{ ref("int_security_daily") }} as d
            on d.instrument_id = p.instrument_id
            and d.session_date = p.session_date
        inner join {{ ref("int_final_factors") }} as f on f.instrument_id = p.instrument_id
        left join
            large as l
            on l.instrument_id = p.instrument_id
            and l.valid_from <= p.session_date
            and l.valid_to > p.session_date
        where (p.instrument_id, p.session_date) not in (select (instrument_id, session_date) from left_behind)
    )
select
    instrument_id,
    session_date,
    round(open, 4) as open,
    round(high, 4) as high,
    round(low, 4) as low,
    round(close, 4) as close,
    volume,
    case when doubt is null then round(close_split, 6) end as close_split,
    case when doubt is null then round(close_tr, 6) end as close_tr,
    case when doubt is null then round(close_tr / final_tr_factor, 6) end as close_adj_final,
    {{ one_zero("round(100 * return_1d, 6)") }} as return_1d,
    move,
    above_sma20,
    above_sma50,
    above_sma100,
    above_sma200,
    new_high_52w,
    new_low_52w,
    round(100 * drawdown, 6) as drawdown,
    is_member_large,
    doubt,
    source,
    case when doubt is not null then 'SUSPECT_INPUT' else 'OK' end as status_price,
    case
        when is_volume_aside then 'SUSPECT_INPUT' when volume is null then 'NOT_AVAILABLE' else 'OK'
    end as status_volume,
    {% for status, column in [
        ("return", "return_1d"),
        ("sma20", "above_sma20"),
        ("sma50", "above_sma50"),
        ("sma100", "above_sma100"),
        ("sma200", "above_sma200"),
        ("52w", "new_high_52w"),
        ("drawdown", "drawdown"),
    ] %}
        case
            when {{ column }} is not null
            then 'OK'
            when doubt is not null {% if status == "return" %} or is_payout_aside {% endif %}
            then 'SUSPECT_INPUT'
            {% if status == "return" %} when has_no_actions and gap_sessions = 1 then 'NO_ACTIONS' {% endif %}
            when
                not is_traded
                {% if status == "return" %} or gap_sessions > 1 or (gap_sessions is null and bar_no > 1) {% endif %}
            then 'STALE_INPUT'
            else 'WARMUP'
        end as status_{{ status }},
    {% endfor %}
    known_at
from judged
