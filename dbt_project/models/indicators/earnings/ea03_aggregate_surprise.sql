-- EA03: what the reported earned together against what was forecast for them, percent.
{{
    season_readings(
        "EA03",
        [
            ("EA03", "surprise_pct", "status_surprise", "judged"),
        ],
        ref("int_season_segments"),
    )
}}
