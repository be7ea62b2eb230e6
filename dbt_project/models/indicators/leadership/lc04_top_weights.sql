-- LC04: weight of the 1, 5, 7 and 10 largest issuers of the default universe at the close.
with
    readings as (
        {{
            breadth_measures(
                "LC04",
                [
                    ("top1", "top1_weight", "status_weights", "n_sized"),
                    ("top5", "top5_weight", "status_weights", "n_sized"),
                    ("top7", "top7_weight", "status_weights", "n_sized"),
                    ("top10", "top10_weight", "status_weights", "n_sized"),
                ],
                ref("int_concentration"),
                "universe_id",
            )
        }}
    )
    {{ readings("readings", "LC04") }}
