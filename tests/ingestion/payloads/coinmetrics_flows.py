"""Three days of fees, of which one has no figure and the last is running; a metric that takes a key; an unknown coin."""

SERIES = "btc/FeeTotNtv"
DAYS = (
    b'{"asset":"btc","time":"2026-01-12T00:00:00.000000000Z","FeeTotNtv":"4.25"},'
    b'{"asset":"btc","time":"2026-01-13T00:00:00.000000000Z","FeeTotNtv":"3.12500001"},'
    b'{"asset":"btc","time":"2026-01-14T00:00:00.000000000Z","FeeTotNtv":null},'
    b'{"asset":"btc","time":"2026-01-16T00:00:00.000000000Z","FeeTotNtv":"0.5"}'
)
GOOD = b'{"data":[' + DAYS + b'],"next_page_token":null,"next_page_url":null}'
NOT_FREE = b'{"error":{"type":"forbidden","message":"Requested metric is not available with supplied credentials."}}'
UNKNOWN = b"""{"error":{"type":"bad_parameter","message":"Bad parameter 'assets'. Value 'xyz' is not supported."}}"""
BODIES = [GOOD, NOT_FREE, UNKNOWN]
