"""The durability ledger: every sub-test as a value on its way to the threshold, and how good such verdicts were so far.

Belongs here: what is read from the marts for it. Does not: the five lamps (``strip``).
"""

from __future__ import annotations

from itertools import groupby
from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.conclusion import CRITERIA, Check, Conclusion
from warehouse.report.markup import Child, table, tag
from warehouse.report.query import rows
from warehouse.report.wording import NONE, counted, number, quantity, reason

_KINDS = {
    "benchmark": "Benchmark: the better of the next two",
    "age_matched": "Past rallies of this age",
    "barrier": "A random walk from here",
    "model": "Checklist, all five criteria",
} | {name: f"Checklist, {title.lower()} alone" for name, title in CRITERIA}


def ledger(found: Conclusion) -> list[Element]:
    """Every test as a dot right or left of its threshold, by criterion; below, folded, values and thresholds."""
    if not found.checks:
        return [tag("p", f"{NONE} {reason(found.status_verdict)}", class_="absent")]
    by = {name: list(tests) for name, tests in groupby(found.checks, lambda test: test.criterion)}
    shown = [(by[name], f"{title}: {_told(by[name])}") for name, title in CRITERIA if name in by]
    return [
        tag(
            "div",
            *(
                tag("section", tag("h3", title), tag("ul", *(_line(test) for test in tests), class_="tests"))
                for tests, title in shown
            ),
            class_="columns ledgers",
        ),
        tag(
            "details",
            tag("summary", "Values and thresholds"),
            *(
                table(title, ["Test", "Value", "Needs"], [_row(test) for test in tests], (1, 2), "ledger")
                for tests, title in shown
            ),
        ),
    ]


def _line(test: Check) -> Element:
    if test.is_passed is None:
        return tag("li", tag("span", test.label), tag("span", reason(test.status), class_="absent small"))
    said = tag("span", "holds " if test.is_passed else "fails ", class_="unseen")
    return tag("li", tag("span", test.label), tag("span", said, _dumbbell(test)))


def _told(tests: list[Check]) -> str:
    told = [test for test in tests if test.is_passed is not None]
    return f"{sum(bool(t.is_passed) for t in told)} of {counted(len(told), 'test')} hold" + (
        f", {len(tests) - len(told)} not told" if len(told) < len(tests) else ""
    )


def _row(test: Check) -> list[Child]:
    if test.is_passed is None or test.value is None:
        return [test.label, tag("span", reason(test.status), class_="absent"), test.needs]
    return [test.label, quantity(test.value, test.unit), test.needs]


def _dumbbell(test: Check) -> Element:
    """The value as a dot right of the threshold where the test holds, left where it fails; how far, in shares of the threshold
    (at most one), decides the distance."""
    distance = test.distance or 0.0
    scale = max(abs(test.threshold), 1.0)
    part = max(-1.0, min(1.0, distance / scale))
    part = max(part, 0.04) if test.is_passed else min(part, -0.04)
    at = 50 + 46 * part
    start, end = sorted((50.0, at))
    way = "bullish" if test.is_passed else "bearish"
    return tag(
        "svg",
        tag("rect", x=f"{start:.1f}%", y="6", width=f"{end - start:.1f}%", height="4", class_=way),
        tag("line", x1="50%", x2="50%", y1="1", y2="15", class_="middle"),
        tag("circle", cx=f"{at:.1f}%", cy="8", r="5", class_=way),
        class_="bar rail", width="100%", height=16, aria_hidden="true",
    )  # fmt: skip


def skill(con: duckdb.DuckDBPyConnection, found: Conclusion) -> list[Element]:
    """Brier scores of every kind of chance beside the benchmark's at the same decisions, and what such chances were followed by."""
    told = rows(
        con,
        "SELECT * FROM marts.durability_skill WHERE index_id = ? AND session_date <= ? AND status = 'OK'"
        " QUALIFY row_number() OVER (PARTITION BY kind ORDER BY session_date DESC) = 1 ORDER BY kind",
        found.index_id, found.session,
    )  # fmt: skip
    if not told:
        return [tag("p", f"{NONE} no outcome of a past rally is known yet", class_="absent")]
    by = {row["kind"]: row for row in told}
    body: list[list[Child]] = [
        [
            title, number(by[kind]["brier"], 3),
            NONE if by[kind]["brier_benchmark"] is None else number(by[kind]["brier_benchmark"], 3),
            str(by[kind]["n_decisions"]), str(by[kind]["n_episodes"]),
        ]
        for kind, title in _KINDS.items() if kind in by
    ]  # fmt: skip
    caption = "How good such chances were: mean squared error of past decisions (Brier; always saying .5 gives .250)"
    made = [
        table(caption, ["Chance by", "Brier", "Benchmark there", "Decisions", "Rallies"], body, (1, 2, 3, 4), "skill")
    ]
    if reliability := _reliability(con, found):
        made.append(reliability)
    return made


def _reliability(con: duckdb.DuckDBPyConnection, found: Conclusion) -> Element | None:
    """Chances told at past decisions in five classes, beside the share that lasted."""
    told = rows(
        con,
        "SELECT least(floor(5 * p_sustained), 4) AS class, count(*) AS n, avg(p_sustained) AS said, avg(CAST(is_sustained AS DOUBLE)) AS came"
        " FROM marts.verdict_track_record WHERE index_id = ? AND is_sustained IS NOT NULL AND p_sustained IS NOT NULL"
        " AND settles_on <= ? GROUP BY 1 ORDER BY 1",
        found.index_id, found.session,
    )  # fmt: skip
    if not told:
        return None
    body: list[list[Child]] = [
        [
            f"{20 * int(row['class'])} to {20 * int(row['class']) + 20} in 100",
            f"{100 * row['said']:.0f}", f"{100 * row['came']:.0f}", str(row["n"]),
        ]
        for row in told
    ]  # fmt: skip
    return table(
        "Reliability: what was said at past decisions, and how often it came", ["Said", "Mean said", "Came, of 100", "Decisions"],
        body, numeric=(1, 2, 3), class_="skill",
    )  # fmt: skip
