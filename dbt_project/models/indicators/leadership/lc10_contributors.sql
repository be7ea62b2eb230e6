-- LC10: effective number of contributing issuers over twenty sessions and since the trough: the squared sum of the
-- sizes of contributions over the sum of their squares.
with
    readings as (
        {{
            breadth_measures(
                "LC10",
                [
                    ("20", "contributors_twenty", "status_twenty", "n_sized"),
                    ("trough", "contributors_trough", "status_trough", "n_sized"),
                ],
                ref("int_concentration"),
                "universe_id",
            )
        }}
    )
    {{ readings("readings", "LC10") }}
