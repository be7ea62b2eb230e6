-- LC05: Herfindahl-Hirschman index of issuer weights, and its inverse, the effective number of issuers.
with
    readings as (
        {{
            breadth_measures(
                "LC05",
                [("hhi", "hhi", "status_weights", "n_sized"), ("n", "effective_n", "status_weights", "n_sized")],
                ref("int_concentration"),
                "universe_id",
            )
        }}
    )
    {{ readings("readings", "LC05") }}
