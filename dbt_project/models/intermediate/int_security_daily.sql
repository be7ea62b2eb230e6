-- What one security did on one day, from its own past: plain ANSI SQL, so that it can run on any engine.
-- A run of bars ends where more than five sessions are missing; no average or extreme reaches across: a frame of n bars
-- lies inside the run when the run has at least n. All windows share one partition and order, so there is one sort.
-- An era ends where a step of the price was never explained: nothing is compared across. A day whose payout is in
-- doubt, and a fund that always pays and shows no payout, have no total return.
with
    windows as (
        select
            instrument_id,
            asset_class,
            session_date,
            session_no,
            is_half_day,
            is_traded,
            gap_sessions,
            close_tr,
            close_ticks,
            high_ticks,
            low_ticks,
            volume_split,
            is_payout_aside,
            has_no_actions,
            known_at,
            1
            + bar_no
            - max(case when gap_sessions > 5 then bar_no else 1 end) over (
                partition by instrument_id, is_traded, era order by session_no rows unbounded preceding
            ) as bars_in_run,
            lag(close_ticks) over (partition by instrument_id, is_traded, era order by session_no) as prev_ticks,
            lag(close_tr) over (partition by instrument_id, is_traded, era order by session_no) as prev_tr,
            {% for n in [20, 50, 100, 200] %}
                sum(close_ticks) over (
                    partition by instrument_id, is_traded, era
                    order by session_no rows between {{ n - 1 }} preceding and current row
                ) as sum_{{ n }},
            {% endfor %}
            {% for extreme, ticks in [("max", "high"), ("min", "low"), ("max", "close"), ("min", "close")] %}
                {{ extreme }} ({{ ticks }}_ticks) over (
                    partition by instrument_id, is_traded, era
                    order by session_no
                    rows between 252 preceding and 1 preceding
                ) as {{ extreme }}_{{ ticks }},
            {% endfor %}
            max(close_ticks) over (
                partition by instrument_id, is_traded, era order by session_no rows unbounded preceding
            ) as max_close_ever
        from {{ ref("int_prices") }}
    )
select
    instrument_id,
    asset_class,
    session_date,
    session_no,
    is_half_day,
    is_traded,
    case
        when not is_traded or gap_sessions is null or gap_sessions > 1
        then 'untraded'
        when close_ticks > prev_ticks
        then 'A'
        when close_ticks < prev_ticks
        then 'D'
        else 'U'
    end as move,
    case
        when is_traded and gap_sessions = 1 and is_payout_aside is not true and has_no_actions is not true
        then close_tr / nullif(prev_tr, 0) - 1
    end as return_1d,
    {% for n in [20, 50, 100, 200] %}
        case when is_traded and bars_in_run >= {{ n }} then {{ n }} * close_ticks > sum_{{ n }} end as above_sma{{ n }},
    {% endfor %}
    case when is_traded and bars_in_run > 252 then high_ticks > max_high end as new_high_52w,
    case when is_traded and bars_in_run > 252 then low_ticks < min_low end as new_low_52w,
    case when is_traded and bars_in_run > 252 then close_ticks > max_close end as new_high_52w_close,
    case when is_traded and bars_in_run > 252 then close_ticks < min_close end as new_low_52w_close,
    case when is_traded then cast(close_ticks as double precision) / nullif(max_close_ever, 0) - 1 end as drawdown,
    volume_split,
    known_at
from windows
order by session_date, instrument_id
