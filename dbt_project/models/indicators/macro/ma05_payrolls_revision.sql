-- MA05: by how many persons the change of payrolls over the month before differs now from what was said first, each
-- inside one vintage. Only vintages tell.
with
    firsts as (
        select series_id, newest_period, arg_min(change_1, known_at) as change_first
        from {{ ref("int_macro_changes") }}
        where series_id = 'PAYEMS' and not coalesce(is_reconstructed, false)
        group by series_id, newest_period
    ),
    known as (
        select k.*, k.change_1_before - f.change_first as revision
        from {{ ref("int_macro_sessions") }} as k
        left join
            firsts as f on f.series_id = k.series_id and f.newest_period = cast(k.obs_period - interval 1 month as date)
        where k.series_id = 'PAYEMS'
    ),
    readings as (
        select
            'MA05_revision' as reading_id,
            'US' as entity_id,
            session_date,
            obs_period,
            1000 * revision as value,
            case
                when status <> 'OK'
                then status
                when vintage_source <> 'vintage'
                then 'NOT_AVAILABLE'
                when revision is null
                then 'WARMUP'
                else 'OK'
            end as status,
            case when revision is null then 0 else 4 end as n_used,
            4 as n_expected,
            known_at,
            is_reconstructed
        from known
    )
    {{ readings("readings", "MA05", reconstructed="is_reconstructed") }}
