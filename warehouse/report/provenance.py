"""Where the numbers come from: the gate's verdicts, the health of the sources, the generation, whose data it is.

Belongs here: what schema ``meta`` and ``source_health`` say. Does not: figures of the market.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.markup import Child, table, tag
from warehouse.report.query import one, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NONE, counted

_STATES = {"ok": "fine", "partial": "some", "no_key": "some", "no_contact": "some"}


def gate(con: duckdb.DuckDBPyConnection) -> list[Element]:
    """What the gate judged, and each warning with the rule's reason and what was seen."""
    tally = {row["outcome"]: row["n"] for row in rows(
        con, "SELECT outcome, count(*) AS n FROM meta.verdicts GROUP BY outcome ORDER BY outcome"
    )}  # fmt: skip
    warned = rows(
        con,
        "SELECT rule_id, because, observed, error FROM meta.verdicts WHERE outcome = 'failed' ORDER BY rule_id",
    )
    said = f"{counted(sum(tally.values()), 'rule')} judged these tables before they were published:"
    said += f" {tally.get('passed', 0)} passed, {tally.get('not_applicable', 0)} did not apply,"
    said += f" {counted(len(warned), 'warning')}."
    lines = [
        tag(
            "li",
            tag("b", w["rule_id"]),
            f" {w['because']} ",
            tag("small", f"Seen: {_seen(w['error'] or w['observed'])}"),
        )
        for w in warned
    ]
    return [tag("p", said), *([tag("ul", *lines, class_="plain")] if lines else [])]


def _seen(observed: str) -> str:
    """What a rule saw, without the structure it was recorded in."""
    try:
        found = json.loads(observed)
    except ValueError:
        return observed[:200]
    if not isinstance(found, dict):
        return str(found)[:200]
    seen = found.get("partial_unexpected_list") or found.get("observed_value", found.get("unexpected_count"))
    return (", ".join(map(str, seen)) if isinstance(seen, list) else str(seen))[:200]


def sources(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Element]:
    """Health of every input at the session, and what was set aside."""
    found = rows(
        con,
        "SELECT h.*, f.vendor FROM marts.source_health h LEFT JOIN meta.freshness f USING (dataset)"
        " WHERE h.session_date = ? ORDER BY h.dataset",
        now.session,
    )
    lines: list[list[Child]] = [
        [
            row["dataset"],
            tag("span", row["state"], class_=f"state {_STATES.get(row['state'], 'poor')}"),
            str(row["last_observation"] or NONE),
            str(row["expected_observation"] or NONE),
            str(NONE if row["staleness_sessions"] is None else row["staleness_sessions"]),
            f"{row['returned'] or 0} of {row['requested']}" if row["requested"] else NONE,
            row["vendor"] or NONE,
            row["criticality"],
        ]
        for row in found
    ]
    head = ("Input", "State", "Newest", "Expected", "Sessions old", "Answered", "Vendor", "Criticality")
    made = [table("Source health at the session", head, lines, (4,), "sources")]
    made.append(
        tag("p", "Nothing is expected by date of events and of lists, which keep no schedule.", class_="soft small")
    )
    if named := [row for row in found if row["missing_names"]]:
        listing = [tag("li", tag("b", row["dataset"]), f" {row['missing_names']}") for row in named]
        made.append(
            tag("details", tag("summary", "Series that did not answer, by name"), tag("ul", *listing, class_="plain"))
        )
    aside = rows(con, "SELECT dataset, rule, because, rows FROM meta.quarantine ORDER BY dataset, rule, because")
    held: list[list[Child]] = [
        [q["dataset"], tag("span", q["rule"], tag("small", q["because"]), class_="name"), f"{q['rows']:,}"]
        for q in aside
    ]
    if held:
        made.append(table("Rows set aside because they break a contract", ("Input", "Rule", "Rows"), held, (2,)))
    else:
        made.append(tag("p", "No row was set aside for breaking a contract.", class_="soft"))
    return made


def provenance(con: duckdb.DuckDBPyConnection, receipt: Mapping[str, Any]) -> list[Element]:
    """Which generation this is, made from what, and the content hash of every mart."""
    entries = (
        ("Generation", receipt["generation"]),
        ("Before it", receipt.get("previous") or "none: this is the first"),
        ("As of", f"{_moment(receipt['as_of'])}: nothing that became known later was used"),
        ("Vendors", f"{receipt['vendors']} ({receipt['world']} world, tier {receipt['tier']})"),
        ("Clock", receipt["clock"]),
        ("Code version", receipt["code_version"]),
        ("Inputs", receipt["inputs_sha256"]),
        ("Changed facts", _changes(con, receipt)),
    )
    listing = [part for name, value in entries for part in (tag("dt", name), tag("dd", str(value)))]
    hashes = rows(con, "SELECT mart, sha256 FROM meta.content ORDER BY mart")
    lines: list[list[Child]] = [[row["mart"], tag("code", row["sha256"])] for row in hashes]
    return [
        tag("dl", *listing, class_="provenance"),
        tag(
            "details",
            tag("summary", f"Content hash of {counted(len(hashes), 'mart')}"),
            table("Content hash by mart (sha256 over its rows)", ("Mart", "sha256"), lines, (), "hashes"),
        ),
    ]


def _moment(as_of: str) -> str:
    return f"{datetime.fromisoformat(as_of).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _changes(con: duckdb.DuckDBPyConnection, receipt: Mapping[str, Any]) -> str:
    if not receipt.get("previous"):
        return "everything is new in a first generation"
    found = rows(con, "SELECT kind, count(*) AS n FROM meta.revisions GROUP BY kind ORDER BY kind")
    return ", ".join(f"{row['n']:,} {row['kind']}" for row in found) or "none"


def licence(con: duckdb.DuckDBPyConnection, is_sample: bool) -> list[Element]:
    """Whose data this is and what may be done with the page."""
    if is_sample:
        return [
            tag(
                "p",
                "The sample market is invented: companies, prices, yields and flows are made up and belong to nobody.",
            )
        ]
    owners = rows(
        con,
        "SELECT licence_note, string_agg(name, ', ' ORDER BY series_id) AS names FROM marts.dim_series"
        " GROUP BY licence_note ORDER BY licence_note",
    )
    vendors = one(con, "SELECT string_agg(DISTINCT vendor, ', ' ORDER BY vendor) AS names FROM meta.freshness")["names"]
    return [
        tag("p", f"The data belongs to its vendors ({vendors}) and stands under their terms."
                 " This page is for your own use: do not pass it on."),
        tag("details", tag("summary", "Terms of the macro series"),
            tag("ul", *(tag("li", tag("b", o["licence_note"]), f" {o['names']}") for o in owners), class_="plain")),
    ]  # fmt: skip
