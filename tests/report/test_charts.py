"""Marks of a plot: where they stand, and that nothing is drawn where nothing is known."""

from __future__ import annotations

import math
import re
from xml.etree.ElementTree import Element

import pytest

from warehouse.report.charts import Plot, decimals, interval, signed_bar, standing_dot, ticks

HEIGHT, TOP, FOOT = 138, 14, 114  # of a plot of 100 pixels between its edges


def plot(x: tuple[float, float] = (0, 10), y: tuple[float, float] = (0, 1)) -> Plot:
    return Plot(HEIGHT, x, y)


def drawn(made: Plot, class_: str) -> Element:
    (found,) = [e for e in made.element("x", "X", "x.").iter() if e.get("class") == class_]
    return found


def runs(path: str) -> list[list[tuple[float, float]]]:
    """The places a path of absolute starts and steps goes through, by stretch."""
    made = []
    for stretch in path.split("M")[1:]:
        head, steps = stretch.rstrip("Z").split("l")
        x, y = map(float, head.split())
        places = [(x, y)]
        numbers = [float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", steps)]
        for across, down in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + across, y + down
            places.append((x, y))
        made.append(places)
    return made


def test_a_line_of_steps_stays_where_its_values_are() -> None:
    points = [(float(i), 0.5 + 0.3 * math.sin(i * 1.37)) for i in range(1261)]
    made = plot((0, 1260))
    made.line(points, "main")
    (places,) = runs(str(drawn(made, "line main").get("d")))
    assert len(places) == len(points)
    for (x, y), (i, value) in zip(places, points, strict=True):
        assert abs(x - 1000 * i / 1260) <= 0.0501
        assert abs(y - (FOOT - 100 * value)) <= 0.0501


def test_a_line_has_gaps_and_a_lone_value_is_a_dot() -> None:
    made = plot()
    made.line([(0, 0.5), (1, 0.25), (2, None), (3, 0.75), (4, None), (5, None), (6, 1), (7, 0)], "main")
    path = str(drawn(made, "line main").get("d"))
    assert runs(path) == [[(0, 64), (100, 89)], [(300, 39), (300, 39)], [(600, 14), (700, 114)]]


def test_an_interval_is_a_surface_between_its_ends() -> None:
    made = plot()
    made.between([(0, 0.25, 0.5), (1, 0.5, 0.75), (2, None, 0.9), (3, 0.1, None), (4, 0, 1), (5, 0, 1)], "interval")
    found = [e for e in made.element("x", "X", "x.").iter() if e.get("class") == "area interval"]
    assert [runs(str(e.get("d")))[0] for e in found] == [
        [(0, 89), (100, 64), (100, 39), (0, 64)],
        [(400, 114), (500, 114), (500, 14), (400, 14)],
    ]


def test_bars_stand_on_zero_and_a_missing_one_is_no_bar() -> None:
    made = plot((0, 10), (-1, 1))
    made.bars([(1, 0.5), (2, -1), (3, None), (4, 0.0), (5, -0.001)], 0.8, "inmain")
    path = str(drawn(made, "bars inmain").get("d"))
    assert re.findall(r"M(\S+) (\S+)v(\S+)h(\S+)v\S+Z", path) == [
        ("60.0", "64.0", "-25.0", "80.0"),
        ("160.0", "64.0", "50.0", "80.0"),
        ("360.0", "64.0", "-1.0", "80.0"),
        ("460.0", "64.0", "1.0", "80.0"),
    ]


def test_without_values_no_bars_are_drawn() -> None:
    made = plot()
    made.bars([(1, None)], 0.8, "inmain")
    assert not [e for e in made.element("x", "X", "x.").iter() if "bars" in (e.get("class") or "")]


@pytest.mark.parametrize(
    ("low", "high", "places"), [(0.2, 0.8, 2), (0, 30, 0), (-1.2, 1.4, 0), (0, 0.05, 2), (-0.3, 0.6, 2)]
)
def test_labels_of_an_axis_are_not_rounded(low: float, high: float, places: int) -> None:
    values = ticks(low, high, 3)
    assert decimals(values) <= places
    assert [round(v, decimals(values)) for v in values] == pytest.approx(values, abs=1e-9)


def test_bars_of_one_table_share_their_zero() -> None:
    rise, fall = (signed_bar(value, "part", is_signed=True).findall("rect")[1] for value in (0.5, -0.25))
    assert (rise.get("x"), rise.get("width")) == ("50.0%", "25.0%")
    assert (fall.get("x"), fall.get("width")) == ("37.5%", "12.5%")
    alone = signed_bar(0.5, "part", is_signed=False).findall("rect")[1]
    assert (alone.get("x"), alone.get("width")) == ("0.0%", "50.0%")


def test_a_percentile_and_an_interval_stand_where_they_are() -> None:
    dot = standing_dot(18.25).find("circle")
    assert dot is not None and dot.get("cx") == "18.2%"
    drawn_interval = interval(-0.5, 0.1, 0.6)
    reach, at = drawn_interval.find("rect"), drawn_interval.find("circle")
    assert reach is not None and (reach.get("x"), reach.get("width")) == ("25.0%", "55.0%")
    assert at is not None and at.get("cx") == "55.0%"
