{# The closes a claim about an index was judged by: each session where there are few, a summary where there are many. -#}
{% macro found_text() -%}
    case
        when count(f.session_date) <= 6
        then
            string_agg(
                concat(
                    f.index_id,
                    ' ',
                    f.session_date,
                    ': close ',
                    format('{:,.2f}', f.close),
                    format(' (day {:+.2f} %', f.return_pct),
                    format(', week {:+.2f} %', f.week_return_pct),
                    ')',
                    format(', highest close before {:,.2f}', f.highest_before),
                    format(', range of the week at percentile {:.0f}', f.week_range_percentile),
                    format(', {:.0f} % of members near their high', 100 * f.members_near_high_share)
                ),
                '; '
                order by f.session_date, f.index_id
            )
        else
            concat(
                count(f.session_date),
                ' sessions ',
                min(f.session_date),
                ' to ',
                max(f.session_date),
                format(': closes {:,.2f}', min(f.close)),
                format(' to {:,.2f}', max(f.close)),
                ', records ',
                count(*) filter (f.is_record),
                ', within 2 % of the high ',
                count(*) filter (f.drawdown_pct > -2),
                ', lows of rallies ',
                string_agg(
                    distinct cast(f.rally_trough_date as varchar), ' ' order by cast(f.rally_trough_date as varchar)
                )
            )
    end
{%- endmacro %}
