"""The central bank's RSS feeds: a byte order mark, CRLF, the 15 newest items, text in CDATA with its entities left in.

Belongs here: the feeds, and what a bank says on a regular calendar (a statement on each meeting's day at 14:00 New York,
minutes three weeks later, the discount rate's minutes in the fourth week, two speeches a month). Does not: the meetings
and what they decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from ingestion import calendar
from ingestion.sample.faults.text import Fault
from ingestion.sample.reply import MONTHS, Reply, text_reply
from ingestion.sample.vendor import OwnFault, Vendor
from ingestion.sample.world.clock import FIRST, LAST
from ingestion.sample.world.market import World
from ingestion.sample.world.releases import meetings

HOST = "www.federalreserve.gov"
NEWEST = 15
STATEMENT_AT, SPEECH_AT = time(14), time(12, 30)  # New York
MINUTES_AFTER, DISCOUNT_AFTER = timedelta(21), timedelta(27)
FEEDS = {
    "press_monetary": (
        "FRB: Press Release - Monetary Policy",
        "Press releases about monetary policy from the Federal Reserve Board",
        "Monetary Policy",
    ),
    "speeches": ("FRB: Speeches", "Speeches by Federal Reserve Board officials", "Speech"),
}
SPEAKERS = ("Alder", "Birch", "Cedar", "Hazel", "Rowan")
TOPICS = ("The Economic Outlook", "Inflation and Expectations", "Banks' Capital", "The Labor Market", "Payments")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)


@dataclass(frozen=True)
class Item:
    """One item of a feed."""

    published: datetime  # UTC
    title: str
    path: str
    description: str


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, calendar.NEW_YORK).astimezone(UTC)


def _span(first: date, last: date) -> str:
    """Two days as a release writes them: "January 27-28, 2026", "April 30-May 1, 2019"."""
    end = f"{last.day}" if first.month == last.month else f"{LONG_MONTHS[last.month - 1]} {last.day}"
    return f"{LONG_MONTHS[first.month - 1]} {first.day}-{end}, {last.year}"


def _releases() -> Iterator[Item]:
    for day, _ in meetings():
        minutes, discount, eve = day + MINUTES_AFTER, day + DISCOUNT_AFTER, day - timedelta(1)
        title = "Federal Reserve issues FOMC statement"
        yield Item(_at(day, STATEMENT_AT), title, f"pressreleases/monetary{day:%Y%m%d}a.htm", title)
        title = f"Minutes of the Federal Open Market Committee, {_span(eve, day)}"
        yield Item(_at(minutes, STATEMENT_AT), title, f"pressreleases/monetary{minutes:%Y%m%d}a.htm", title)
        title = f"Minutes of the Board's discount rate meeting on {LONG_MONTHS[day.month - 1]} {day.day}, {day.year}"
        yield Item(_at(discount, STATEMENT_AT), title, f"pressreleases/monetary{discount:%Y%m%d}a.htm", title)


def _speeches() -> Iterator[Item]:
    number = 0
    for year in range(FIRST.year, LAST.year + 1):
        for month in range(1, 13):
            first = date(year, month, 1)
            tuesday = first + timedelta((1 - first.weekday()) % 7)
            for day in (tuesday + timedelta(7), tuesday + timedelta(16)):  # the second Tuesday, a later Thursday
                speaker, topic = SPEAKERS[number % len(SPEAKERS)], TOPICS[number // 2 % len(TOPICS)]
                path = f"speech/{speaker.lower()}{day:%Y%m%d}a.htm"
                where = "Speech At the Sample Economics Club's Luncheon, Midland"
                yield Item(_at(day, SPEECH_AT), f"{speaker}, {topic}", path, where)
                number += 1


@lru_cache(1)
def _items() -> dict[str, list[Item]]:
    """Everything that is ever published, newest first."""
    feeds = {"press_monetary": _releases(), "speeches": _speeches()}
    return {feed: sorted(items, key=lambda one: one.published, reverse=True) for feed, items in feeds.items()}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;")


def _cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"


def _item(item: Item, category: str) -> Iterator[str]:
    day, link = item.published, _cdata(f"https://{HOST}/newsevents/{item.path}")
    stamp = f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year} {day:%H:%M:%S} GMT"
    yield "        <item>"
    yield f"            <title>{_escaped(item.title)}</title>"
    yield f"            <link>{link}</link>"
    yield f"            <guid>{link}</guid>"
    yield f"            <description>{_cdata(_escaped(item.description))}</description>"
    yield f"            <category>{category}</category>"
    yield f"            <pubDate>{_cdata(stamp)}</pubDate>    "
    yield "        </item>"


def answer(world: World, path: str, query: Mapping[str, str], asked_at: datetime) -> Reply:
    """The newest items of a feed; an unknown address is an HTML page with status 404."""
    name = path.removeprefix("/feeds/").removesuffix(".xml")
    if name not in FEEDS or path != f"/feeds/{name}.xml":
        return text_reply("<!DOCTYPE html><html><body>Page not found</body></html>", "text/html", 404)
    title, about, category = FEEDS[name]
    shown = [item for item in _items()[name] if item.published <= asked_at][:NEWEST]
    lines = [
        '<?xml version="1.0" encoding="utf-8" ?>',
        '<rss version="2.0">',
        "    <channel>",
        f"        <title>{title}</title>",
        f"        <link>{_cdata(f'https://{HOST}/feeds/feeds.htm')}</link>",
        f"        <description>{_cdata(about)}</description>",
        "        <language>en</language>",
        *(line for item in shown for line in _item(item, category)),
        "    </channel>",
        "</rss>",
    ]
    return text_reply("\ufeff" + "\r\n".join(lines) + "\r\n", "text/xml")


def _entities(fault: Fault, answer: Reply) -> Reply:
    """A document type whose entities unfold into one another, used in the first title."""
    status, headers, body = answer
    grown = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE rss [<!ENTITY e0 "ha">{grown}]>\r\n<rss'.encode()
    return status, headers, body.replace(b"<rss", doctype, 1).replace(b"</title>", b"&e9;</title>", 1)


VENDOR = Vendor(
    hosts=(HOST,),
    answer=answer,
    examples={
        f"{HOST}/feeds/press_monetary.xml": "44cd6cae95199d2404619ec5bf1c1df7",
        f"{HOST}/feeds/speeches.xml": "591d0da5948fcf238fddae72ba077155",
    },
    faults={"entities": OwnFault("a feed whose entities unfold into a billion words", spoil=_entities)},
)
