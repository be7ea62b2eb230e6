-- MA09: nominal retail sales: change over a month, and 100 x (sum of three months / sum of the three before - 1).
with
    readings as (
        {{ macro_reading("MA09_mom", "RSAFS", "mom", "status_mom") }}
        union all
        {{ macro_reading("MA09_3m3m", "RSAFS", "quarter_over_quarter", "status_quarter", n_expected=6) }}
    )
    {{ readings("readings", "MA09", reconstructed="is_reconstructed") }}
