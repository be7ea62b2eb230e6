-- Every value a period had while its source spoke for the series, in the order in which they became known. They are
-- numbered only where the first one held is what was printed first (int_macro_firsts), and up to a reconstructed one.
with
    successive as (
        select series_id, obs_period, known_at, value, vintage_source
        from {{ ref("int_macro_panel") }}
        qualify value is distinct from lag(value) over (partition by series_id, obs_period order by known_at)
    ),
    marked as (
        select
            v.*,
            f.is_first_print,
            coalesce(v.vintage_source = 'lag_rule' and s.revision_kind = 'vintage', false) as is_reconstructed
        from successive as v
        inner join {{ ref("int_macro_firsts") }} as f on f.series_id = v.series_id and f.obs_period = v.obs_period
        left join {{ ref("series") }} as s on s.series_id = v.series_id
    ),
    numbered as (
        -- after a reconstructed figure nobody can say how many there were
        select
            *,
            case
                when is_first_print and not bool_or(is_reconstructed) over so_far then row_number() over so_far
            end as vintage_no
        from marked
        window so_far as (partition by series_id, obs_period order by known_at rows unbounded preceding)
    )
select
    n.series_id,
    n.obs_period,
    n.vintage_no,
    case when n.vintage_no is null then 'NOT_AVAILABLE' else 'OK' end as status_vintage_no,
    n.value,
    case when n.vintage_no = 1 then r.expected end as expected,
    n.vintage_source,
    n.is_reconstructed,
    c.session_date,
    n.known_at
from numbered as n
left join
    {{ ref("int_release_figures") }} as r
    on r.series_id = n.series_id
    and r.is_primary
    and r.obs_period = n.obs_period
    and r.known_at = n.known_at
-- the first session at whose snapshot it was known; a value newer than the last snapshot has no row yet
asof join (select session_date, snapshot_at from {{ ref("int_calendar") }}) as c on c.snapshot_at >= n.known_at
order by n.known_at, n.series_id, n.obs_period
