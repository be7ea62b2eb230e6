-- EA01: median surprise of the companies that reported in the season under way, percent of the size of the forecast.
{{
    season_readings(
        "EA01",
        [
            ("EA01_median", "median_surprise", "case when status_beats <> 'OK' then status_beats when n_surprises < 5 then 'LOW_COVERAGE' else 'OK' end", "n_surprises"),
        ],
        ref("int_season_segments"),
    )
}}
