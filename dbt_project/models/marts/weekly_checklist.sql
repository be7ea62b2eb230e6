-- What to look at each week, per session: the newest figure of each item, how it moved, and what comes next (CK1-CK6).
{{ board("weekly") }}
