-- Volatility of the members of the default universe, per session: their median, how many moved five percent or more,
-- and with weights what implied correlation and dispersion are made of. Volatilities are weighed by the weights of
-- the evening, returns by those of the evening before. Sums of decimals, so exact for any number of threads.
with
    members as (
        select
            m.universe_id,
            v.session_no,
            v.return_1d,
            v.vol_21,
            w.weight_close,
            w.weight_open,
            w.known_at as weight_known_at
        from {{ ref("int_stock_volatility") }} as v
        inner join
            {{ ref("int_membership") }} as m
            on m.instrument_id = v.instrument_id
            and m.valid_from <= v.session_date
            and coalesce(m.valid_to, date '9999-12-31') > v.session_date
        left join
            {{ ref("int_index_weights") }} as w
            on w.universe_id = m.universe_id
            and w.instrument_id = v.instrument_id
            and w.session_no = v.session_no
        where m.is_default and {{ is_made("v.session_date") }}
    ),
    summed as (
        select
            universe_id,
            session_no,
            count(return_1d) as with_return,
            count(*) filter (where round(abs(return_1d), 12) >= 0.05) as moved_5pct,
            count(vol_21) as with_vol,
            median(vol_21) as median_vol,
            count(weight_close) filter (where vol_21 is not null) as weighed_vol,
            {% for name, value, condition in [
                ("weight_vol", "weight_close", "vol_21"),
                ("sum_wv", "weight_close * vol_21", "vol_21"),
                ("sum_w2v2", "weight_close * weight_close * vol_21 * vol_21", "vol_21"),
                ("weight_return", "weight_open", "return_1d"),
                ("sum_wr", "weight_open * return_1d", "return_1d"),
                ("sum_wr2", "weight_open * return_1d * return_1d", "return_1d"),
            ] %}
                cast(
                    sum(cast(round({{ value }}, 18) as decimal(24, 18))) filter (
                        where {{ condition }} is not null
                    ) as double
                ) as {{ name }},
            {% endfor %}
            count(weight_open) filter (where return_1d is not null) as weighed_return,
            max(weight_known_at) as weight_known_at
        from members
        group by universe_id, session_no
    ),
    judged as (
        select
            b.universe_id,
            b.session_date,
            c.session_no,
            b.members,
            coalesce(s.with_return, 0) as with_return,
            coalesce(s.with_vol, 0) as with_vol,
            coalesce(s.weighed_vol, 0) as weighed_vol,
            coalesce(s.weighed_return, 0) as weighed_return,
            100.0 * s.moved_5pct / nullif(s.with_return, 0) as share_moved,
            s.median_vol,
            s.sum_wv / s.weight_vol as weighted_vol,
            s.sum_w2v2 / (s.weight_vol * s.weight_vol) as square_of_parts,
            -- a difference of two sums, which rounding can leave below zero
            case
                when s.sum_wr2 / s.weight_return < (s.sum_wr / s.weight_return) * (s.sum_wr / s.weight_return)
                then 0
                else
                    round(
                        sqrt(s.sum_wr2 / s.weight_return - (s.sum_wr / s.weight_return) * (s.sum_wr / s.weight_return)),
                        14
                    )
            end as dispersion,
            case
                when b.status_counts = 'NOT_AVAILABLE'
                then 'NOT_AVAILABLE'
                when c.session_no - min(c.session_no) over of_universe < 1
                then 'WARMUP'
                when coalesce(s.with_return, 0) < u.coverage_floor * b.members
                then 'LOW_COVERAGE'
                else 'OK'
            end as status_moved,
            case
                when b.status_counts = 'NOT_AVAILABLE'
                then 'NOT_AVAILABLE'
                when c.session_no - min(c.session_no) over of_universe < 21
                then 'WARMUP'
                when coalesce(s.with_vol, 0) < u.history_coverage_floor * b.members
                then 'LOW_COVERAGE'
                else 'OK'
            end as status_vol,
            w.status as status_weights,
            coalesce(s.weight_vol >= u.history_coverage_floor, false) as is_vol_weighed,
            coalesce(s.weight_return >= u.coverage_floor, false) as is_return_weighed,
            b.known_at,
            greatest(b.known_at, w.known_at, s.weight_known_at) as weighed_known_at
        from {{ ref("int_breadth") }} as b
        inner join {{ ref("int_calendar") }} as c on c.session_date = b.session_date
        inner join {{ ref("universes") }} as u on u.universe_id = b.universe_id and u.world = '{{ var("world") }}'
        left join summed as s on s.universe_id = b.universe_id and s.session_no = c.session_no
        left join {{ ref("int_weight_sources") }} as w on w.universe_id = b.universe_id and w.session_no = c.session_no
        where b.is_default and b.segment_type = 'universe'
        window of_universe as (partition by b.universe_id)
    )
select
    *,
    case
        when status_weights is null or status_weights <> 'OK'
        then coalesce(status_weights, 'NOT_AVAILABLE')
        when not is_vol_weighed
        then 'LOW_COVERAGE'
        else 'OK'
    end as status_weighted,
    case
        when status_weights is null
        then 'NOT_AVAILABLE'
        -- by the weights of the evening before, so those of this evening need not stand
        when not is_return_weighed
        then case when status_weights = 'OK' then 'LOW_COVERAGE' else status_weights end
        else 'OK'
    end as status_dispersion
from judged
order by session_no, universe_id
