"""How claims look in a terminal. Belongs here: layout. Does not: judging anything (``claims``)."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.text import Text

from orchestration.claims import Claim
from orchestration.show import stderr, stdout

_COLOURS = {"TRUE": "green", "FALSE": "red", "PARTLY": "yellow", "ERROR": "bold red"}
_ID, _VERDICT = 9, 13  # columns
_FOUND = 2  # lines of figures in the table; one claim alone shows all


def show(claims: Sequence[Claim], *, whole: bool = False) -> None:
    """The table, or with ``whole`` one claim with everything known of it. Errors go to stderr."""
    out = stdout()
    for line in one(claims[0], out.width) if whole else lines(claims, out.width):
        out.print(line, soft_wrap=True)
    for claim in claims:
        if claim.error:
            stderr().print(f"[bold red]{claim.claim_id}:[/] ", end="")
            stderr().print(Text(claim.error), soft_wrap=True)
    if wrong := [claim.claim_id for claim in claims if claim.error]:
        stderr().print(f"Correct what is named, then: updraft claims {wrong[0]}", soft_wrap=True)


def lines(claims: Sequence[Claim], width: int) -> list[Text]:
    """The table as lines of at most ``width`` columns: verdict then and now, the claim, the figures of now."""
    room = max(20, width - _ID - 2 * _VERDICT)
    made = [Text(f"{'claim':<{_ID}}{'then':<{_VERDICT}}{'now':<{_VERDICT}}what was said; what is found", "bold")]
    for claim in claims:
        said = f"{claim.outlet + ': ' if claim.outlet else ''}{claim.statement}" or "cannot be judged"
        mark = "" if claim.basis in ("", "computed") else f" [{claim.basis}]"
        told = textwrap.wrap(f"{said}{mark}", room)
        found = textwrap.wrap(claim.found_now, room, max_lines=_FOUND, placeholder=" …")
        name = claim.claim_id if len(claim.claim_id) < _ID else f"{claim.claim_id[: _ID - 2]}…"
        for n, text in enumerate(told + found):
            head = Text(" " * (_ID + 2 * _VERDICT))
            if n == 0:
                head = Text.assemble(
                    (f"{name:<{_ID}}", "bold"),
                    *((f"{v.replace('_', ' ').lower():<{_VERDICT}}", _COLOURS.get(v, "dim"))
                      for v in (claim.verdict_then, claim.verdict_now)),
                )  # fmt: skip
            made.append(Text.assemble(head, (text, "dim" if n >= len(told) else "")))
    counts = {v: sum(c.verdict_now == v for c in claims) for v in dict.fromkeys(c.verdict_now for c in claims)}
    until = max((c.judged_until for c in claims if c.judged_until), default=None)
    tail = f"now: {until}, " + ", ".join(f"{n} {v.replace('_', ' ').lower()}" for v, n in sorted(counts.items()))
    made += [Text(), *(Text(part, "dim") for part in textwrap.wrap(tail, width))]
    made += [
        Text(part, "dim")
        for part in textwrap.wrap(
            "association: because is read as: at that time, in that direction. cited: a figure somebody printed."
            " All of one claim, with its SQL: updraft claims C01. Your own: updraft claims --help", width,
        )
    ]  # fmt: skip
    return made


def one(claim: Claim, width: int) -> list[Text]:
    """One claim with all that is known of it."""
    made = [Text.assemble((claim.claim_id, "bold"), "  ", f"{claim.outlet}, {claim.reported_on}")]
    for head, text in (
        ("said", claim.statement),
        ("headline", claim.title),
        ("rests on", claim.basis),
        ("settles", str(claim.settles_on or "")),
        ("then", f"{claim.verdict_then}: {claim.found_then}".removesuffix(": ")),
        ("now", f"{claim.verdict_now} ({claim.judged_until}): {claim.found_now}".removesuffix(": ")),
        ("as SQL", claim.predicate_sql),
    ):
        if text:
            wrapped = textwrap.wrap(text, width, initial_indent=f"  {head:<10}", subsequent_indent=" " * 12)
            made += [Text(line) for line in wrapped]
    return made
