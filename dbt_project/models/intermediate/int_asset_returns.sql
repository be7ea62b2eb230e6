-- Log returns of the assets that are correlated, one row per asset, alignment and session, with the moment each was
-- known. A return exists between consecutive sessions only. A yield's return is that of a par bond of its maturity:
-- minus the change times the modified duration before it. A yield that came later than the next one is no
-- observation any more. A bond holiday is none either: its missing return counts as known only when the next yield
-- is, so that no window ever reaches past the newest yield published by then.
with
    assets as (select * from {{ ref("correlation_assets") }} where world = '{{ var("world") }}'),
    prices as (
        select
            a.asset_id,
            p.session_no,
            case
                when p.gap_sessions = 1
                then ln(p.close_tr / lag(p.close_tr) over (partition by a.asset_id order by p.session_no))
            end as log_return
        from assets as a
        inner join {{ ref("int_prices") }} as p on p.instrument_id = a.entity_id and a.kind = 'price' and p.is_traded
    ),
    candles as (
        select a.asset_id, c.session_no, d.close
        from assets as a
        inner join {{ ref("int_crypto_daily") }} as d on d.instrument_id = a.entity_id and a.kind = 'crypto'
        inner join {{ ref("int_calendar") }} as c on c.session_date = d.utc_date and d.known_at <= c.snapshot_at
        where d.close > 0
    ),
    crypto as (
        select
            asset_id,
            session_no,
            case
                when session_no - lag(session_no) over (partition by asset_id order by session_no) = 1
                then ln(close / lag(close) over (partition by asset_id order by session_no))
            end as log_return
        from candles
    ),
    closes as (
        select a.asset_id, d.session_no, d.close_nyse as close
        from assets as a
        inner join {{ ref("int_crypto_daily") }} as d on d.instrument_id = a.entity_id and a.kind = 'crypto'
        where d.close_nyse > 0
    ),
    crypto_at_the_close as (
        select
            asset_id,
            session_no,
            case
                when session_no - lag(session_no) over (partition by asset_id order by session_no) = 1
                then ln(close / lag(close) over (partition by asset_id order by session_no))
            end as log_return
        from closes
    ),
    yields as (
        select
            a.asset_id,
            cast(regexp_extract(a.entity_id, '^DGS([0-9]+)$', 1) as integer) as years,
            c.session_no,
            f.value / 100 as yield,
            f.known_at
        from assets as a
        inner join
            {{ ref("stg_fred_observations") }} as f
            on f.series_id = a.entity_id
            and a.kind = 'yield'
            and f.version_no = 1
            and f.value is not null
        inner join {{ ref("int_calendar") }} as c on c.session_date = f.observation_date
        qualify {{ came_in_order("asset_id", "session_no") }}
    ),
    before as (
        select
            *,
            lag(session_no) over (partition by asset_id order by session_no) as session_no_before,
            lag(yield) over (partition by asset_id order by session_no) as yield_before
        from yields
    ),
    bonds as (
        select
            asset_id,
            session_no,
            case
                when session_no - session_no_before = 1
                then
                    - (yield - yield_before)
                    * case
                        when abs(yield_before) < 1e-6
                        then years
                        else (1 - power(1 + yield_before / 2, -2 * years)) / yield_before
                    end
            end as log_return,
            known_at
        from before
    ),
    legs as (
        select asset_id, 'session_close' as alignment, session_no, log_return, cast(null as timestamptz) as known_at
        from prices
        union all
        select asset_id, 'utc_day', session_no, log_return, null
        from crypto
        union all
        select asset_id, 'nyse_close', session_no, log_return, null
        from crypto_at_the_close
        union all
        select asset_id, 'session_close', session_no, log_return, known_at
        from bonds
    ),
    spans as (select asset_id, alignment, min(session_no) as first_no from legs group by asset_id, alignment),
    spine as (
        select a.asset_id, a.kind, s.alignment, c.session_no, c.session_date, c.snapshot_at
        from assets as a
        inner join spans as s on s.asset_id = a.asset_id
        inner join {{ ref("int_calendar") }} as c on c.session_no >= s.first_no
    )
select
    p.asset_id,
    p.kind,
    p.alignment,
    p.session_no,
    p.session_date,
    case when isfinite(l.log_return) then l.log_return end as log_return,
    case
        when p.kind <> 'yield'
        then p.snapshot_at
        else
            coalesce(
                first_value(l.known_at ignore nulls) over (
                    partition by p.asset_id, p.alignment
                    order by p.session_no
                    rows between current row and unbounded following
                ),
                timestamptz '9999-12-31 00:00:00+00'
            )
    end as known_at
from spine as p
left join legs as l on l.asset_id = p.asset_id and l.alignment = p.alignment and l.session_no = p.session_no
order by p.session_no, p.asset_id, p.alignment
