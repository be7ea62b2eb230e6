"""Federal Reserve Board: what was said and when, from its RSS feeds of monetary policy releases and of speeches.

A feed is a window of the newest 15 items. One that is no longer in it has moved on, it was not withdrawn; and what came
and went between two runs is never seen.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import polars as pl
from lxml import etree

from ingestion import planning
from ingestion.body import Body, guarded
from ingestion.source import Column, FetchState, Request, RowRule, Source

HOST = "www.federalreserve.gov"
DATASET = "fed_rss"
FEEDS = {"press_monetary": "Monetary Policy", "speeches": "Speech"}  # and a word of the title of each
_TAG, _BLANKS = re.compile(r"<[^>]{0,1000}>"), re.compile(r"\s+")
_STAMP = re.compile(r"^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (GMT|UTC|[+-]\d{4})$")
# "Waller, The Economic Outlook"; "Opening remarks by Vice Chair for Supervision Bowman on …"; "Governor Barr on …"
_NAME = r"[A-Z][A-Za-z'\u2019-]+"
_BEFORE_COMMA = re.compile(rf"^({_NAME}), ")
_OFFICE = re.compile(rf"\b(?:Chair(?:man|woman)?(?: for Supervision)?|Governor) ((?:{_NAME} |[A-Z]\. )*{_NAME})")

COLUMNS = {
    "feed": Column(pl.String(), "id", "press_monetary or speeches"),
    "link": Column(pl.String(), "id", "Address of the text"),
    "title": Column(pl.String(), "text", "Title"),
    "published_at": Column(pl.Datetime("us", "UTC"), "ts", "When it was published, as the feed says"),
    "description": Column(pl.String(), "text", "Description as plain text; null where there is none"),
    "speaker": Column(pl.String(), "text", "Surname of the speaker, where the title of a speech gives one"),
}


def _plain(text: str) -> str:
    """Text without markup. The description stands in CDATA with its entities, so they are still to be read."""
    return _BLANKS.sub(" ", html.unescape(_TAG.sub(" ", text))).strip()


def _speaker(title: str) -> str | None:
    found = _BEFORE_COMMA.match(title) or _OFFICE.search(title)
    return found[1].rpartition(" ")[2] if found else None


def _channel(body: Body) -> etree._Element:
    data = body.bare().lstrip()
    hint = "The vendor may be blocking; look at the body in landing."
    if not data.startswith((b"<?xml", b"<rss")):
        raise body.wrong("the body must be an RSS feed", hint=hint)
    if b"<!DOCTYPE" in data:
        raise body.wrong("the feed must have no document type: it could declare entities that grow")
    # the encoding is given, so that no other spelling of a document type can be declared
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise body.wrong("the feed must be well-formed XML", error, hint) from error
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        raise body.wrong("the body must be an RSS feed", f"a root {root.tag!r} without a channel")
    word, title = FEEDS[body.request.series], _of(channel, "title")
    if word not in title:
        raise body.wrong(f"the title of the feed must hold {word!r}", title, "The vendor answered with another feed.")
    return channel


def _of(element: etree._Element, name: str) -> str:
    return _BLANKS.sub(" ", element.findtext(name) or "").strip()


@guarded(DATASET, COLUMNS)
def parse(body: Body) -> pl.DataFrame:
    """The items of one feed published up to ``asked_at``, oldest first."""
    channel = _channel(body)
    feed, rows = body.request.series, []
    for item in channel.findall("item"):
        title, link, stamp = _of(item, "title"), _of(item, "link"), _of(item, "pubDate")
        if not _STAMP.match(stamp):
            raise body.wrong("pubDate must be a moment with its time zone", stamp)
        moment = parsedate_to_datetime(stamp).astimezone(UTC)
        if not title or not link:
            raise body.wrong("each item must have a title and a link", stamp)
        description = _plain(_of(item, "description")) or None
        rows.append((feed, link, title, moment, description, _speaker(title) if feed == "speeches" else None))
    if not rows:
        raise body.nothing("a feed without items")
    schema = {name: column.dtype for name, column in COLUMNS.items()}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.filter(pl.col("published_at") <= body.request.asked_at).sort("published_at", maintain_order=True)


def requests(state: FetchState, as_of: datetime) -> Iterator[Request]:
    """Both feeds, once per session."""
    for feed in FEEDS:
        day = planning.whole_file(state, feed, as_of)
        if day:
            yield Request(feed, f"https://{HOST}/feeds/{feed}.xml", day, day, as_of)


def known_at(frame: pl.DataFrame) -> pl.Series:
    """The moment of publication."""
    return frame["published_at"]


SOURCES: tuple[Source, ...] = (
    Source(
        dataset=DATASET,
        vendor="federalreserve",
        title="Releases and speeches of the Federal Reserve Board",
        columns=COLUMNS,
        key=("feed", "link"),
        observed="published_at",
        cadence="event",
        versions="all",
        tier="core",
        criticality="optional",
        licence="Works of the Federal Reserve Board: public domain in the United States.",
        known_at=known_at,
        known_at_kind="published",
        parse=parse,
        requests=requests,
        hosts=(HOST,),
        pace_seconds=0.5,
        max_bytes=4 * 2**20,
        series_column="feed",
        rules=(
            RowRule(
                "link_elsewhere",
                ~pl.col("link").str.starts_with(f"https://{HOST}/"),
                f"a link must lead to {HOST}: nothing else is the Board's own text",
            ),
        ),
        domain="macro",
    ),
)
