"""Who carried the index: the stocks that added most, the rest, what is left; and where the sectors stand.

Belongs here: what is read from the marts for these pictures, their captions and descriptions. Does not: drawing
(``charts``), cause: a contribution is arithmetic, weight times return, and says who moved the index, not why.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

import duckdb

from warehouse.report.charts import Plot, signed_bar
from warehouse.report.markup import Child, table, tag
from warehouse.report.pictures import figure, no_figure
from warehouse.report.query import Row, one, rows
from warehouse.report.standing import Standing
from warehouse.report.wording import NONE, counted, number, quantity, reason, short_day, signed

_TOP = 10
SOURCES = {
    "spy_holdings": "the fund's list of holdings",
    "ivv_holdings": "the fund's list of holdings",
    "edgar_shares": "shares as reported",
    "mixed": "holdings and reported shares",
}
_QUADRANTS = (  # corner of the map, class as in the mart, words
    (1, 1, "leading"),
    (1, -1, "weakening"),
    (-1, -1, "lagging"),
    (-1, 1, "improving"),
)


def stock(row: Row) -> Element:
    """The name of a stock with its symbol behind it, where that is another word."""
    return tag(
        "span", row["name"], tag("span", f" {row['symbol']}", class_="soft") if row["symbol"] != row["name"] else None
    )


def window(
    con: duckdb.DuckDBPyConnection, now: Standing, mart: str = "contribution_windows", status: str = "status"
) -> Row:
    """The window a move is taken apart for: since the low while a rally is open, else the last twenty sessions."""
    return one(
        con,
        f"SELECT * FROM marts.{mart} WHERE session_date = ? AND window_id IN ('since_trough', '20d')"
        f" ORDER BY {status} <> 'OK', window_id DESC LIMIT 1",
        now.session,
    )


def contributors(con: duckdb.DuckDBPyConnection, now: Standing, over: Row) -> list[Row]:
    """All stocks with what each added over that window, who added most first."""
    return rows(
        con,
        "SELECT c.contribution_pp, c.weight_start, i.name, i.symbol FROM marts.contributions c"
        " JOIN marts.dim_instrument i USING (instrument_id) WHERE c.session_date = ? AND c.window_id = ?"
        " ORDER BY c.contribution_pp DESC, c.instrument_id",
        now.session, over["window_id"],
    )  # fmt: skip


def concentration(con: duckdb.DuckDBPyConnection, now: Standing, over: Row) -> tuple[Row, str, str]:
    """(row of concentration_daily, end of the names of its columns for that window, their status)."""
    row = one(con, "SELECT * FROM marts.concentration_daily WHERE session_date = ?", now.session)
    suffix = "trough" if over["window_id"] == "since_trough" else "20d"
    return row, suffix, row.get(f"status_{suffix}") or "NOT_AVAILABLE"


def words_of(row: Row) -> str:
    """The window in words."""
    return "since the low" if row["window_id"] == "since_trough" else "in 20 sessions"


def carried(con: duckdb.DuckDBPyConnection, now: Standing) -> list[Element]:
    """The ten stocks that added most, with what their weight alone would have added; the rest; the residual; the sum."""
    title = "Who carried it"
    found = window(con, now)
    if not found or found["status"] != "OK":
        why = reason(found["status"]) if found else "no row for this session"
        return [no_figure(title, f"weights of the members are missing: {why}")]
    told = contributors(con, now, found)
    top, rest = told[:_TOP], told[_TOP:]
    whole = found["index_return_pp"]
    alone = [None if row["weight_start"] is None else row["weight_start"] * whole for row in top]
    others = sum(row["contribution_pp"] for row in rest)
    drawn_values = [*(row["contribution_pp"] for row in top), *(a for a in alone if a is not None)]
    reach = max(abs(v) for v in (*drawn_values, 0.01))
    is_signed = any(v < 0 for v in drawn_values)

    def line(name: Child, value: float, weight: float | None, mark: float | None) -> list[Child]:
        drawn = signed_bar(value / reach, "part", None if mark is None else mark / reach, is_signed=is_signed)
        return [
            name,
            tag("span", tag("span", signed(value, 2), class_="value"), drawn, class_="barred"),
            NONE if weight is None else f"{100 * weight:.1f}%",
        ]

    lines = [
        line(
            stock(row),
            row["contribution_pp"], row["weight_start"], mark,
        )
        for row, mark in zip(top, alone, strict=True)
    ]  # fmt: skip
    plain: list[list[Child]] = [
        [f"The other {len(rest)}", tag("span", signed(others, 2), class_="value"), ""],
        ["Left unexplained", tag("span", signed(found["residual_pp"], 2), class_="value"), ""],
        [tag("b", now.index["name"]), tag("span", signed(whole, 2), class_="value"), ""],
    ]
    start = short_day(found["window_start"])
    caption = f"{title} since {start}: points of the index's {quantity(whole, 'pct')}"
    return [
        table(
            caption, ("Stock", "Points; the tick is its weight alone", "Weight then"), [*lines, *plain], (2,), "carried"
        ),
        *_beside(con, now, found),
    ]


def _beside(con: duckdb.DuckDBPyConnection, now: Standing, found: Row) -> list[Element]:
    """How narrow that is, and how many members stand above their averages, in sentences."""
    row, suffix, status = concentration(con, now, found)
    said = []
    if status == "OK":
        said.append(
            f"The ten largest made {100 * row[f'top10_contribution_share_{suffix}']:.0f}% of it, with"
            f" {100 * row[f'top10_weight_start_{suffix}']:.0f}% of the weight when it began. As many as"
            f" {row[f'effective_contributors_{suffix}']:.0f} stocks of equal size would have been as broad,"
            f" of {counted(row['n_weighed'], 'stock')}."
        )
    if row and row["status_weights"] == "OK":
        said.append(
            f"Now the ten largest weigh {100 * row['top10_weight']:.1f}%, the largest {100 * row['top1_weight']:.1f}%."
            f" Weights: {SOURCES.get(found['weight_source'], found['weight_source'])}."
        )
    said += [one_above] if (one_above := _above(con, now)) else []
    return [tag("p", " ".join(said), class_="aside")] if said else []


def _above(con: duckdb.DuckDBPyConnection, now: Standing) -> str:
    """Members above their averages; where the point value is withheld, what it lies between."""
    row = one(
        con,
        "SELECT * FROM marts.breadth_daily WHERE is_default AND segment_type = 'universe' AND session_date = ?",
        now.session,
    )
    parts = []
    for days in (50, 200):
        value, low, high = (row.get(f"pct_above_sma{days}{end}") for end in ("", "_low", "_high"))
        if value is not None:
            parts.append(f"{value:.0f}% stand above their {days}-day average")
        elif low is not None and high is not None:
            parts.append(f"between {low:.0f}% and {high:.0f}% stand above their {days}-day average")
    return f"Of all members {' and '.join(parts)}." if parts else ""


def sector_map(con: duckdb.DuckDBPyConnection, now: Standing) -> Element:
    """Each sector's strength against the index and how that changes, as of the last week that is over."""
    title = "Sectors: strength against the index, and its momentum"
    found = rows(
        con,
        "SELECT l.*, s.name FROM marts.sector_leadership_daily l JOIN marts.dim_sector s USING (sector_id)"
        " WHERE l.session_date = ? ORDER BY l.rank_20d NULLS LAST, s.sort_order",
        now.session,
    )
    drawn = [row for row in found if row["status_rotation"] == "OK"]
    if not drawn:
        why = reason(found[0]["status_rotation"]) if found else "no row for this session"
        return no_figure(title, why)
    reach = 1.12 * max(abs(row[axis] - 100) for row in drawn for axis in ("rotation_x", "rotation_y"))
    plot = Plot(330, (100 - reach, 100 + reach), (100 - reach, 100 + reach))
    plot.grid([100], lambda v: "")
    plot.upright(100)
    for across, up, word in _QUADRANTS:
        plot.note(100 + 0.96 * across * reach, 100 + 0.9 * up * reach, word.capitalize(), "corner", up < 0)
    for n, row in enumerate(drawn, start=1):
        plot.badge(row["rotation_x"], row["rotation_y"], n, is_fixed=True)
    listing = [_sector_words(row) for row in drawn]
    others = [f"{row['name']}: {reason(row['status_rotation'])}" for row in found if row["status_rotation"] != "OK"]
    return figure(
        title,
        plot.element("sector-map", title, "; ".join(listing) + "."),
        tag("p", f"To the right: stronger than its own last 14 weeks against the index; above: getting stronger. Week that"
                 f" ended {short_day(drawn[0]['week_end'])}; numbered by return of 20 sessions.", class_="soft small"),
        tag("ol", *(tag("li", words) for words in listing), class_="marks"),
        tag("p", "; ".join(others) + ".", class_="soft small") if others else None,
    )  # fmt: skip


def _sector_words(row: Row) -> str:
    lead = row["relative_strength_20d"]
    beside = f", {signed(lead, 1)} pp against the index" if lead is not None else ""
    gained = row["return_20d"]
    said = f" {number(gained, 1)}%{beside}" if gained is not None else f" {NONE} {reason(row['status_return'])}"
    return f"{row['name']}: {row['rotation_quadrant']};{said}"
