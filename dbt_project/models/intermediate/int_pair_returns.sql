-- Pairs of assets side by side, once per pair and lag. With a crypto leg there are two lags: 0, and 1 for the crypto of
-- the session before (its UTC day closes after the equity close). known_at is that of everything up to the row.
with
    assets as (select * from {{ ref("correlation_assets") }} where world = '{{ var("world") }}'),
    pairs as (
        select
            x.asset_id as asset_x,
            y.asset_id as asset_y,
            x.kind = 'crypto' as is_crypto_x,
            y.kind = 'crypto' as is_crypto_y,
            g.lag_sessions
        from assets as x
        inner join assets as y on y.sort_order > x.sort_order
        inner join
            (values (0), (1)) as g(lag_sessions) on g.lag_sessions = 0 or (x.kind = 'crypto') <> (y.kind = 'crypto')
    ),
    shifted as (
        select
            asset_id,
            session_no,
            session_date,
            log_return,
            lag(log_return) over (partition by asset_id order by session_no) as log_return_before,
            known_at
        from {{ ref("int_asset_returns") }}
    )
select
    p.asset_x,
    p.asset_y,
    p.lag_sessions,
    case when p.is_crypto_x or p.is_crypto_y then 'utc_day' else 'session_close' end as alignment,
    x.session_no,
    x.session_date,
    case when p.lag_sessions = 1 and p.is_crypto_x then x.log_return_before else x.log_return end as return_x,
    case when p.lag_sessions = 1 and p.is_crypto_y then y.log_return_before else y.log_return end as return_y,
    max(greatest(x.known_at, y.known_at)) over (
        partition by p.asset_x, p.asset_y, p.lag_sessions order by x.session_no rows unbounded preceding
    ) as known_at
from pairs as p
inner join shifted as x on x.asset_id = p.asset_x
inner join shifted as y on y.asset_id = p.asset_y and y.session_no = x.session_no
order by x.session_no, p.asset_x, p.asset_y, p.lag_sessions
