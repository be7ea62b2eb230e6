-- LC06: what the contributions of the members leave of the index's price return, in basis points: of the last session.
{{
    residual_readings(
        "LC06",
        [("1d", "LC06_residual")],
        ref("int_contribution_windows"),
        ref("int_window_contributions"),
        ref("int_weight_sources"),
    )
}}
