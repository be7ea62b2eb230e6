"""Four days over the end of a year, oldest first; the same with its columns in another order."""

SERIES = "All_Daily_Policy_Data"
GOOD = b"day,month,year,daily_policy_index\n30,12,2025,101.25\n31,12,2025,88.5\n1,1,2026,140.75\n2,1,2026,96.0\n"
BODIES = [GOOD, b"year,month,day,daily_policy_index\n2025,12,31,88.5\n2026,1,1,140.75\n"]
