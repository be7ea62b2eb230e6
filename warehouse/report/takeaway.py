"""What stands under a picture of the answer: its source, the query that gives its numbers, and the numbers as a file.

Belongs here: the disclosure below a figure. Does not: the figure. The file is inside the page (a ``data:`` link), so that
nothing is fetched.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

from warehouse.report.markup import tag


def take_away(name: str, source: str, sql: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> Element:
    """``source`` in words (vendor, unit, date), the query, and ``name``.csv with ``values`` under ``columns``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(values)
    link = tag("a", f"{name}.csv", href=f"data:text/csv;charset=utf-8,{quote(text.getvalue())}", download=f"{name}.csv")
    return tag(
        "details",
        tag("summary", "Source, query and data"),
        tag("p", source, " ", link, class_="small"),
        tag("pre", tag("code", sql.strip()), tabindex=0),
        class_="takeaway",
    )
