-- How far each dataset reached: the newest observation and when it became known. Only the last 300 sessions matter
-- here.
{% set dated = [
    ("yahoo_bars", "session_date"),
    ("yahoo_actions", "ex_date"),
    ("sp500_constituents", "date_added"),
    ("sp500_spells", "start_date"),
    ("fred_observations", "observation_date"),
    ("cboe_index_history", "session_date"),
    ("ishares_fund_history", "as_of_date"),
    ("ssga_nav_history", "as_of_date"),
    ("coinbase_candles", "cast(timezone('UTC', start_at) as date)"),
    ("defillama_stablecoins", "observed_on"),
    ("alfred_vintages", "vintage_date"),
] %}
{% for dataset, observed in dated %}
    select '{{ dataset }}' as dataset, {{ observed }} as observed, known_at, count(*) as n
    from {{ ref("stg_" ~ dataset) }}
    where {{ observed }} is not null
    group by all
    {% if not loop.last %}
        union all
    {% endif %}
{% endfor %}
order by dataset, observed, known_at
