-- What readings are made of and this home holds, by the names that seeds/indicators.csv uses (series, volatility
-- indices, instruments, roles of instruments, categories of funds, the lists of members, and what rates are told
-- by), and since when something of it was known. Before that, a reading made of it has nothing to say and says
-- NOT_AVAILABLE; one whose inputs are all here must have rows.
with
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
        select unnest([instrument_id, role]), timezone('America/New_York', first_session + time '20:00:00')
        from {{ ref("int_instruments") }}
        where first_session is not null
        union all
        select instrument_id, min(known_at)
        from {{ ref("int_crypto_daily") }}
        group by instrument_id
        union all
        select
            case when fund_category like 'bond%' then 'bond' else fund_category end,
            min(timezone('America/New_York', session_date + time '20:00:00'))
        from {{ ref("int_fund_sessions") }}
        where fund_category is not null
        group by fund_category
        union all
        select 'members', min(timezone('America/New_York', valid_from + time '20:00:00'))
        from {{ ref("int_membership") }}
        having count(*) > 0
        union all
        select 'fed_funds_futures', min(timezone('America/New_York', session_date + time '20:00:00'))
        from {{ ref("int_policy_paths") }}
        having count(*) > 0
        union all
        select 'mpt', min(timezone('America/New_York', c.session_date + time '20:00:00'))
        from {{ ref("int_mpt_windows") }} as m
        inner join {{ ref("int_calendar") }} as c on c.session_no = m.session_no
        having count(*) > 0
        union all
        select 'earnings_calendar', min(timezone('America/New_York', session_date + time '20:00:00'))
        from {{ ref("int_season_segments") }}
        where source = 'nasdaq'
        having count(*) > 0
        union all
        select 'company_reports', min(timezone('America/New_York', session_date + time '20:00:00'))
        from {{ ref("int_season_segments") }}
        where source = 'edgar'
        having count(*) > 0
        union all
        select 'forecasts', min(timezone('America/New_York', session_date + time '20:00:00'))
        from {{ ref("int_forecast_revisions") }}
        having count(*) > 0
        union all
        select 'report_days_ahead', min(timezone('America/New_York', session_date + time '20:00:00'))
        from {{ ref("int_report_days") }}
        having count(*) > 0
        union all
        select 'guidance', min(timezone('America/New_York', announced_on + time '20:00:00'))
        from {{ ref("guidance") }}
        where world = '{{ var("world") }}'
        having count(*) > 0
        union all
        select 'corporate_facts', min(timezone('America/New_York', published_on + time '20:00:00'))
        from {{ ref("corporate_facts") }}
        where world = '{{ var("world") }}'
        having count(*) > 0
        union all
        select 'sector_weights', min(timezone('America/New_York', session_date + time '20:00:00'))
        from {{ ref("int_sector_weights") }}
        having count(*) > 0
        union all
        select 'index_weights', min(timezone('America/New_York', session_date + time '20:00:00'))
        from {{ ref("int_weight_sources") }}
        having count(*) > 0
        union all
        select 'acm', min(released_at)
        from {{ ref("int_term_premium") }}
        having count(*) > 0
    )
select input_id, min(held_since) as held_since
from held
group by input_id
order by input_id
