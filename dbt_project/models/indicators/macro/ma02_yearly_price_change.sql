-- MA02: 100 x (index / index twelve months before - 1): the unadjusted index for consumer prices (the headline), the
-- adjusted one for consumption prices and, as no unadjusted one is held, for core consumer prices.
with
    readings as (
        {{ macro_reading("MA02_cpi", "CPIAUCNS", "yoy", "status_yoy") }}
        union all
        {{ macro_reading("MA02_core_cpi", "CPILFESL", "yoy", "status_yoy") }}
        union all
        {{ macro_reading("MA02_pce", "PCEPI", "yoy", "status_yoy") }}
        union all
        {{ macro_reading("MA02_core_pce", "PCEPILFE", "yoy", "status_yoy") }}
    )
    {{ readings("readings", "MA02", reconstructed="is_reconstructed") }}
