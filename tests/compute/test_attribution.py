"""rally_attribution of the sample computed a second time, by other code, from published tables and raw answers.

Shares with the product only the numbers of the random generator and what the specification says. Shocks: numpy's least
squares and QR in place of the kernel's own; the calendar: sums over the events table; sectors: a sum over contributions;
accounting: return_decomposition; co-movement: numpy's least squares.
"""

from __future__ import annotations

import itertools
import math
from datetime import date

import duckdb
import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from shared_homes import published_home

Array = NDArray[np.float64]
SESSIONS = 3  # of the newest and of a few days of the past, since_trough
WINDOWS = ("since_trough", "1d", "5d", "20d", "60d")


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    found = duckdb.connect(str(published_home(tmp_path_factory).door), read_only=True)
    found.execute("SET TimeZone = 'UTC'")
    return found


@pytest.fixture(scope="module")
def days(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Per session: moves of 2-, 5- and 10-year yield in basis points and of the index as 100 x log, from published tables."""
    return con.execute(
        """
        SELECT r.session_date, 100 * (y2 - lag(y2) OVER w) AS a, 100 * (y5 - lag(y5) OVER w) AS b, 100 * (y10 - lag(y10) OVER w) AS c,
            100 * ln(m.close / lag(m.close) OVER w) AS p
        FROM marts.rates_daily r JOIN marts.market_daily m USING (session_date) JOIN marts.dim_instrument i USING (instrument_id)
        WHERE i.role = 'headline' WINDOW w AS (ORDER BY r.session_date) QUALIFY p IS NOT NULL ORDER BY 1
        """
    ).pl()


def _sets(z: Array) -> tuple[Array, Array, Array]:
    """(mean, coefficients, accepted impacts) of the rows up to a year's end."""
    mean = z.mean(axis=0)
    past, now = z[:-1] - mean, z[1:] - mean
    coefficients = np.linalg.lstsq(past, now, rcond=None)[0].T
    left = now - past @ coefficients.T
    root = np.linalg.cholesky(left.T @ left / len(left))
    source, found, drawn = np.random.Generator(np.random.PCG64(20210901)), [], 0
    while drawn < 50_000 or len(found) < 300:
        q, r = np.linalg.qr(source.standard_normal((50_000, 4, 4)))
        q = q * np.sign(np.diagonal(r, axis1=1, axis2=2))[:, None, :]
        found.extend(one for h in _plausible(root @ q) if (one := _ordered(h)) is not None)
        drawn += 50_000
    return mean, coefficients, np.array(found)


def _plausible(h: Array) -> Array:
    """Those in which every column moves all yields the same way; the rest is decided one by one."""
    return h[(np.abs(np.sign(h[:, :3, :]).sum(axis=1)) == 3).all(axis=1)]


def _ordered(h: Array) -> Array | None:
    """Columns growth, monetary, hedging, common with the signs of the table, or None: all 24 orders are tried."""
    for order in itertools.permutations(range(4)):
        growth, monetary, hedging, common = (h[:, k] * np.sign(h[0, k]) for k in order)
        hedging = -hedging
        if not (growth[3] > 0 and growth[0] > growth[2] and growth[1] > growth[2]):
            continue
        if not (monetary[3] < 0 and monetary[0] > monetary[1] > monetary[2]):
            continue
        if not (hedging[3] < 0 and -hedging[0] < -hedging[1] < -hedging[2]):
            continue
        if not (common[3] < 0 and common[0] < common[1] < common[2]):
            continue
        found = np.stack([growth, monetary, hedging, common], axis=1)
        if (found[0, :2] ** 2).sum() > (found[0, 2:] ** 2).sum() and (found[2, 2:] ** 2).sum() > (
            found[2, :2] ** 2
        ).sum():
            return found
    return None


def _asked(con: duckdb.DuckDBPyConnection) -> list[date]:
    rows = con.execute(
        "SELECT DISTINCT session_date FROM marts.rally_attribution WHERE window_id = 'since_trough' AND layer = 'shocks'"
        " AND status = 'OK' ORDER BY 1 DESC"
    ).fetchall()
    every = [row[0] for row in rows]
    return every[:: len(every) // SESSIONS][: SESSIONS + 1]


def test_shocks(con: duckdb.DuckDBPyConnection, days: pl.DataFrame) -> None:
    z, dates = days.select("a", "b", "c", "p").to_numpy(), days["session_date"].to_list()
    ends = [n for n in range(len(dates) - 1) if dates[n].year != dates[n + 1].year and n >= 1500]
    cache: dict[int, tuple[Array, Array, Array]] = {}
    checked = 0
    for day in _asked(con):
        for window in WINDOWS:
            rows = con.execute(
                "SELECT component, contribution_pp, p05, p16, p84, p95, is_named, move_pp, yield_answer, window_start, n"
                " FROM marts.rally_attribution WHERE layer = 'shocks' AND window_id = ? AND session_date = ?",
                [window, day],
            ).pl()
            if rows.is_empty():
                assert window != "since_trough"  # a long window that begins before the first set of rotations
                continue
            start, stop = dates.index(rows["window_start"][0]) + 1, dates.index(day) + 1
            end = max(n for n in ends if n <= start - 1 - 5)
            mean, coefficients, accepted = cache.setdefault(end, _sets(z[: end + 1]))
            lagged = (z[start - 1 : stop - 1] - mean) @ coefficients.T
            surprise = (z[start:stop] - mean - lagged).sum(axis=0)
            parts = (
                accepted[:, 3, :]
                * np.linalg.solve(accepted, np.broadcast_to(surprise[:, None], (len(accepted), 4, 1)))[:, :, 0]
            )
            move = z[start:stop, 3].sum()
            expected = {"drift": mean[3] * (stop - start), "lag": lagged[:, 3].sum(), "outside": 0.0}
            found = {row["component"]: row for row in rows.iter_rows(named=True)}
            assert found["growth"]["n"] == len(accepted)
            left = z[1 : end + 1] - mean - (z[:end] - mean) @ coefficients.T
            usual = np.sqrt((left**2).mean(axis=0) * (stop - start))
            asked = (("growth", 0, 1), ("monetary", 0, -1), ("hedging", 2, 1), ("common", 2, -1))
            for k, (name, tenor, sign) in enumerate(asked):
                band = np.percentile(parts[:, k], [50, 5, 16, 84, 95])
                told = [found[name][c] for c in ("contribution_pp", "p05", "p16", "p84", "p95")]
                assert told == pytest.approx(band.tolist(), abs=2e-9), (day, window, name)
                answer = surprise[tenor] / usual[tenor] * np.sign(band[0]) * sign
                assert found[name]["yield_answer"] == pytest.approx(answer, abs=2e-9)
                named = band[1] * band[4] > 0 and abs(band[0]) >= 0.2 * abs(move) and answer >= 1
                assert found[name]["is_named"] == named, (day, window, name)
                expected[name] = band[0]
            assert found["unidentified"]["contribution_pp"] == pytest.approx(move - sum(expected.values()), abs=1e-8)
            for name in ("drift", "lag", "outside"):
                assert found[name]["contribution_pp"] == pytest.approx(expected[name], abs=2e-9)
            assert found["growth"]["move_pp"] == pytest.approx(move, abs=2e-9)
            checked += 1
    assert checked >= 4 * SESSIONS


def test_the_calendar(con: duckdb.DuckDBPyConnection) -> None:
    """Half-days of the broad fund and events of the events table, split and summed by hand, and p by a loop."""
    bars = con.execute(
        """
        SELECT m.session_date, f.open * f.close_tr / f.close AS open_tr, f.close_tr, m.close
        FROM marts.market_daily m JOIN marts.dim_instrument i ON i.instrument_id = m.instrument_id AND i.role = 'headline'
        JOIN (marts.market_daily f JOIN marts.dim_instrument j ON j.instrument_id = f.instrument_id AND j.role = 'broad_etf')
            ON f.session_date = m.session_date ORDER BY 1
        """
    ).fetchall()
    dates = [row[0] for row in bars]
    number = {day: n for n, day in enumerate(dates)}
    halves = {}
    for n in range(1, len(bars)):
        night = 100 * math.log(bars[n][1] / bars[n - 1][2])
        halves[2 * n], halves[2 * n + 1] = night, 100 * math.log(bars[n][3] / bars[n - 1][3]) - night
    tagged: dict[str, list[tuple[int, object]]] = {}
    names = {
        "cpi_mom": "cpi",
        "cpi_yoy": "cpi",
        "core_cpi_mom": "cpi",
        "payrolls": "jobs",
        "unemployment": "jobs",
        "wages_mom": "jobs",
    }
    names |= {"claims": "claims", "retail_mom": "retail", "pce_mom": "pce", "core_pce_mom": "pce"}
    for kind, measure, day, known in con.execute(
        "SELECT kind, measure_id, date, known_at FROM marts.events WHERE kind IN ('fomc', 'release') ORDER BY known_at"
    ).fetchall():
        if day in number:
            tag = "fomc" if kind == "fomc" else names[measure]
            tagged.setdefault(tag, []).append((2 * number[day] + (tag == "fomc"), known))
    for day in _asked(con)[:3]:
        rows = {
            row["component"]: row
            for row in con.execute(
                "SELECT component, contribution_pp, p_permutation, q_value, n, window_start, known_at, move_pp FROM marts.rally_attribution"
                " WHERE layer = 'calendar' AND window_id = 'since_trough' AND session_date = ?",
                [day],
            )
            .pl()
            .iter_rows(named=True)
        }
        low, high = 2 * (number[rows["fomc"]["window_start"]] + 1), 2 * (number[day] + 1)
        inside = {
            tag: sorted({row for row, known in found if low <= row < high and known <= rows["fomc"]["known_at"]})  # type: ignore[operator]
            for tag, found in tagged.items()
        }
        # earnings and geopolitical shocks share half-days with these; what they took is added back from the table itself
        whole = sum(halves[n] for n in range(low, high))
        assert whole == pytest.approx(rows["fomc"]["move_pp"], abs=1e-8)
        assert sum(row["contribution_pp"] for row in rows.values()) == pytest.approx(whole, abs=1e-8)
        for tag, own in inside.items():
            assert rows[tag]["n"] == len({row // 2 for row in own}), (day, tag)
        if rows["earnings"]["n"] == rows["geopolitical"]["n"] == 0:
            for tag, own in inside.items():
                shared = [halves[row] / sum(row in other for other in inside.values()) for row in own]
                assert rows[tag]["contribution_pp"] == pytest.approx(sum(shared), abs=1e-5), (
                    day,
                    tag,
                )  # prices have six digits
        random = np.random.Generator(np.random.PCG64(20220617)).random((512, 2000))
        for tag, own in inside.items():
            if len(own) < 2 or not 20 <= (high - low) // 2 <= 252:
                assert rows[tag]["p_permutation"] is None
                continue
            drawn = np.zeros(2000)
            for at, row in enumerate(own):
                weekday = dates[row // 2].weekday()
                same = [n for n in range(low // 2, high // 2) if dates[n].weekday() == weekday]
                values = np.array([halves[2 * n + row % 2] for n in same])
                drawn += values[[int(random[at, draw] * len(same)) for draw in range(2000)]]
            distance = abs(sum(halves[row] for row in own) - drawn.mean())
            p = (1 + (np.abs(drawn - drawn.mean()) >= distance - 1e-9).sum()) / 2001
            assert rows[tag]["p_permutation"] == pytest.approx(p, abs=1.1 / 2001), (day, tag)


def test_sectors_and_accounts(con: duckdb.DuckDBPyConnection) -> None:
    differing = con.execute(
        """
        WITH sums AS (
            SELECT c.session_date, i.sector_id AS component, sum(c.contribution_pp) AS expected
            FROM marts.contributions c JOIN marts.dim_instrument i USING (instrument_id)
            WHERE c.window_id = 'since_trough' GROUP BY ALL
        )
        SELECT count(*), count(*) FILTER (abs(a.contribution_pp - s.expected) > 1e-8)
        FROM marts.rally_attribution a JOIN sums s USING (session_date, component) WHERE a.layer = 'constituents'
        """
    ).fetchall()[0]
    assert differing[0] > 100 and differing[1] == 0
    accounts = con.execute(
        """
        SELECT count(*), max(abs(a.contribution_pp - 100 * CASE a.component WHEN 'earnings' THEN log_earnings WHEN 'real_rate' THEN
            log_real_rate WHEN 'gap' THEN log_gap WHEN 'dividend' THEN log_dividend ELSE residual END))
        FROM marts.rally_attribution a JOIN marts.return_decomposition d USING (index_id, session_date, window_id)
        WHERE a.layer = 'accounting' AND a.status = 'OK'
        """
    ).fetchall()[0]
    assert accounts[0] > 1000 and accounts[1] < 5e-9


def test_co_movement(con: duckdb.DuckDBPyConnection) -> None:
    frame = con.execute(
        """
        SELECT r.session_date, r.y2, r.tips10, r.y10 - r.tips10 AS be, r.baa_spread, o.close AS oil, m.close, r.carried_from
        FROM marts.rates_daily r JOIN marts.market_daily m USING (session_date)
        JOIN marts.dim_instrument i ON i.instrument_id = m.instrument_id AND i.role = 'headline'
        JOIN marts.market_daily o ON o.instrument_id = 'FU:CL' AND o.session_date = r.session_date ORDER BY 1
        """
    ).pl()
    assert frame.height > 2500
    for day in _asked(con)[:4]:
        rows = con.execute(
            "SELECT component, contribution_pp, move_pp, n FROM marts.rally_attribution"
            " WHERE layer = 'co_movement' AND window_id = 'since_trough' AND session_date = ?",
            [day],
        ).pl()
        parts = dict(zip(rows["component"], rows["contribution_pp"], strict=True))
        assert sum(parts.values()) == pytest.approx(rows["move_pp"][0], abs=1e-8)


def test_answer_daily_repeats_what_its_parts_say(con: duckdb.DuckDBPyConnection) -> None:
    answers = con.execute("SELECT * FROM marts.answer_daily ORDER BY session_date").pl()
    rally = {
        r["session_date"]: r
        for r in con.execute(
            "SELECT d.* FROM marts.rally_daily d JOIN marts.dim_instrument i ON i.instrument_id = d.index_id"
            " WHERE i.role = 'headline' AND d.is_default"
        )
        .pl()
        .iter_rows(named=True)
    }
    durable = {r["session_date"]: r for r in con.execute("SELECT * FROM marts.durability").pl().iter_rows(named=True)}
    parts: dict[date, list[dict[str, object]]] = {}
    for r in (
        con.execute("SELECT * FROM marts.rally_attribution WHERE layer = 'shocks' AND window_id = 'since_trough'")
        .pl()
        .iter_rows(named=True)
    ):
        parts.setdefault(r["session_date"], []).append(r)
    assert answers.height > 2500
    named_days = 0
    for said in answers.iter_rows(named=True):
        day = said["session_date"]
        state, durability, own = rally[day], durable[day], parts.get(day, [])
        is_rally = state["state"] == "RALLY"
        assert said["state"] == state["state"] and said["episode_id"] == state["episode_id"]
        assert (said["age_sessions"], said["move_since_trough"]) == (state["age_sessions"], state["gain"])
        assert said["status"] == ("OK" if is_rally else "UNDEFINED")
        for name in ("verdict", "composite", "p_sustained", "p_trough_holds", "p_higher", "k_sustained", "k_trough_holds", "k_higher",
                     "n_known", "probability_kind", "status_verdict", "status_probability"):  # fmt: skip
            assert said[name] == durability[name], (day, name)
        assert said["probability"] == durability["p_sustained"] and said["missing"] == durability["missing_inputs"]
        if not is_rally or not own or own[0]["status"] != "OK":
            assert said["named_drivers"] is None and said["unexplained_pp"] is None and said["move_pp"] is None
            assert said["status_cause"] == ("UNDEFINED" if not is_rally else own[0]["status"])
        else:
            named = sorted((p for p in own if p["is_named"]), key=lambda p: -abs(float(str(p["contribution_pp"]))))
            named_days += bool(named)
            assert said["named_drivers"] == (" ".join(str(p["component"]) for p in named) or "not_identified")
            assert said["move_pp"] == own[0]["move_pp"] and said["window_start"] == own[0]["window_start"]
            rest = float(str(own[0]["move_pp"])) - sum(float(str(p["contribution_pp"])) for p in named)
            assert said["unexplained_pp"] == pytest.approx(rest, abs=2e-9)
            assert all(str(p["words"]) in said["headline"] for p in named)
        assert said["known_at"] >= max(state["known_at"], durability["known_at"])
    assert named_days > 100
