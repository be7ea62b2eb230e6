-- What claims about indices are judged by, published so that anybody can run a predicate again: one row per index and
-- session, closes only, each row from sessions up to its own. Beside the headline index, how the 10-year yield and the
-- earnings-yield gap moved that session; a yield that was carried from an earlier day has not moved.
with
    rates as (
        select
            session_date,
            round(
                case
                    when carried_from is null and lag(carried_from) over days is null
                    then 100 * (y10 - lag(y10) over days)
                end,
                6
            ) as y10_change_bp,
            round(
                case
                    when carried_from is null and lag(carried_from) over days is null
                    then 100 * (earnings_yield_gap - lag(earnings_yield_gap) over days)
                end,
                6
            ) as gap_change_bp
        from {{ ref("rates_daily") }}
        window days as (order by session_date)
    )
select
    f.index_id,
    f.session_date,
    round(f.close, 6) as close,
    round(f.previous_close, 6) as previous_close,
    {{ one_zero("round(f.return_pct, 6)") }} as return_pct,
    round(f.highest_before, 6) as highest_before,
    f.is_record,
    {{ one_zero("round(f.drawdown_pct, 6)") }} as drawdown_pct,
    f.is_week_end,
    {{ one_zero("round(f.week_return_pct, 6)") }} as week_return_pct,
    round(f.week_range_percentile, 6) as week_range_percentile,
    f.rally_trough_date,
    round(f.members_near_high_share, 6) as members_near_high_share,
    {{ one_zero("r.y10_change_bp") }} as y10_change_bp,
    {{ one_zero("r.gap_change_bp") }} as gap_change_bp,
    f.known_at
from {{ ref("int_claim_facts") }} as f
inner join {{ ref("int_instruments") }} as i on i.instrument_id = f.index_id
left join rates as r on r.session_date = f.session_date and i.role = 'headline'
order by f.index_id, f.session_date
