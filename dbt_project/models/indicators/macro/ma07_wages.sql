-- MA07: average hourly earnings, change over twelve months and over three months at a yearly rate, as known.
with
    readings as (
        {{ macro_reading("MA07_yoy", "CES0500000003", "yoy", "status_yoy") }}
        union all
        {{ macro_reading("MA07_3m", "CES0500000003", "ann_3m", "status_ann_3m") }}
    )
    {{ readings("readings", "MA07", reconstructed="is_reconstructed") }}
