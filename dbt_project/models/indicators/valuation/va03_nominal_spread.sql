-- VA03: earnings yield less the nominal yield of ten years. It sets a real yield against a nominal one and is told only
-- because others tell it; it is no risk premium.
{{ measured_readings("VA03", yield_measures("VA03", [("", "nominal_gap")]), ref("int_valuation")) }}
