-- Positions in index futures (`subject`: code of the contract) of asset managers or leveraged funds: net length in
-- percent of open interest, its z (`_z`) or its percentile (`_percentile`) among the reports of `span` weeks.
with
    readings as (
        select
            i.reading_id,
            i.indicator_id,
            p.contract_code as entity_id,
            p.session_date,
            p.report_date as obs_period,
            i.scale * case
                when string_split(i.measure, '_')[2] = 'z'
                then p.z
                when string_split(i.measure, '_')[2] = 'percentile'
                then p.percentile
                else p.net_pct
            end as value,
            case
                when string_split(i.measure, '_')[2] = 'z'
                then p.status_z
                when string_split(i.measure, '_')[2] = 'percentile'
                then p.status_percentile
                else p.status
            end as status,
            case
                when string_split(i.measure, '_')[2] = 'z'
                then p.n_before
                when string_split(i.measure, '_')[2] = 'percentile'
                then p.n_past
                else 1
            end as n_used,
            coalesce(i.span, 1) as n_expected,
            p.known_at
        from {{ ref("indicators") }} as i
        inner join
            {{ ref("int_futures_positions") }} as p
            on p.contract_code = i.subject
            and p.trader = string_split(i.measure, '_')[1]
        where i.family = 'futures_positions'
    )
    {{ readings("readings") }}
