-- MA04: geometric mean monthly change since the newest earlier month that was published. Only where a month is missing;
-- elsewhere MA01 stands and this reading has nothing to bridge.
{% set bridged = "case when gap_months > 1 then bridge end" %}
{% set reason = "case when gap_months > 1 and bridge is not null then 'OK' else 'NOT_AVAILABLE' end" %}
with
    readings as (
        {{ macro_reading("MA04_cpi_bridge", "CPIAUCSL", bridged, reason) }}
        union all
        {{ macro_reading("MA04_core_cpi_bridge", "CPILFESL", bridged, reason) }}
    )
    {{ readings("readings", "MA04", reconstructed="is_reconstructed") }}
