-- The first and the latest figure of each period of the released series. Whether the first one held is what was
-- printed first is another matter: a figure of the plain file is the newest one under an old date (unless the
-- series is never revised), and of the periods that the first vintage held already shows, only the newest was
-- printed with it.
with
    told as (
        select
            p.*,
            coalesce(p.vintage_source = 'lag_rule' and s.revision_kind = 'vintage', false) as is_reconstructed,
            min(p.known_at) over (partition by p.series_id, p.vintage_source) as source_began
        from {{ ref("int_macro_panel") }} as p
        left join {{ ref("series") }} as s on s.series_id = p.series_id
    )
select
    series_id,
    obs_period,
    arg_min(value, known_at) as first_held,
    arg_max(value, known_at) as value_final,
    not arg_min(
        is_reconstructed or coalesce(known_at = source_began and obs_period < newest_period, false), known_at
    ) as is_first_print
from told
group by series_id, obs_period
order by series_id, obs_period
