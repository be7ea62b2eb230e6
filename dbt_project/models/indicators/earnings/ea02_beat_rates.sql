-- EA02: percent of the reported that beat, met or missed the forecast, by the difference rounded to cents; at least
-- five.
{{
    season_readings(
        "EA02",
        [
            ("EA02_beat", "100.0 * beats / nullif(beats + in_line + misses, 0)", "status_beats", "reported"),
            ("EA02_in_line", "100.0 * in_line / nullif(beats + in_line + misses, 0)", "status_beats", "reported"),
            ("EA02_miss", "100.0 * misses / nullif(beats + in_line + misses, 0)", "status_beats", "reported"),
        ],
        ref("int_season_segments"),
        segments=["universe", "sector"],
    )
}}
