-- LC09: price return over twenty sessions of all but each evening's ten largest issuers, chained day by day.
with
    readings as (
        {{
            breadth_measures(
                "LC09",
                [
                    (
                        "20",
                        "100 * ex_top10_return_20d",
                        "case when ex_top10_return_20d is not null then 'OK' when status_weights = 'OK' then 'WARMUP' else status_weights end",
                        "n_sized",
                    )
                ],
                ref("int_concentration"),
                "universe_id",
            )
        }}
    )
    {{ readings("readings", "LC09") }}
