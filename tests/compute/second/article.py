"""The article line by line, judged again: what each link says of the newest session, and what a line sums up.

Belongs here: the marts ``article_links`` and ``article_lines``. Does not: readings and claims, which other modules compute
again: of those the published rows are read.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl

from second.facts import World, micros


@cache
def _links(world: World) -> list[dict[str, Any]]:
    newest, snapshot = world.days[-1], int(world.snapshots[-1])
    by_reading: dict[str, list[dict[str, Any]]] = {}
    for row in world.published("indicator_readings").filter(pl.col("session_date") == newest).iter_rows(named=True):
        by_reading.setdefault(row["reading_id"], []).append(row)
    claims = {row["claim_id"]: row for row in world.published("claims_audit").iter_rows(named=True)}
    names = {row["reading_id"]: row for row in world.seed("indicators")}
    found = []
    for target in world.seed("article_targets"):
        kind, name = target["target_kind"], target["target_id"]
        link = {
            "line_no": int(target["line_no"]), "link_no": int(target["link_no"]), "session_date": newest, "kind": kind,
            "label": name or target["mart"], "value": None, "unit": None, "value_text": None, "direction": None,
            "verdict": None, "status": "OK", "known_at": snapshot,
        }  # fmt: skip
        if kind == "claim":
            claim = claims.get(name)
            link |= (
                {"label": claim["statement"], "verdict": claim["verdict_now"]} if claim else {"status": "NOT_AVAILABLE"}
            )
        if kind == "reading":
            link |= {"label": names[name]["name"], "unit": names[name]["unit"]} | _reading(
                by_reading.get(name, []), snapshot
            )
        found.append(link)
    return found


def _reading(rows: list[dict[str, Any]], snapshot: int) -> dict[str, Any]:
    if not rows:
        return {"status": "NOT_AVAILABLE", "known_at": snapshot}
    known = [row for row in rows if row["status"] == "OK"]
    status = "OK" if known else min(row["status"] for row in rows)
    one: dict[str, Any] = {}
    if len(rows) > 1:
        one = {"value_text": f"{len(known)} of {len(rows)} have a value"}
    elif known:
        one = {name: rows[0][name] for name in ("value", "value_text", "direction")}
    return one | {"status": status, "known_at": max(micros(row["known_at"]) for row in rows)}


def article_links(world: World) -> pl.DataFrame:
    """The mart."""
    return pl.DataFrame(_links(world), infer_schema_length=None).drop("kind")


def _verdict(links: list[dict[str, Any]]) -> str:
    told = [f"{link['name']} {link['verdict']}" for link in links if link["verdict"]]
    if told:
        return ", ".join(told)
    readings = [link for link in links if link["kind"] == "reading"]
    ways = {link["direction"] for link in readings} & {"bullish", "bearish"}
    if readings:
        if all(link["status"] != "OK" for link in readings):
            return "NO_DATA"
        return (
            "mixed"
            if len(ways) == 2
            else {"bullish": "points up", "bearish": "points down"}.get(min(ways, default=""), "no direction")
        )
    if any(link["kind"] == "claim" for link in links):
        return "NO_DATA"
    return "see the tables" if links else "not judged"


def _said(link: dict[str, Any]) -> str:
    value = None if link["value"] is None else f"{link['value']:.6g} {link['unit']}"
    return f"{link['label']} {link['value_text'] or value or link['status']}"


def article_lines(world: World) -> pl.DataFrame:
    """The mart."""
    by_line: dict[int, list[dict[str, Any]]] = {}
    for target, link in zip(world.seed("article_targets"), _links(world), strict=True):
        by_line.setdefault(link["line_no"], []).append(link | {"name": target["target_id"]})
    rows = []
    for line in world.seed("article"):
        if line["kind"] == "blank":
            continue
        links = sorted(by_line.get(int(line["line_no"]), []), key=lambda link: link["link_no"])
        readings = [link for link in links if link["kind"] == "reading"]
        claims = [link for link in links if link["kind"] == "claim"]
        rows.append(
            {
                "line_no": int(line["line_no"]), "session_date": world.days[-1], "links": len(links),
                "reading_ids": " ".join(link["name"] for link in readings) or None,
                "claim_ids": " ".join(link["name"] for link in claims) or None,
                "readings": len(readings), "readings_known": sum(link["status"] == "OK" for link in readings),
                "readings_up": sum(link["direction"] == "bullish" for link in readings),
                "readings_down": sum(link["direction"] == "bearish" for link in readings),
                "reading_today": "; ".join(map(_said, readings)) or None,
                "verdict": _verdict(links),
                "known_at": max((link["known_at"] for link in links), default=int(world.snapshots[-1])),
            }
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)
