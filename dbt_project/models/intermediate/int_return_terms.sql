-- Where the headline index's return came from, over the last twenty sessions and since the trough of the open rally:
-- from earnings, from the real yield, from what earnings yield above it (the gap), and from dividends. The terms are
-- logarithms and add up to the logarithm of the total return exactly. Both ends count the issuers covered at both, each
-- end as known then: earnings per index unit is the price times their yield. The multiple's term is divided between
-- real yield and gap by the logarithmic mean of the two yields, which leaves nothing over. Dividends are those of the
-- broad fund.
with
    windows as (
        select index_id, universe_id, window_id, session_date, session_no, start_no, window_start
        from {{ ref("int_contribution_windows") }}
        where window_id in ('20d', 'since_trough')
    ),
    both_ends as (
        select
            w.window_id,
            w.session_no,
            count(*) as n_issuers,
            cast(sum(n.n_lines) as bigint) as n_lines,
            {% for end in ["b", "n"] %}
                sum({{ end }}.turnover) as turnover_{{ end }},
                cast(sum({{ end }}.earned) as double) / cast(sum({{ end }}.size_usd) as double) as yield_{{ end }},
                max({{ end }}.earned_known_at) as known_{{ end }},
            {% endfor %}
        from windows as w
        inner join {{ ref("int_company_earnings") }} as n on n.session_no = w.session_no
        inner join {{ ref("int_company_earnings") }} as b on b.session_no = w.start_no and b.issuer_id = n.issuer_id
        where n.earned is not null and b.earned is not null
        group by w.window_id, w.session_no
    ),
    closes as (
        select p.instrument_id, p.session_no, p.close, p.era, p.known_at
        from {{ ref("int_prices") }} as p
        inner join {{ ref("int_instruments") }} as i on i.instrument_id = p.instrument_id and i.role = 'headline'
        where p.doubt is null
    ),
    funds as (
        select l.session_no, l.level, p.close_split, l.stretch, l.status, l.known_at
        from {{ ref("int_fund_levels") }} as l
        left join {{ ref("int_prices") }} as p on p.instrument_id = l.instrument_id and p.session_no = l.session_no
        where l.role = 'broad_etf'
    ),
    reals as (
        select session_no, value, status, released_at from {{ ref("int_series_as_known") }} where series_id = 'DFII10'
    ),
    joined as (
        select
            w.*,
            pb.close as price_start,
            pn.close as price_end,
            e.n_issuers,
            coalesce(e.n_lines, 0) as n_lines,
            tn.members,
            e.yield_b as yield_start,
            e.yield_n as yield_end,
            least(
                round(cast(e.turnover_b as double) / nullif(tb.turnover, 0), 6),
                round(cast(e.turnover_n as double) / nullif(tn.turnover, 0), 6)
            ) as coverage,
            rb.value / 100 as real_start,
            rn.value / 100 as real_end,
            ln(fn.level / fb.level) - ln(fn.close_split / fb.close_split) as dividend_held,
            case
                when w.start_no is null
                then 'UNDEFINED'
                when fn.session_no is null or fb.session_no is null
                then 'WARMUP'
                when fn.status <> 'OK'
                then fn.status
                when fb.status <> 'OK'
                then fb.status
                when fn.stretch <> fb.stretch
                then 'WARMUP'
                else 'OK'
            end as status_dividend,
            case
                when w.start_no is null
                then 'UNDEFINED'
                when tb.session_no is null
                then 'WARMUP'
                when pb.close is null or pn.close is null
                then 'SUSPECT_INPUT'
                when pb.era <> pn.era
                then 'WARMUP'
                when
                    e.session_no is null
                    or tb.turnover = 0
                    or tn.turnover = 0
                    or e.turnover_b < u.earnings_floor * tb.turnover
                    or e.turnover_n < u.earnings_floor * tn.turnover
                then 'LOW_COVERAGE'
                when e.yield_b <= 0 or e.yield_n <= 0
                then 'UNDEFINED'
                else 'OK'
            end as status,
            case when rn.status <> 'OK' then rn.status else rb.status end as status_reals,
            coalesce(greatest(pn.known_at, pb.known_at, e.known_b, e.known_n), tn.snapshot_at) as known_yields,
            greatest(rb.released_at, rn.released_at) as known_reals,
            coalesce(greatest(pn.known_at, pb.known_at, fn.known_at, fb.known_at), tn.snapshot_at) as known_dividend
        from windows as w
        inner join {{ ref("universes") }} as u on u.world = '{{ var("world") }}' and u.universe_id = w.universe_id
        inner join {{ ref("int_earnings_yields") }} as tn on tn.session_no = w.session_no
        left join {{ ref("int_earnings_yields") }} as tb on tb.session_no = w.start_no
        left join both_ends as e on e.window_id = w.window_id and e.session_no = w.session_no
        left join closes as pb on pb.session_no = w.start_no
        left join closes as pn on pn.session_no = w.session_no
        left join funds as fb on fb.session_no = w.start_no
        left join funds as fn on fn.session_no = w.session_no
        left join reals as rb on rb.session_no = w.start_no
        left join reals as rn on rn.session_no = w.session_no
    ),
    measured as (
        select
            * exclude (yield_start, yield_end, dividend_held, status_reals),
            case when status = 'OK' then yield_start end as yield_start,
            case when status = 'OK' then yield_end end as yield_end,
            case when status = 'OK' then price_start * yield_start end as earnings_start,
            case when status = 'OK' then price_end * yield_end end as earnings_end,
            case when status_dividend = 'OK' then dividend_held end as log_dividend,
            case when status <> 'OK' then status else coalesce(status_reals, 'NOT_AVAILABLE') end as status_split
        from joined
    ),
    terms as (
        select
            *,
            case when status = 'OK' then ln(price_end / price_start) end as log_price,
            ln(earnings_end / earnings_start) as log_earnings,
            ln((price_end / earnings_end) / (price_start / earnings_start)) as log_multiple,
            -- the logarithmic mean; of two yields that are nearly one its formula loses digits, and their mean is it
            case
                when status_split <> 'OK'
                then null
                when abs(ln(yield_end / yield_start)) < 1e-5
                then (yield_start + yield_end) / 2
                else (yield_end - yield_start) / ln(yield_end / yield_start)
            end as log_mean_yield,
            case when status_split <> 'OK' then status_split else status_dividend end as status_total
        from measured
    ),
    split as (
        select
            *,
            - (real_end - real_start) / log_mean_yield as log_real_rate,
            - ((yield_end - real_end) - (yield_start - real_start)) / log_mean_yield as log_gap,
            case when status_total = 'OK' then log_price + log_dividend end as log_total
        from terms
    ),
    summed as (
        select
            *,
            log_total - (log_earnings + log_real_rate + log_gap + log_dividend) as residual,
            exp(log_total) - 1 as total_return,
            -- what turns logarithms into points that add up to the return
            case when abs(log_total) < 1e-12 then 1 else (exp(log_total) - 1) / log_total end as to_points
        from split
    )
