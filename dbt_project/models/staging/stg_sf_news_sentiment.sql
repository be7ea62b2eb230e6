-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select observed_on, sentiment, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("sf_news_sentiment", ["observed_on"]) }})
