-- What readings are made of and this home holds, by the names that seeds/indicators.csv uses (series, volatility
-- indices, instruments, roles of instruments, categories of funds, the lists of members, and what is told of all
-- companies or of rates), and since when something of it was known. Before that, a reading made of it has nothing to
-- say and says NOT_AVAILABLE; one whose inputs are all here must have rows.
{% set world = "world = '" ~ var("world") ~ "'" %}
{# (input, where it is, the column that says since when, which rows), one whole relation each -#}
{% set by_day = [
    ("calendar", ref("int_calendar"), "session_date", "true"),
    ("members", ref("int_membership"), "valid_from", "true"),
    ("fed_funds_futures", ref("int_policy_paths"), "session_date", "true"),
    ("earnings_calendar", ref("int_season_segments"), "session_date", "source = 'nasdaq'"),
    ("company_reports", ref("int_season_segments"), "session_date", "source = 'edgar'"),
    ("report_days_ahead", ref("int_report_days"), "session_date", "true"),
    ("guidance", ref("guidance"), "announced_on", world),
    ("policy_proposals", ref("policy_proposals"), "cast(timezone('UTC', known_at) as date)", world),
    ("ats_weeks", ref("ats_weeks"), "published_on", world),
    ("corporate_facts", ref("corporate_facts"), "published_on", world),
    ("sector_weights", ref("int_sector_weights"), "session_date", "true"),
    ("index_weights", ref("int_weight_sources"), "session_date", "true"),
] %}
{% set by_moment = [
    ("company_earnings", ref("int_earnings_yields"), "snapshot_at"),
    ("forecasts", ref("int_forecasts"), "known_at"),
    ("damodaran_erp", ref("int_implied_premium"), "known_at"),
    ("shiller_ie", ref("int_cape"), "known_at"),
    ("short_interest", ref("int_short_interest"), "known_at"),
    ("put_call", ref("int_put_call"), "known_at"),
    ("acm", ref("int_term_premium"), "released_at"),
    ("finra_margin", ref("stg_finra_margin"), "known_at"),
    ("naaim", ref("stg_naaim_exposure"), "known_at"),
    ("news_tone", ref("int_news_tone"), "known_at"),
    ("stablecoins", ref("int_stablecoins"), "known_at"),
] %}
{# each member of them is an input of its own -#}
{% set by_member = [
    ("series_id", ref("stg_fred_observations")),
    ("series_id", ref("int_macro_vintages")),
    ("symbol", ref("int_volatility_closes")),
    ("index_id", ref("int_news_counts")),
    ("index_id", ref("int_news_months")),
    ("instrument_id", ref("int_crypto_daily")),
    ("contract_code", ref("stg_cftc_tff")),
    ("'ici_' || period_kind || 's'", ref("stg_ici_flows")),
    ("'usage:' || asset", ref("stg_coinmetrics_assets")),
    ("'usage:' || series", ref("stg_coinmetrics_flows")),
    ("'dts_' || item", ref("stg_fiscal_dts")),
] %}
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
        select 'fund_categories', min(session_date)
        from {{ ref("int_fund_sessions") }}
        where fund_category is not null and fund_category <> 'equity_us'
        having count(*) > 0
        union all
        select 'mpt', min(c.session_date)
        from {{ ref("int_mpt_windows") }} as m
        inner join {{ ref("int_calendar") }} as c on c.session_no = m.session_no
        having count(*) > 0
        {% for input, relation, since, rows in by_day %}
            union all
            select '{{ input }}', min({{ since }})
            from {{ relation }}
            where {{ rows }}
            having count(*) > 0
        {% endfor %}
    ),
    held as (
        select d.input_id, c.snapshot_at as held_since
        from told_by_day as d
        asof join {{ ref("int_calendar") }} as c on c.session_date >= d.first_day
        {% for input, relation, since in by_moment %}
            union all
            select '{{ input }}', min({{ since }})
            from {{ relation }}
            having count(*) > 0
        {% endfor %}
        {% for input, relation in by_member %}
            union all
            select {{ input }}, min(known_at)
            from {{ relation }}
            group by {{ input }}
        {% endfor %}
    )
select input_id, min(held_since) as held_since
from held
group by input_id
order by input_id
