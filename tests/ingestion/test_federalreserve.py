"""The Board's feeds: marks, line ends and entities, moments, names of speakers, and XML that is not to be trusted."""

from __future__ import annotations

from datetime import UTC, date, datetime

import payloads as p
import pytest
from payloads.fed_rss import GOOD, LINK, feed, item

from ingestion.registry import source
from ingestion.source import EmptyAnswer, FetchState, ShapeError
from ingestion.sources import federalreserve as fed

STAMP = "Wed, 14 Jan 2026 19:00:00 GMT"


def test_a_feed_with_its_mark_line_ends_and_entities() -> None:
    frame = fed.parse(GOOD, p.request("press_monetary"))
    assert frame["published_at"].to_list() == [
        datetime(2025, 12, 3, 19, tzinfo=UTC),  # "3 Dec", without padding
        datetime(2026, 1, 14, 19, tzinfo=UTC),
    ]
    newest = frame.row(1, named=True)
    assert newest["title"] == 'Minutes of the Board\'s meetings on "June 8"'
    assert newest["description"] == "Minutes of the Board's meetings & more"
    assert newest["link"] == LINK.format("20260114") and newest["speaker"] is None
    assert frame["description"][0] is None
    assert fed.known_at(frame).to_list() == frame["published_at"].to_list()


def test_what_was_published_after_the_question_is_dropped() -> None:
    assert fed.parse(GOOD, p.request("press_monetary", datetime(2026, 1, 14, 18, 59, tzinfo=UTC))).height == 1


@pytest.mark.parametrize(
    ("title", "speaker"),
    [
        ("Alder, The Economic Outlook, and Policy", "Alder"),
        ("O'Hara-Birch, Payments", "O'Hara-Birch"),
        ("Governor Cedar on the economic outlook", "Cedar"),
        ("Opening remarks by Vice Chair for Supervision Hazel at the Sample Conference", "Hazel"),
        ("Statement by Governor Joan Q. Rowan", "Rowan"),
        ("Brief remarks by Chair Alder on banks", "Alder"),
        ("Outlook for the U.S. and Alaskan Economies", None),
        ("The chair of a committee on payments", None),
    ],
)
def test_the_speaker_is_who_the_title_names(title: str, speaker: str | None) -> None:
    body = feed(item(title, "https://www.federalreserve.gov/s.htm", STAMP, ""), title="FRB: Speeches")
    assert fed.parse(body, p.request("speeches"))["speaker"].to_list() == [speaker]


@pytest.mark.parametrize(
    "stamp",
    [
        "Wed, 14 Jan 2026 19:00:00",
        "2026-01-14T19:00:00Z",
        "Wed, 32 Jan 2026 19:00:00 GMT",
        "Wed, 14 Foo 2026 19:00:00 GMT",
        "",
    ],
)
def test_a_moment_that_cannot_be_read_is_refused(stamp: str) -> None:
    with pytest.raises(ShapeError):
        fed.parse(feed(item("A statement", LINK, stamp, "")), p.request("press_monetary"))


def test_an_item_must_have_a_title_and_a_link() -> None:
    for title, link in (("", LINK), ("A statement", " ")):
        with pytest.raises(ShapeError, match="each item must have a title and a link"):
            fed.parse(feed(item(title, link, STAMP, "")), p.request("press_monetary"))


def test_entities_that_grow_and_documents_from_elsewhere_are_refused() -> None:
    grown = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    secret = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    for before, title in (
        (f'<!DOCTYPE rss [<!ENTITY e0 "ha">{grown}]>', "&e9;"),
        (secret, "&x;"),
        ('<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">', "A statement"),
    ):
        body = feed(item(title, LINK, STAMP, ""), before=before)
        with pytest.raises(ShapeError, match="must have no document type"):
            fed.parse(body, p.request("press_monetary"))


def test_another_feed_a_page_and_a_cut_feed_are_refused() -> None:
    with pytest.raises(ShapeError, match="the title of the feed must hold 'Speech'"):
        fed.parse(GOOD, p.request("speeches"))
    for body in (
        p.HTML,
        p.NOTE,
        GOOD[:-20],
        b"<rss/>",
        b"<a><channel><title>Monetary Policy</title></channel></a>",
        b"",
    ):
        with pytest.raises(ShapeError):
            fed.parse(body, p.request("press_monetary"))
    with pytest.raises(EmptyAnswer):
        fed.parse(feed(), p.request("press_monetary"))


def test_a_link_to_another_place_is_set_aside() -> None:
    rule = next(rule for rule in source("fed_rss").rules if rule.name == "link_elsewhere")
    body = feed(
        item("A", "https://www.federalreserve.gov.example/a.htm", STAMP, ""), item("B", LINK.format("1"), STAMP, "")
    )
    frame = fed.parse(body, p.request("press_monetary"))
    assert frame.filter(rule.bad)["title"].to_list() == ["A"]


def test_an_answer_is_a_window_and_withdraws_nothing() -> None:
    assert not source("fed_rss").tells_absence
    asked = list(fed.requests(FetchState("core"), p.ASKED))
    assert [one.series for one in asked] == ["press_monetary", "speeches"]
    assert all(not one.whole and one.first == one.last == date(2026, 1, 15) for one in asked)