select
    index_id,
    universe_id,
    window_id,
    session_date,
    session_no,
    start_no,
    window_start,
    n_issuers,
    n_lines,
    members,
    coalesce(coverage, 0) as coverage,
    price_start,
    price_end,
    earnings_start,
    earnings_end,
    price_start / earnings_start as pe_start,
    price_end / earnings_end as pe_end,
    yield_start,
    yield_end,
    real_start,
    real_end,
    -- the last bit of a logarithm depends on the machine
    {% for name in [
        "log_mean_yield",
        "log_price",
        "log_earnings",
        "log_multiple",
        "log_real_rate",
        "log_gap",
        "log_dividend",
        "log_total",
        "residual",
        "total_return",
    ] %}
        round({{ name }}, 15) as {{ name }},
    {% endfor %}
    {% for name in ["earnings", "real_rate", "gap", "dividend"] %}
        round(log_{{ name }} * to_points, 15) as points_{{ name }},
    {% endfor %}
    round((log_earnings + log_dividend) / nullif(log_total, 0), 12) as cash_flow_share,
    status,
    status_split,
    status_dividend,
    status_total,
    -- a share of a move below one percent says nothing
    case when status_total = 'OK' and abs(total_return) < 0.01 then 'UNDEFINED' else status_total end as status_share,
    known_yields,
    greatest(known_yields, known_reals) as known_split,
    known_dividend,
    greatest(known_yields, known_reals, known_dividend) as known_total
from summed
order by session_no, window_id
