-- MA01: 100 x (index / index of the month before - 1), seasonally adjusted, as known. A month after one that was never
-- published has no value (October and November 2025).
with
    readings as (
        {{ macro_reading("MA01_cpi", "CPIAUCSL", "mom", "status_mom") }}
        union all
        {{ macro_reading("MA01_core_cpi", "CPILFESL", "mom", "status_mom") }}
        union all
        {{ macro_reading("MA01_pce", "PCEPI", "mom", "status_mom") }}
        union all
        {{ macro_reading("MA01_core_pce", "PCEPILFE", "mom", "status_mom") }}
    )
    {{ readings("readings", "MA01", reconstructed="is_reconstructed") }}
