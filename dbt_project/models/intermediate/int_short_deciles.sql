-- Who was sold short most and least on each session, as known at its snapshot: the tenth of the members with the
-- most days to cover and the tenth with the largest part of the shares (top is either), and the two tenths with
-- the least (bottom, unless top by the other measure). Beside each stock of the top stands its placebo: the stock
-- in neither whose slope on the index is nearest, the lower one of two as near.
with
    ranked as (
        select
            l.universe_id,
            l.session_no,
            l.instrument_id,
            b.beta,
            {% for name, figure in [("cover", "days_to_cover"), ("share", "share_short")] %}
                l.{{ figure }} is not null as has_{{ name }},
                row_number() over (
                    partition by l.universe_id, l.session_no order by l.{{ figure }} desc nulls last, l.instrument_id
                ) as place_{{ name }},
                count(l.{{ figure }}) over day as n_{{ name }}
                {% if not loop.last %}, {% endif %}
            {% endfor %}
        from {{ ref("int_short_lines") }} as l
        left join {{ ref("int_short_betas") }} as b on b.session_no = l.session_no and b.instrument_id = l.instrument_id
        window day as (partition by l.universe_id, l.session_no)
    ),
    sided as (
        select
            *,
            case
                when
                    (has_cover and place_cover <= floor(n_cover / 10))
                    or (has_share and place_share <= floor(n_share / 10))
                then 'top'
                when
                    (has_cover and place_cover > n_cover - floor(n_cover / 10))
                    or (has_share and place_share > n_share - floor(n_share / 10))
                then 'bottom'
            end as side
        from ranked
    ),
    others as (
        select universe_id, session_no, beta, min(instrument_id) as instrument_id
        from sided
        where side is null and beta is not null
        group by universe_id, session_no, beta
    )
select
    s.universe_id,
    s.session_no,
    s.side,
    s.instrument_id,
    s.beta,
    case
        when s.side = 'top' and is_higher then h.instrument_id when s.side = 'top' then w.instrument_id
    end as placebo_id,
    case when s.side = 'top' and is_higher then h.beta when s.side = 'top' then w.beta end as placebo_beta
from (select *, case when beta is not null then session_no end as sloped_no from sided) as s
-- a stock without a slope has no neighbour: an as-of join must never see the missing key
asof left join
    others as w on w.universe_id = s.universe_id and w.session_no = s.sloped_no and w.beta <= coalesce(s.beta, 0)
asof left join
    others as h on h.universe_id = s.universe_id and h.session_no = s.sloped_no and h.beta >= coalesce(s.beta, 0)
cross join lateral(select w.beta is null or h.beta - s.beta < s.beta - w.beta as is_higher)
where s.side is not null
order by s.session_no, s.universe_id, s.side, s.instrument_id
