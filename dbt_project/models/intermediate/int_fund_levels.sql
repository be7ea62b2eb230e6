-- Total-return level of the sector funds and of the broad fund, and whether each stands above its average, on
-- every session since the first bar of each. Levels of two stretches are never compared: between them lies a step
-- of the price that was never explained, or a split that was learnt late.
with
    funds as (
        select i.instrument_id, i.sector_id, i.role, min(p.session_no) as first_no
        from {{ ref("int_prices") }} as p
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = p.instrument_id
        where i.role in ('sector_etf', 'broad_etf') and p.is_traded
        group by i.instrument_id, i.sector_id, i.role
    ),
    bars as (
        select
            *,
            era + count(*) filter (where is_traded and gap_sessions is null) over (
                partition by instrument_id order by session_no rows unbounded preceding
            ) as stretch
        from {{ ref("int_prices") }}
        where instrument_id in (select instrument_id from funds)
    )
select
    f.instrument_id,
    f.sector_id,
    f.role,
    c.session_no,
    c.session_date,
    f.first_no,
    case when b.is_traded and not b.has_no_actions then b.close_tr end as level,
    last_value(b.stretch ignore nulls) over (
        partition by f.instrument_id order by c.session_no rows unbounded preceding
    ) as stretch,
    case
        when b.doubt is not null
        then 'SUSPECT_INPUT'
        when b.is_traded is not true
        then 'STALE_INPUT'
        when b.has_no_actions
        then 'NO_ACTIONS'
        else 'OK'
    end as status,
    case when b.is_traded then d.above_sma50 end as above_sma50,
    b.known_at
from funds as f
inner join {{ ref("int_calendar") }} as c on c.session_no >= f.first_no
left join bars as b on b.instrument_id = f.instrument_id and b.session_no = c.session_no
left join {{ ref("int_security_daily") }} as d on d.instrument_id = f.instrument_id and d.session_no = c.session_no
order by f.instrument_id, c.session_no
