-- MA03: 100 x ((index / index three months before)^4 - 1) and over six months squared, seasonally adjusted.
with
    readings as (
        {{ macro_reading("MA03_cpi_3m", "CPIAUCSL", "ann_3m", "status_ann_3m") }}
        union all
        {{ macro_reading("MA03_cpi_6m", "CPIAUCSL", "ann_6m", "status_ann_6m") }}
        union all
        {{ macro_reading("MA03_core_cpi_3m", "CPILFESL", "ann_3m", "status_ann_3m") }}
        union all
        {{ macro_reading("MA03_core_cpi_6m", "CPILFESL", "ann_6m", "status_ann_6m") }}
        union all
        {{ macro_reading("MA03_core_pce_3m", "PCEPILFE", "ann_3m", "status_ann_3m") }}
        union all
        {{ macro_reading("MA03_core_pce_6m", "PCEPILFE", "ann_6m", "status_ann_6m") }}
    )
    {{ readings("readings", "MA03", reconstructed="is_reconstructed") }}
