-- How concentrated the index is, and how much of its last twenty sessions, and of the open rally, its largest made.
-- A share of a return below half a percent in size says nothing and is UNDEFINED.
with
    judged as (
        select
            *,
            {{ share_statuses(["twenty", "trough"]) }},
            case
                when ex_top10_return_20d is not null
                then 'OK'
                when status_weights = 'OK'
                then 'WARMUP'
                else status_weights
            end as status_ex_top10
        from {{ ref("int_concentration") }}
    )
select
    universe_id,
    session_date,
    {% for n in [1, 5, 7, 10] %}
        case when status_weights = 'OK' then top{{ n }}_weight end as top{{ n }}_weight,
    {% endfor %}
    case when status_weights = 'OK' then hhi end as hhi,
    case when status_weights = 'OK' then effective_n end as effective_n,
    {% for name, suffix in [("twenty", "20d"), ("trough", "trough")] %}
        case
            when status_share_{{ name }} = 'OK' then round(cast(share_by_size_{{ name }} as double), 6)
        end as top10_contribution_share_{{ suffix }},
        case
            when status_share_{{ name }} = 'OK' then round(cast(share_by_gain_{{ name }} as double), 6)
        end as top10_gainers_share_{{ suffix }},
        case
            when status_share_{{ name }} = 'OK' then round(cast(weight_by_size_{{ name }} as double), 9)
        end as top10_weight_start_{{ suffix }},
        case
            when status_share_{{ name }} = 'OK' then round(contributors_{{ name }}, 6)
        end as effective_contributors_{{ suffix }},
    {% endfor %}
    case when status_ex_top10 = 'OK' then round(100 * ex_top10_return_20d, 6) end as ex_top10_return_20d,
    cast(n_sized as integer) as n_weighed,
    members,
    coverage,
    case when status_weights = 'OK' then weight_source end as weight_source,
    status_weights,
    status_share_twenty as status_20d,
    status_share_trough as status_trough,
    status_ex_top10,
    known_at
from judged
order by session_date, universe_id
