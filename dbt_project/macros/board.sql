{# The rows of a board (seeds/board_items.csv), one per item and session: what it shows, its change over five sessions, and
   which dated thing lies ahead, as known then. A reading that speaks once a week stands until it speaks again, five
   sessions at the longest. An item of all named corporate figures, or of all scenarios, has a row for each of them. #}
{% macro board(name) -%}
    with
        sessions as (
            select session_date, session_no, snapshot_at
            from {{ ref("int_calendar") }}
            where session_date >= date '2015-01-02'
        ),
        items as (
            select b.* exclude (item_id, label, entity_id), b.item_id, b.label, b.entity_id
            from {{ ref("board_items") }} as b
            where b.board = '{{ name }}' and b.source not in ('facts', 'scenarios')
            union all by name
            select
                b.* exclude (item_id, label, entity_id),
                b.item_id || ':' || f.fact_id as item_id,
                f.issuer || ': ' || f.metric as label,
                f.fact_id as entity_id
            from {{ ref("board_items") }} as b
            cross join
                (
                    select fact_id, min(issuer) as issuer, min(metric) as metric
                    from {{ ref("corporate_facts") }}
                    where world = '{{ var("world") }}'
                    group by fact_id
                ) as f
            where b.board = '{{ name }}' and b.source = 'facts'
            union all by name
            select
                b.* exclude (item_id, label, entity_id),
                b.item_id || ':' || s.scenario_id as item_id,
                s.statement as label,
                s.scenario_id as entity_id
            from {{ ref("board_items") }} as b
            cross join {{ ref("scenario_list") }} as s
            where b.board = '{{ name }}' and b.source = 'scenarios'
        ),
        spoken as (
            select
                i.item_id,
                c.session_no,
                c.session_date as value_date,
                r.value,
                r.value_text,
                r.percentile_5y,
                r.direction,
                r.is_reconstructed,
                r.status,
                r.known_at
            from items as i
            inner join
                {{ ref("indicator_readings") }} as r
                on r.reading_id = i.subject
                and (i.entity_id is null or r.entity_id in (i.entity_id, 'none'))
            inner join {{ ref("int_calendar") }} as c on c.session_date = r.session_date
            where i.source in ('reading', 'facts') and c.session_date >= date '2014-12-24'
            -- before an input was held its only row is that of nobody
            qualify
                row_number() over (partition by i.item_id, c.session_no order by r.entity_id = 'none', r.entity_id) = 1
            union all by name
            select
                i.item_id,
                c.session_no,
                c.session_date as value_date,
                case when s.state then 1 when not s.state then 0 end as value,
                case when s.state then 'holds' when not s.state then 'does not hold' end as value_text,
                case when s.state then s.kind end as direction,
                s.status,
                s.known_at
            from items as i
            inner join {{ ref("scenarios") }} as s on s.scenario_id = i.entity_id
            inner join {{ ref("int_calendar") }} as c on c.session_date = s.session_date
            where i.source = 'scenarios'
            union all by name
            select
                i.item_id,
                y.session_no,
                y.session_date as value_date,
                case
                    i.subject
                    when 'since_record'
                    then y.since_record
                    when 'age_sessions'
                    then y.age_sessions
                    when 'gain'
                    then y.gain
                    when 'retraced'
                    then y.retraced
                end as value,
                case
                    when i.subject = 'since_record' and y.since_record is not null then 'OK' else y.status
                end as status,
                y.known_at
            from items as i
            cross join
                (
                    select
                        d.*,
                        c.session_no,
                        c.session_no
                        - max(c.session_no) filter (where d.drawdown = 0) over (order by c.session_no) as since_record
                    from {{ ref("rally_daily") }} as d
                    inner join {{ ref("int_calendar") }} as c on c.session_date = d.session_date
                    inner join {{ ref("int_instruments") }} as n on n.instrument_id = d.index_id and n.role = 'headline'
                    where d.is_default
                ) as y
            where i.source = 'rally'
            union all by name
            -- chances of the rally stand beside the verdict of the rules, which is no forecast
            select
                i.item_id,
                c.session_no,
                d.session_date as value_date,
                case
                    i.subject
                    when 'composite'
                    then d.composite
                    when 'p_sustained'
                    then d.p_sustained
                    when 'p_trough_holds'
                    then d.p_trough_holds
                    when 'p_higher'
                    then d.p_higher
                end as value,
                case when i.subject = 'composite' and d.composite is not null then d.verdict end as value_text,
                case when i.subject = 'composite' then d.status_composite else d.status_probability end as status,
                d.known_at
            from items as i
            cross join {{ ref("durability") }} as d
            inner join {{ ref("int_calendar") }} as c on c.session_date = d.session_date
            where i.source = 'durability'
            union all by name
            -- companies of a theme whose report was expected, by the calendar of reports as it stood that evening: none
            -- before the first calendar that looked ahead
            select
                i.item_id,
                s.session_no,
                s.session_date as value_date,
                count(distinct k.instrument_id) as value,
                min(k.report_date) as next_date,
                min_by(k.name, (k.report_date, k.name)) as next_title,
                'OK' as status,
                s.snapshot_at as known_at
            from items as i
            inner join
                sessions as s
                on s.snapshot_at >= (
                    select min(known_at)
                    from {{ ref("int_earnings_calendar") }}
                    where known_at < timezone('America/New_York', cast(report_date as timestamp))
                )
            left join
                (
                    select m.basket_id, m.valid_from, m.valid_to, e.*
                    from {{ ref("int_earnings_calendar") }} as e
                    inner join
                        {{ ref("basket_members") }} as m
                        on m.world = '{{ var("world") }}'
                        and m.instrument_id = e.instrument_id
                    where e.is_present
                ) as k
                on k.basket_id = i.subject
                and k.report_date > s.session_date
                and {{ known_at_moment("k", "s.snapshot_at") }}
                and {{ holds_at("k", "s.session_date") }}
            where i.source = 'reports'
            group by i.item_id, s.session_no, s.session_date, s.snapshot_at
        ),
        dated as (
            select 'fomc' as next_kind, s.session_no, min(m.meeting_date) as next_date
            from sessions as s
            inner join
                {{ ref("int_policy_meetings") }} as m
                on m.meeting_date > s.session_date
                and m.known_at <= s.snapshot_at
                and (m.cancelled_at is null or m.cancelled_at > s.snapshot_at)
            group by s.session_no
            union all by name
            -- a release that was put off was not known to be: no date is told rather than a wrong one
            select
                r.release_id as next_kind,
                s.session_no,
                case
                    when not r.is_put_off and r.release_date - s.session_date <= 45 then r.release_date
                end as next_date
            from sessions as s
            cross join (select distinct next_kind from items) as w
            asof inner join
                (
                    select release_id, release_date, coalesce(bool_or(note like 'delayed%'), false) as is_put_off
                    from {{ ref("release_dates") }}
                    where world = '{{ var("world") }}' and release_date is not null and release_id <> 'claims'
                    group by release_id, release_date
                    union all by name
                    -- claims come on Thursdays; the seed lists what its rule gets wrong
                    select
                        'claims' as release_id,
                        coalesce(d.release_date, cast(k.week_end + 5 as date)) as release_date,
                        coalesce(d.note like 'delayed%', false) as is_put_off
                    from
                        (
                            select
                                cast(
                                    unnest(range(date '2014-12-27', date '2040-01-01', interval 7 day)) as date
                                ) as week_end
                        ) as k
                    left join
                        {{ ref("release_dates") }} as d
                        on d.world = '{{ var("world") }}'
                        and d.release_id = 'claims'
                        and d.obs_period = k.week_end
                ) as r
                on r.release_id = w.next_kind
                and r.release_date > s.session_date
        ),
        titles(next_kind, next_title) as (
            values
                ('fomc', 'Policy decision'),
                ('cpi', 'Consumer prices'),
                ('claims', 'Initial claims'),
                ('jobs', 'Employment report')
        ),
        shown as (
            select
                i.item_id,
                i.section,
                i.sort_order,
                i.label,
                i.source,
                case when i.source in ('reading', 'facts') then i.subject end as reading_id,
                coalesce(i.unit, v.unit) as unit,
                i.next_kind,
                s.session_date,
                s.session_no,
                s.snapshot_at,
                case when s.session_no - k.session_no <= 5 then k.value end as value,
                case when s.session_no - k.session_no <= 5 then k.value_text end as value_text,
                case when s.session_no - k.session_no <= 5 then k.percentile_5y end as percentile_5y,
                case when s.session_no - k.session_no <= 5 then k.direction end as direction,
                case when s.session_no = k.session_no then k.next_date end as next_report,
                case when s.session_no = k.session_no then k.next_title end as next_reporter,
                k.value_date,
                k.is_reconstructed,
                case
                    when k.item_id is null or i.source = 'none'
                    then 'NOT_AVAILABLE'
                    when s.session_no - k.session_no > 5
                    then 'STALE_INPUT'
                    else k.status
                end as status
            from items as i
            cross join sessions as s
            left join {{ ref("indicators") }} as v on v.reading_id = i.subject
            asof left join spoken as k on k.item_id = i.item_id and k.session_no <= s.session_no
        )
    select
        h.item_id,
        h.session_date,
        h.section,
        cast(h.sort_order as integer) as sort_order,
        h.label,
        h.reading_id,
        {{ one_zero("round(h.value, 9)") }} as value,
        h.value_text,
        h.unit,
        case when h.value is not null then h.value_date end as value_date,
        {{
            one_zero(
                "round(h.value - lag(h.value, 5) over (partition by h.item_id order by h.session_no), 9)"
            )
        }} as chg_1w,
        h.percentile_5y,
        h.direction,
        h.status = 'STALE_INPUT' as is_stale,
        h.value is not null and coalesce(h.is_reconstructed, false) as is_reconstructed,
        coalesce(d.next_date, h.next_report) as next_date,
        case
            when d.next_date is not null then t.next_title when h.next_report is not null then h.next_reporter
        end as next_title,
        h.status,
        h.snapshot_at as known_at
    from shown as h
    left join dated as d on d.next_kind = h.next_kind and d.session_no = h.session_no
    left join titles as t on t.next_kind = h.next_kind
    order by h.session_date, h.sort_order, h.item_id
{%- endmacro %}
