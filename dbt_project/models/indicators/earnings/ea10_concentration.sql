-- EA10: how concentrated growth is: part of the sum of changes made by the ten largest gains, growth without the
-- seven largest companies, and the concentration of what is earned.
{{
    season_readings(
        "EA10",
        [
            ("EA10_top10", "top10_share", "case when status_growth = 'OK' and change <= 0 then 'UNDEFINED' else status_growth end", "n_both"),
            ("EA10_ex7", "growth_ex7", "status_growth", "n_both"),
            ("EA10_hhi", "hhi", "status_growth", "n_both"),
        ],
        ref("int_season_segments"),
    )
}}
