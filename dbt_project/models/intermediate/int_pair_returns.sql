-- Pairs of assets side by side, once per pair, alignment and lag. Two crypto legs, or one, are aligned in two ways:
-- at the equity close (nyse_close), and by whole UTC days (utc_day), which close hours after it; there a crypto leg
-- beside another asset has two lags: 0, and 1 for the crypto of the session before. known_at is that of everything
-- up to the row.
with
    assets as (select * from {{ ref("correlation_assets") }} where world = '{{ var("world") }}'),
    pairs as (
        select
            x.asset_id as asset_x,
            y.asset_id as asset_y,
            x.kind = 'crypto' as is_crypto_x,
            y.kind = 'crypto' as is_crypto_y,
            v.alignment,
            v.lag_sessions
        from assets as x
        inner join assets as y on y.sort_order > x.sort_order
        inner join
            (values ('session_close', 0), ('nyse_close', 0), ('utc_day', 0), ('utc_day', 1)) as v(
                alignment, lag_sessions
            )
            on (v.alignment = 'session_close') = (x.kind <> 'crypto' and y.kind <> 'crypto')
            and (v.lag_sessions = 0 or (x.kind = 'crypto') <> (y.kind = 'crypto'))
    ),
    shifted as (
        select
            asset_id,
            alignment,
            session_no,
            session_date,
            log_return,
            lag(log_return) over (partition by asset_id, alignment order by session_no) as log_return_before,
            known_at
        from {{ ref("int_asset_returns") }}
    )
select
    p.asset_x,
    p.asset_y,
    cast(p.lag_sessions as integer) as lag_sessions,
    p.alignment,
    x.session_no,
    x.session_date,
    case when p.lag_sessions = 1 and p.is_crypto_x then x.log_return_before else x.log_return end as return_x,
    case when p.lag_sessions = 1 and p.is_crypto_y then y.log_return_before else y.log_return end as return_y,
    max(greatest(x.known_at, y.known_at)) over (
        partition by p.asset_x, p.asset_y, p.alignment, p.lag_sessions order by x.session_no rows unbounded preceding
    ) as known_at
from pairs as p
inner join
    shifted as x
    on x.asset_id = p.asset_x
    and x.alignment = case when p.is_crypto_x then p.alignment else 'session_close' end
inner join
    shifted as y
    on y.asset_id = p.asset_y
    and y.session_no = x.session_no
    and y.alignment = case when p.is_crypto_y then p.alignment else 'session_close' end
order by x.session_no, p.asset_x, p.asset_y, p.alignment, p.lag_sessions
