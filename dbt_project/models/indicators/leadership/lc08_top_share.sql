-- LC08: part of the index's return made by the ten issuers that were largest when the window began (size), and by the
-- ten that added most (gain, chosen afterwards): over twenty sessions and since the trough. UNDEFINED when the index
-- moved less than half a percent.
with
    judged as (select *, {{ share_statuses(["twenty", "trough"]) }} from {{ ref("int_concentration") }}),
    readings as (
        {{
            breadth_measures(
                "LC08",
                [
                    ("size_20", "share_by_size_twenty", "status_share_twenty", "n_sized"),
                    ("gain_20", "share_by_gain_twenty", "status_share_twenty", "n_sized"),
                    ("size_trough", "share_by_size_trough", "status_share_trough", "n_sized"),
                    ("gain_trough", "share_by_gain_trough", "status_share_trough", "n_sized"),
                ],
                "judged",
                "universe_id",
            )
        }}
    )
    {{ readings("readings", "LC08") }}
