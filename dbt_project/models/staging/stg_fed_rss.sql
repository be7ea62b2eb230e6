-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select feed, link, title, published_at, description, speaker, source, known_at, first_seen_at, valid_until, version_no
from ({{ all_versions("fed_rss", ["feed", "link"]) }})
