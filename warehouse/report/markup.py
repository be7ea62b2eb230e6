"""HTML and SVG elements. Text can only enter through the tree, so nothing from a table is ever read as markup.

Belongs here: making elements and writing them out. Does not: what the page says or how it looks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None

# What HTML cannot hold, and the marks that turn the direction of text around: both come out as a replacement sign.
_UNSAID = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """``text`` as a document may hold it."""
    return _UNSAID.sub("\ufffd", text)


def tag(name: str, /, *children: Child, **attributes: str | float | None) -> Element:
    """An element with text and elements in order; None is left out.

    Attribute names lose a trailing underscore and have dashes for the others: ``class_``, ``aria_label``.
    """
    made = Element(name)
    for key, value in attributes.items():
        if value is not None:
            made.set(key.rstrip("_").replace("_", "-"), clean(str(value)))
    last: Element | None = None
    for child in children:
        if isinstance(child, str):
            if last is None:
                made.text = (made.text or "") + clean(child)
            else:
                last.tail = (last.tail or "") + clean(child)
        elif child is not None:
            made.append(child)
            last = child
    return made


def table(
    caption: str, head: Sequence[str], body: Sequence[Sequence[Child]], numeric: Sequence[int] = (), class_: str = ""
) -> Element:
    """A table with a caption, column headers, and the first cell of each row as its header.

    ``numeric`` are the columns set flush right. The table sits in a region that scrolls sideways on narrow screens.
    """

    def cell(name: str, column: int, content: Child, scope: str | None = None) -> Element:
        return tag(name, content, scope=scope, class_="n" if column in numeric else None)

    rows = [
        tag("tr", *(cell("td", i, c) if i else cell("th", i, c, "row") for i, c in enumerate(line))) for line in body
    ]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", *(cell("th", i, name, "col") for i, name in enumerate(head)))),
            tag("tbody", *rows),
            class_=class_ or None,
        ),
        class_="scroll",
        role="region",
        tabindex=0,
        aria_label=caption,
    )


def to_html(root: Element) -> str:
    """A whole document."""
    return "<!DOCTYPE html>\n" + tostring(root, encoding="unicode", method="html") + "\n"
