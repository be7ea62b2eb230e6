"""A feed of two items with the vendor's mark, line ends and entities; a feed without items."""

SERIES = "press_monetary"
LINK = "https://www.federalreserve.gov/newsevents/pressreleases/monetary{}a.htm"


def item(title: str, link: str, stamp: str, description: str) -> str:
    return (
        f"<item>\r\n<title>{title}</title>\r\n<link><![CDATA[{link}]]></link>\r\n<guid><![CDATA[{link}]]></guid>\r\n"
        f"<description><![CDATA[{description}]]></description>\r\n<pubDate><![CDATA[{stamp}]]></pubDate>    \r\n</item>\r\n"
    )


def feed(*items: str, title: str = "FRB: Press Release - Monetary Policy", before: str = "") -> bytes:
    text = (
        f'<?xml version="1.0" encoding="utf-8" ?>\r\n{before}<rss version="2.0">\r\n<channel>\r\n<title>{title}</title>\r\n'
        + "".join(items)
        + "</channel>\r\n</rss>\r\n"
    )
    return b"\xef\xbb\xbf" + text.encode()


GOOD = feed(
    item(
        "Minutes of the Board&#39;s meetings on &quot;June 8&quot;", LINK.format("20260114"),
        "Wed, 14 Jan 2026 19:00:00 GMT", "Minutes of the Board&#39;s <b>meetings</b>\r\n &amp; more",
    ),
    item("Federal Reserve issues FOMC statement", LINK.format("20251210"), "Wed, 3 Dec 2025 19:00:00 GMT", ""),
)  # fmt: skip
BODIES = [GOOD, feed()]
