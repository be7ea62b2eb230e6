-- How concentrated the default universe is and who carried its window of twenty sessions: weights by issuer (lines of
-- one issuer summed) at today's close; shares of the window's return, by the ten largest when it began and by the ten
-- that added most; what all but each evening's ten largest returned; how many effectively contributed.
with
    issuers as (
        select universe_id, session_no, issuer_id, sum(cast(weight_close as decimal(18, 15))) as weight
        from {{ ref("int_index_weights") }}
        where weight_close is not null
        group by universe_id, session_no, issuer_id
    ),
    ranked as (
        select *, row_number() over (partition by universe_id, session_no order by weight desc, issuer_id) as place
        from issuers
    ),
    sizes as (
        select
            universe_id,
            session_no,
            count(*) as n_issuers,
            {% for n in [1, 5, 7, 10] %} sum(weight) filter (where place <= {{ n }}) as top{{ n }}, {% endfor %}
            sum(cast(cast(weight as double) * cast(weight as double) as decimal(18, 15))) as hhi
        from ranked
        group by universe_id, session_no
    ),
    parts as (
        -- by issuer; an issuer's weight at the start is that of its lines
        select
            w.universe_id,
            w.window_id,
            w.session_no,
            w.issuer_id,
            sum(cast(coalesce(w.weight_start, 0) as decimal(18, 15))) as weight_start,
            sum(cast(w.contribution as decimal(18, 15))) as contribution
        from {{ ref("int_window_contributions") }} as w
        where w.window_id in ('20d', 'since_trough')
        group by all
    ),
    placed as (
        select
            *,
            row_number() over (
                partition by universe_id, window_id, session_no order by weight_start desc, issuer_id
            ) as size_place,
            row_number() over (
                partition by universe_id, window_id, session_no order by contribution desc, issuer_id
            ) as gain_place
        from parts
    ),
    shared as (
        select
            universe_id,
            window_id,
            session_no,
            sum(contribution) filter (where size_place <= 10) as by_size,
            sum(contribution) filter (where gain_place <= 10) as by_gain,
            sum(weight_start) filter (where size_place <= 10) as weight_by_size,
            sum(abs(contribution)) as gross,
            sum(cast(cast(contribution as double) * cast(contribution as double) as decimal(18, 15))) as squares
        from placed
        group by universe_id, window_id, session_no
    ),
    -- each day's return of all but the ten issuers that were largest the evening before
    opened as (
        select
            d.universe_id,
            d.session_no,
            d.issuer_id,
            d.weight_open,
            d.contribution,
            sum(cast(d.weight_open as decimal(18, 15))) over (
                partition by d.universe_id, d.session_no, d.issuer_id
            ) as issuer_weight
        from {{ ref("int_contribution_days") }} as d
        where d.weight_open is not null
    ),
    others as (
        select universe_id, session_no, ln(1 + cast(sum(contribution) as double) / cast(sum(weight) as double)) as grew
        from
            (
                select
                    universe_id,
                    session_no,
                    cast(weight_open as decimal(18, 15)) as weight,
                    contribution,
                    dense_rank() over (
                        partition by universe_id, session_no order by issuer_weight desc, issuer_id
                    ) as place
                from opened
            )
        where place > 10
        group by universe_id, session_no
    ),
    chained as (
        select
            universe_id,
            session_no,
            sum(cast(grew as decimal(18, 15))) over twenty as grew_20,
            count(*) over twenty as n
        from others
        window twenty as (partition by universe_id order by session_no range between 19 preceding and current row)
    )
select
    s.universe_id,
    s.session_date,
    s.session_no,
    s.members,
    s.n_sized,
    z.n_issuers,
    s.coverage,
    s.weight_source,
    s.status as status_weights,
    {% for n in [1, 5, 7, 10] %} round(cast(z.top{{ n }} as double), 9) as top{{ n }}_weight, {% endfor %}
    round(cast(z.hhi as double), 9) as hhi,
    round(1 / cast(z.hhi as double), 9) as effective_n,
    {% for window_id, name in [("20d", "twenty"), ("since_trough", "trough")] %}
        {{ name }}.weight_by_size as weight_by_size_{{ name }},
        w_{{ name }}.index_return as index_return_{{ name }},
        round(cast({{ name }}.by_size as double) / nullif(w_{{ name }}.index_return, 0), 9) as share_by_size_{{ name }},
        round(cast({{ name }}.by_gain as double) / nullif(w_{{ name }}.index_return, 0), 9) as share_by_gain_{{ name }},
        round(
            power(cast({{ name }}.gross as double), 2) / nullif(cast({{ name }}.squares as double), 0), 9
        ) as contributors_{{ name }},
        w_{{ name }}.status as status_{{ name }},
    {% endfor %}
    case when c.n = 20 then round(exp(cast(c.grew_20 as double)) - 1, 12) end as ex_top10_return_20d,
    s.known_at
from {{ ref("int_weight_sources") }} as s
left join sizes as z on z.universe_id = s.universe_id and z.session_no = s.session_no
{% for window_id, name in [("20d", "twenty"), ("since_trough", "trough")] %}
    left join
        {{ ref("int_contribution_windows") }} as w_{{ name }}
        on w_{{ name }}.universe_id = s.universe_id
        and w_{{ name }}.session_no = s.session_no
        and w_{{ name }}.window_id = '{{ window_id }}'
    left join
        shared as {{ name }}
        on {{ name }}.universe_id = s.universe_id
        and {{ name }}.session_no = s.session_no
        and {{ name }}.window_id = '{{ window_id }}'
{% endfor %}
left join chained as c on c.universe_id = s.universe_id and c.session_no = s.session_no
order by s.session_no, s.universe_id
