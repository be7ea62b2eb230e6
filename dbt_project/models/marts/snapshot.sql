-- Where things stand in a few figures, per session: earnings, corporate results, highs, volatility, the running rally,
-- and the scenarios (SN).
{{ board("snapshot") }}
