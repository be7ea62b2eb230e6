-- Short interest of each stock per settlement day, every version, in shares of the settlement day: the position, its
-- change, and the mean volume of the sessions since the settlement day before. The vendor restates nothing for a split
-- between the two days: there the position before is put into today's shares, and the mean volume is that of our own
-- bars. Where only one of us knows of a split, neither a change nor a volume is told.
with
    named as ({{ ticker_spells(ref("instrument_symbols"), ref("int_instruments")) }}),
    sessions as (select session_date, session_no from {{ ref("int_calendar") }}),
    days as (
        -- settlement days are the last bond days not after the 15th and of the month
        select settlement_date, c.session_no as settlement_no, b.session_no as before_no
        from
            (
                select distinct
                    settlement_date,
                    case
                        when day(settlement_date) > 15
                        then cast(date_trunc('month', settlement_date) as date) + 14
                        else cast(date_trunc('month', settlement_date) as date) - 1
                    end as before_date
                from {{ ref("stg_finra_short_interest") }}
            ) as d
        asof inner join sessions as c on c.session_date <= d.settlement_date
        asof inner join sessions as b on b.session_date <= d.before_date
    ),
    factors as (select instrument_id, session_no, split_factor from {{ ref("int_prices") }}),
    told as (
        select
            n.instrument_id,
            f.settlement_date,
            d.settlement_no,
            d.before_no,
            f.short_interest,
            f.previous_short_interest,
            f.average_daily_volume,
            f.is_split,
            f.version_no,
            f.known_at
        from {{ ref("stg_finra_short_interest") }} as f
        inner join named as n on n.ticker = f.symbol and {{ holds_at("n", "f.settlement_date") }}
        inner join days as d on d.settlement_date = f.settlement_date
    ),
    scaled as (
        select
            t.*,
            c.split_factor,
            c.split_factor / b.split_factor as split,
            coalesce(t.is_split = (c.split_factor <> b.split_factor), false) as is_agreed
        from told as t
        asof left join factors as c on c.instrument_id = t.instrument_id and c.session_no <= t.settlement_no
        asof left join factors as b on b.instrument_id = t.instrument_id and b.session_no <= t.before_no
    ),
    own_volumes as (
        select
            s.instrument_id,
            s.settlement_date,
            s.version_no,
            cast(sum(cast(p.volume * (s.split_factor / p.split_factor) as decimal(24, 6))) as double)
            / count(*) as mean_volume
        from scaled as s
        inner join
            {{ ref("int_prices") }} as p
            on p.instrument_id = s.instrument_id
            and p.session_no > s.before_no
            and p.session_no <= s.settlement_no
        where s.is_split and s.is_agreed
        group by s.instrument_id, s.settlement_date, s.version_no, s.settlement_no, s.before_no
        having count(p.volume) = s.settlement_no - s.before_no
    )
select
    s.instrument_id,
    s.settlement_date,
    s.settlement_no,
    s.settlement_no - s.before_no as sessions,
    s.short_interest,
    case
        when s.is_agreed and s.previous_short_interest > 0 then s.short_interest - s.previous_short_interest * s.split
    end as change,
    case when s.is_split then v.mean_volume when s.is_agreed then s.average_daily_volume end as mean_volume,
    s.split_factor,
    s.version_no,
    s.known_at
from scaled as s
left join
    own_volumes as v
    on v.instrument_id = s.instrument_id
    and v.settlement_date = s.settlement_date
    and v.version_no = s.version_no
order by s.instrument_id, s.settlement_date, s.version_no
