-- What readings are made of and this home holds, by the names that seeds/indicators.csv uses (series, volatility
-- indices, instruments, roles of instruments, categories of funds, the lists of members, and what rates are told
-- by), and since when something of it was known. Before that, a reading made of it has nothing to say and says
-- NOT_AVAILABLE; one whose inputs are all here must have rows.
with
    -- told by sessions or days: held since the evening of the first, and not an evening sooner
    told_by_day as (
        select unnest([instrument_id, role]) as input_id, first_session as first_day
        from {{ ref("int_instruments") }}
        where first_session is not null
        union all
        select case when fund_category like 'bond%' then 'bond' else fund_category end, min(session_date)
        from {{ ref("int_fund_sessions") }}
        where fund_category is not null
        group by fund_category
        union all
        select 'members', min(valid_from)
        from {{ ref("int_membership") }}
        having count(*) > 0
        union all
        select 'fed_funds_futures', min(session_date)
        from {{ ref("int_policy_paths") }}
        having count(*) > 0
        union all
        select 'mpt', min(c.session_date)
        from {{ ref("int_mpt_windows") }} as m
        inner join {{ ref("int_calendar") }} as c on c.session_no = m.session_no
        having count(*) > 0
        union all
        select 'earnings_calendar', min(session_date)
        from {{ ref("int_season_segments") }}
        where source = 'nasdaq'
        having count(*) > 0
        union all
        select 'company_reports', min(session_date)
        from {{ ref("int_season_segments") }}
        where source = 'edgar'
        having count(*) > 0
        union all
        select 'report_days_ahead', min(session_date)
        from {{ ref("int_report_days") }}
        having count(*) > 0
        union all
        select 'guidance', min(announced_on)
        from {{ ref("guidance") }}
        where world = '{{ var("world") }}'
        having count(*) > 0
        union all
        select 'corporate_facts', min(published_on)
        from {{ ref("corporate_facts") }}
        where world = '{{ var("world") }}'
        having count(*) > 0
        union all
        select 'sector_weights', min(session_date)
        from {{ ref("int_sector_weights") }}
        having count(*) > 0
        union all
        select 'index_weights', min(session_date)
        from {{ ref("int_weight_sources") }}
        having count(*) > 0
    ),
    held as (
        select series_id as input_id, min(known_at) as held_since
        from {{ ref("stg_fred_observations") }}
        group by series_id
        union all
        select series_id, min(known_at)
        from {{ ref("int_macro_vintages") }}
        group by series_id
        union all
        select symbol, min(known_at)
        from {{ ref("int_volatility_closes") }}
        group by symbol
        union all
        select instrument_id, min(known_at)
        from {{ ref("int_crypto_daily") }}
        group by instrument_id
        union all
        select 'company_earnings', min(snapshot_at)
        from {{ ref("int_earnings_yields") }}
        having count(*) > 0
        union all
        select 'forecasts', min(known_at)
        from {{ ref("int_forecasts") }}
        having count(*) > 0
        union all
        select 'damodaran_erp', min(known_at)
        from {{ ref("int_implied_premium") }}
        having count(*) > 0
        union all
        select 'shiller_ie', min(known_at)
        from {{ ref("int_cape") }}
        having count(*) > 0
        union all
        select 'short_interest', min(known_at)
        from {{ ref("int_short_interest") }}
        having count(*) > 0
        union all
        select 'acm', min(released_at)
        from {{ ref("int_term_premium") }}
        having count(*) > 0
        union all
        select d.input_id, c.snapshot_at
        from told_by_day as d
        asof join {{ ref("int_calendar") }} as c on c.session_date >= d.first_day
    )
select input_id, min(held_since) as held_since
from held
group by input_id
order by input_id
