"""Three days of a coin, of which one has no count of addresses and the last is running; a coin the vendor does not know."""

SERIES = "btc"
DAYS = (
    b'{"asset":"btc","time":"2026-01-13T00:00:00.000000000Z","AdrActCnt":"640112","TxCnt":"401337"},'
    b'{"asset":"btc","time":"2026-01-14T00:00:00.000000000Z","AdrActCnt":null,"TxCnt":"398001"},'
    b'{"asset":"btc","time":"2026-01-16T00:00:00.000000000Z","AdrActCnt":"12","TxCnt":"7"}'
)
GOOD = b'{"data":[' + DAYS + b'],"next_page_token":null,"next_page_url":null}'
UNKNOWN = b"""{"error":{"type":"bad_parameter","message":"Bad parameter 'assets'. Value 'xyz' is not supported."}}"""
BODIES = [GOOD, UNKNOWN]
