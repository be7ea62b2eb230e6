-- What readings are made of and this home holds, by the names that seeds/indicators.csv uses: series, volatility
-- indices, instruments, roles of instruments, categories of funds, and the lists of members. A reading whose input
-- is not here has nothing to say and says NOT_AVAILABLE; one whose inputs are all here must have rows.
select series_id as input_id
from {{ ref("stg_fred_observations") }}
union
select series_id
from {{ ref("int_macro_vintages") }}
union
select symbol
from {{ ref("int_volatility_closes") }}
union
select instrument_id
from {{ ref("int_instruments") }}
where first_session is not null
union
select role
from {{ ref("int_instruments") }}
where first_session is not null
union
select instrument_id
from {{ ref("int_crypto_daily") }}
union
select case when fund_category like 'bond%' then 'bond' else fund_category end
from {{ ref("int_fund_sessions") }}
where fund_category is not null
union
select 'members'
from {{ ref("int_membership") }}
order by input_id
