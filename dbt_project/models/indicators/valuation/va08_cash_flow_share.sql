-- VA08: the part of the total return made by cash flow (earnings and dividends); the rest is discount rate (real yield
-- and gap). Below 0 or above 1 where the two pulled against each other; undefined for moves below one percent.
{{
    measured_readings(
        "VA08",
        window_measures("VA08", [("cash_flow", "cash_flow_share", "status_share", "known_total")]),
        ref("int_return_terms"),
    )
}}
