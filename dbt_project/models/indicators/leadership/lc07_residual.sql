-- LC07: what the contributions of the members leave of the index's price return, in basis points: of twenty sessions
-- and since the trough of the open rally.
{{
    residual_readings(
        "LC07",
        [("20d", "LC07_residual_20"), ("since_trough", "LC07_residual_trough")],
        ref("int_contribution_windows"),
        ref("int_window_contributions"),
        ref("int_weight_sources"),
    )
}}
