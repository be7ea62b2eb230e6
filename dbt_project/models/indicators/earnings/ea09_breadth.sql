-- EA09: how broad growth is: percent of companies that earn more than a year before, and the median growth less the
-- aggregate one.
{{
    season_readings(
        "EA09",
        [
            ("EA09_companies", "100.0 * grew / nullif(n_both, 0)", "status_growth", "n_both"),
            ("EA09_median_gap", "median_growth - growth", "status_growth", "n_both"),
        ],
        ref("int_season_segments"),
    )
}}
