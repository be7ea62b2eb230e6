-- Generated from the source declarations: python -m ingestion.registry. Do not edit.
select feed, link, title, published_at, description, speaker, source, known_at
from ({{ known_rows("fed_rss", ["feed", "link"]) }})
