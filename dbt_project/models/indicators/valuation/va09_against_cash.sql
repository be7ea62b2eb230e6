-- VA09: trailing earnings yield less the yield of three-month Treasury bills: what stocks earn above cash.
{{ measured_readings("VA09", yield_measures("VA09", [("", "cash_gap")])[:1], ref("int_valuation")) }}
