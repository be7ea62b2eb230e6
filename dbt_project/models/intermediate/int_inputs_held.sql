-- What readings are made of and this home holds, by the names that seeds/indicators.csv uses: series, volatility
-- indices, instruments, roles of instruments, categories of funds, the lists of members, and what rates are told by.
-- A reading whose input
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
union
select 'fed_funds_futures'
from {{ ref("int_policy_paths") }}
union
select 'mpt'
from {{ ref("int_mpt_windows") }}
union
select 'acm'
from {{ ref("int_term_premium") }}
order by input_id
