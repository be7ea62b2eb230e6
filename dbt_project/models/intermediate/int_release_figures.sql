-- What each release brought first, measure by measure, with the figure of the period before as it then stood, what was
-- expected, and by how much it surprised. All as printed: consensus and figure have the same few decimals. A figure
-- that stands under an old date (is_reconstructed) surprised nobody. The deviation of past surprises counts those of
-- the same measure and kind that were known before.
{% set kinds = [("kalshi", "consensus"), ("seed", "consensus"), ("nowcast", "nowcast")] %}
with
    told as (
        select
            m.measure_id,
            m.release_id,
            m.is_primary,
            m.decimals,
            c.series_id,
            c.newest_period as obs_period,
            c.known_at,
            coalesce(c.is_reconstructed, false) as is_reconstructed,
            m.scale * case
                m.measure when 'value' then c.value when 'mom' then c.mom when 'yoy' then c.yoy else c.change_1
            end as figure,
            case m.measure when 'value' then 'OK' when 'yoy' then c.status_yoy else c.status_mom end as reason
        from {{ ref("release_measures") }} as m
        inner join {{ ref("int_macro_changes") }} as c on c.series_id = m.series_id
    ),
    beside as (
        select
            *,
            lag(round(figure, decimals)) over own as previous,
            lag(is_reconstructed) over own as previous_is_reconstructed,
            lag(obs_period) over own as period_before
        from told
        window own as (partition by measure_id order by known_at)
    ),
    firsts as (
        -- the first word of the first period held was not heard: what came before it is not known
        select *
        from beside
        where obs_period > period_before
        qualify row_number() over (partition by measure_id, obs_period order by known_at) = 1
    ),
    nowcasts as (
        select f.measure_id, f.obs_period, n.value as expected
        from firsts as f
        inner join {{ ref("release_measures") }} as m on m.measure_id = f.measure_id
        inner join
            {{ ref("stg_clevelandfed_nowcast") }} as n
            on n.measure = m.nowcast_measure
            and n.target_month = f.obs_period
            and n.known_at < f.known_at
        qualify
            row_number() over (partition by f.measure_id, f.obs_period order by n.vintage_date desc, n.known_at desc)
            = 1
    ),
    ladders as (
        -- of the evening before: an older ladder knew less
        select f.measure_id, f.obs_period, k.median as expected
        from firsts as f
        inner join {{ ref("release_measures") }} as m on m.measure_id = f.measure_id
        inner join
            {{ ref("int_kalshi_figures") }} as k
            on k.series_ticker = m.kalshi_series
            and k.obs_period = f.obs_period
            and k.status = 'OK'
            and k.known_at < f.known_at
            and k.known_at >= f.known_at - interval 5 day
        qualify row_number() over (partition by f.measure_id, f.obs_period order by k.known_at desc) = 1
    ),
    reported as (
        select measure_id, obs_period, expected from {{ ref("expected_figures") }} where world = '{{ var("world") }}'
    ),
    expected as (
        select
            f.*,
            case
                when f.reason = 'OK' and not f.is_reconstructed then {{ one_zero("round(f.figure, f.decimals)") }}
            end as actual,
            coalesce(k.expected, s.expected, n.expected) as expected_figure,
            case
                when k.expected is not null
                then 'kalshi'
                when s.expected is not null
                then 'seed'
                when n.expected is not null
                then 'nowcast'
            end as expected_source
        from firsts as f
        left join ladders as k on k.measure_id = f.measure_id and k.obs_period = f.obs_period
        left join reported as s on s.measure_id = f.measure_id and s.obs_period = f.obs_period
        left join nowcasts as n on n.measure_id = f.measure_id and n.obs_period = f.obs_period
    ),
    surprised as (
        select
            * exclude (expected_figure, previous),
            case when not coalesce(previous_is_reconstructed, true) then {{ one_zero("previous") }} end as previous,
            round(expected_figure, decimals + 2) as expected,
            case
                expected_source
                {% for source, kind in kinds %} when '{{ source }}' then '{{ kind }}' {% endfor %}
                else case when not coalesce(previous_is_reconstructed, true) and previous is not null then 'prior' end
            end as surprise_kind
        from expected
    ),
    measured as (
        select
            *,
            {% set difference %}
            round(actual - case when surprise_kind = 'prior' then previous else expected end, decimals + 2)
            {% endset %}
            {{ one_zero(difference) }} as surprise
        from surprised
    ),
    ranked as (
        select
            *,
            count(surprise) over past as n_past,
            -- of decimals, so that the order of rows does not matter
            sum(cast(surprise as decimal(18, 6))) over past as sum_past,
            sum(cast(surprise as decimal(19, 6)) * cast(surprise as decimal(19, 6))) over past as squares_past
        from measured
        window
            past as (
                partition by measure_id, surprise_kind
                order by known_at
                rows between unbounded preceding and 1 preceding
            )
    ),
    judged as (
        select
            *,
            case when actual is not null then 'OK' when is_reconstructed then 'NOT_AVAILABLE' else reason end as status,
            case
                when n_past >= 24 and squares_past - sum_past * sum_past / n_past > 1e-9
                then surprise / sqrt(cast(squares_past - sum_past * sum_past / n_past as double) / (n_past - 1))
            end as surprise_z
        from ranked
    ),
    reasoned as (
        select
            *,
            case
                when status <> 'OK' then status when surprise is null then 'NOT_AVAILABLE' else 'OK'
            end as status_surprise
        from judged
    )
select
    measure_id,
    release_id,
    series_id,
    is_primary,
    obs_period,
    known_at,
    is_reconstructed,
    actual,
    status,
    previous,
    expected,
    expected_source,
    case when surprise is not null then surprise_kind end as surprise_kind,
    surprise,
    status_surprise,
    n_past,
    surprise_z,
    case
        when status_surprise <> 'OK'
        then status_surprise
        when surprise_z is not null
        then 'OK'
        when n_past < 24
        then 'WARMUP'
        else 'UNDEFINED'
    end as status_surprise_z
from reasoned
order by known_at, measure_id
