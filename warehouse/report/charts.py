"""A chart that fits any width: shapes stretch with the page, text and dots do not.

Belongs here: scales, axes and marks of one plot as inline SVG. Does not: any data, any sentence.

How it stretches: the outer SVG has a fixed height in pixels and the width of its column, so everything placed by
percent keeps its size; lines and areas live in an inner SVG of 1000 units across whose strokes do not scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element

from warehouse.report.markup import tag

Points = Sequence[tuple[float, float | None]]
_WIDE = 1000
_NARROW = 300  # pixels of the narrowest plot
_TOP, _BOTTOM = 14, 24


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round values within ``low`` to ``high``, roughly ``about`` of them."""
    if high <= low:
        return [low]
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def decimals(values: Sequence[float]) -> int:
    """As many as it takes to say ``values`` of an axis without rounding them, so that no label says what is not there."""
    return next((d for d in range(5) if all(abs(v - round(v, d)) < 1e-9 for v in values)), 5)


def _runs(points: Points) -> list[list[tuple[float, float]]]:
    """The stretches of ``points`` that have values."""
    made: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if y is not None:
            made[-1].append((x, y))
        elif made[-1]:
            made.append([])
    return [run for run in made if run]


class Plot:
    """One set of axes. Add marks, then take ``element``."""

    def __init__(self, height: int, x: tuple[float, float], y: tuple[float, float]) -> None:
        """``height`` in pixels; ``x`` and ``y`` are the values at the edges."""
        self.height, self._x, self._y = height, x, y
        self._back: list[Element] = []
        self._shapes: list[Element] = []
        self._front: list[Element] = []
        self._grid: list[tuple[float, str]] = []
        self._badges: list[tuple[float, float]] = []
        self._end: float | None = None

    def _part(self, x: float) -> float:
        low, high = self._x
        return (x - low) / (high - low) if high > low else 0.5

    def _across(self, x: float) -> str:
        return f"{100 * self._part(x):.2f}%"

    def _down(self, y: float) -> float:
        low, high = self._y
        part = (y - low) / (high - low) if high > low else 0.5
        return _TOP + (1 - part) * (self.height - _TOP - _BOTTOM)

    def _path(self, points: Points) -> str:
        """One stretch for every run of values: its first place, then steps, in tenths of a unit. Steps are shorter than
        places, and between rounded places, so that roundings do not add up; a value alone is a step to itself, a dot."""
        words: list[str] = []
        for run in _runs(points):
            places = [(round(10 * _WIDE * self._part(x)), round(10 * self._down(y))) for x, y in run]
            steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(places)] or [(0, 0)]
            words.append(f"M{places[0][0] / 10:g} {places[0][1] / 10:g}l")
            words.append(" ".join(f"{across / 10:g} {down / 10:g}" for across, down in steps))
        return "".join(words).replace(" -", "-")

    def line(self, points: Points, class_: str) -> None:
        """A line; a missing value leaves a gap."""
        self._shapes.append(tag("path", d=self._path(points), class_=f"line {class_}"))

    def area(self, points: Points, base: float, class_: str) -> None:
        """The surface between values and ``base``; a missing value leaves a gap."""
        for run in _runs(points):
            closed = [(run[0][0], base), *run, (run[-1][0], base)]
            self._shapes.append(tag("path", d=self._path(closed) + "Z", class_=f"area {class_}"))

    def between(self, ends: Sequence[tuple[float, float | None, float | None]], class_: str) -> None:
        """The surface between the lower and the upper of (x, lower, upper), such as an interval; without both ends a gap."""
        upper = {x: high for x, _, high in ends}
        for run in _runs([(x, None if high is None else low) for x, low, high in ends]):
            closed = [*run, *((x, upper[x]) for x, _ in reversed(run))]
            self._shapes.append(tag("path", d=self._path(closed) + "Z", class_=f"area {class_}"))

    def bars(self, points: Points, width: float, class_: str) -> None:
        """Bars from 0 to each value, above it or below, ``width`` of the x axis wide around their x. A missing value leaves
        its place empty; a value of 0 is a bar one pixel high, so that the two are not the same."""
        wide, base = _WIDE * (self._part(width) - self._part(0)), self._down(0)
        words = []
        for x, y in points:
            if y is not None:
                tall = self._down(y) - base
                tall = tall if abs(tall) >= 1 else -1 if y >= 0 else 1
                words.append(f"M{_WIDE * self._part(x) - wide / 2:.1f} {base:.1f}v{tall:.1f}h{wide:.1f}v{-tall:.1f}Z")
        if words:
            self._shapes.append(tag("path", d="".join(words), class_=f"bars {class_}"))

    def stacks(self, ends: Sequence[tuple[float, float, float]], width: float, class_: str) -> None:
        """Bars of (x, where it begins, where it ends), ``width`` of the x axis wide: parts of a stack, steps of a waterfall."""
        wide = _WIDE * (self._part(width) - self._part(0))
        words = []
        for x, start, end in ends:
            top, tall = self._down(start), self._down(end) - self._down(start)
            words.append(f"M{_WIDE * self._part(x) - wide / 2:.1f} {top:.1f}v{tall:.1f}h{wide:.1f}v{-tall:.1f}Z")
        if words:
            self._shapes.append(tag("path", d="".join(words), class_=f"bars {class_}"))

    def band(self, start: float, end: float, class_: str) -> None:
        """A shaded stretch of the x axis, as high as the plot."""
        width = f"{100 * (self._part(end) - self._part(start)):.2f}%"
        tall = self.height - _TOP - _BOTTOM
        self._back.append(tag("rect", x=self._across(start), y=_TOP, width=width, height=tall, class_=f"band {class_}"))

    def level(self, low: float, high: float, class_: str) -> None:
        """A shaded stretch of the y axis, as wide as the plot."""
        self.cell((self._x[0], low), (self._x[1], high), class_)

    def cell(self, lower: tuple[float, float], upper: tuple[float, float], class_: str, strength: float = 1) -> None:
        """A shaded rectangle between two corners (x, y); ``strength`` from 0 to 1 is how much of its colour is seen."""
        (x, low), (end, high) = lower, upper
        top = self._down(high)
        width = f"{100 * (self._part(end) - self._part(x)):.2f}%"
        self._back.append(
            tag(
                "rect", x=self._across(x), y=f"{top:.1f}", width=width, height=f"{self._down(low) - top:.1f}",
                class_=f"cell {class_}", fill_opacity=None if strength == 1 else f"{strength:.2f}",
            )
        )  # fmt: skip

    def upright(self, x: float, class_: str = "") -> None:
        """A dashed vertical line."""
        at, name = self._across(x), f"upright {class_}".rstrip()
        self._back.append(tag("line", x1=at, x2=at, y1=_TOP, y2=self.height - _BOTTOM, class_=name))

    def across(self, y: float, class_: str) -> None:
        """A horizontal line that means something, such as a bound."""
        at = f"{self._down(y):.1f}"
        self._back.append(tag("line", x1="0", x2="100%", y1=at, y2=at, class_=f"across {class_}"))

    def grid(self, values: Sequence[float], said: Callable[[float], str]) -> None:
        """Horizontal lines with their value to the right of the plot."""
        for value in values:
            y = f"{self._down(value):.1f}"
            self._back.append(tag("line", x1="0", x2="100%", y1=y, y2=y, class_="grid"))
            self._grid.append((self._down(value), said(value)))

    def axis(self, x: float, said: str) -> None:
        """A label below the plot."""
        part = self._part(x)
        anchor = "start" if part < 0.03 else "end" if part > 0.97 else "middle"
        self._front.append(tag("text", said, x=self._across(x), y=self.height - 6, class_="tick", text_anchor=anchor))

    def badge(
        self, x: float, y: float, mark: int | str, *, is_fixed: bool = False, said: str = "", class_: str = ""
    ) -> None:
        """A point with a number or letter; one that would cover another on a narrow screen moves up, unless its place says
        something. ``said`` is shown where the pointer rests."""
        part, down = self._part(x), self._down(y)
        while not is_fixed and any(abs(part - p) * _NARROW < 17 and abs(down - d) < 17 for p, d in self._badges):
            down -= 18
        self._badges.append((part, down))
        at = self._across(x)
        marks = (
            tag("circle", cx=at, cy=f"{down:.1f}", r=8, class_=f"badge {class_}".rstrip()),
            tag("text", str(mark), x=at, y=f"{down + 3.6:.1f}", class_="digit", text_anchor="middle"),
        )
        self._front += [tag("g", tag("title", said), *marks)] if said else marks

    def dot(self, x: float, y: float, class_: str, said: str = "") -> None:
        """A point; ``said`` is shown where the pointer rests."""
        title = tag("title", said) if said else None
        self._front.append(
            tag("circle", title, cx=self._across(x), cy=f"{self._down(y):.1f}", r=3.5, class_=f"dot {class_}")
        )

    def note(self, x: float, y: float, said: str, class_: str, is_above: bool = True) -> None:
        """Words just above a point, or just below it."""
        part = self._part(x)
        anchor = "start" if part < 0.15 else "end" if part > 0.85 else "middle"
        down = f"{self._down(y) + (-9 if is_above else 19):.1f}"
        self._front.append(tag("text", said, x=self._across(x), y=down, class_=f"note {class_}", text_anchor=anchor))

    def end(self, y: float, said: str) -> None:
        """The last value, to the right of the plot; grid values that it would cover are left out."""
        self._end = self._down(y)
        self._front.append(tag("text", said, x="100%", dx=8, y=f"{self._end + 4:.1f}", class_="end"))

    def element(self, name: str, title: str, description: str) -> Element:
        """The plot as an image with a name and a description for those who do not see it."""
        grid = [
            tag("text", said, x="100%", dx=8, y=f"{down + 4:.1f}", class_="tick")
            for down, said in self._grid
            if self._end is None or abs(down - self._end) > 13
        ]
        inner = tag(
            "svg", *self._shapes, viewBox=f"0 0 {_WIDE} {self.height}", preserveAspectRatio="none", width="100%",
            height=self.height, overflow="visible", aria_hidden="true",
        )  # fmt: skip
        image = tag(
            "svg",
            tag("title", title, id=f"{name}-title"),
            tag("desc", description, id=f"{name}-desc"),
            *self._back, inner, *grid, *self._front,
            class_="plot", width="100%", height=self.height, role="img",
            aria_labelledby=f"{name}-title", aria_describedby=f"{name}-desc",
        )  # fmt: skip
        return tag("div", image, class_="frame")


def bar(part: float, class_: str) -> Element:
    """A bar of ``part`` (0 to 1) of its cell, marked in the middle; decoration beside a number that is written out."""
    return tag(
        "svg",
        tag("rect", x="0", y="3", width="100%", height="6", class_="track"),
        tag("rect", x="0", y="3", width=f"{100 * part:.1f}%", height="6", class_=class_),
        tag("line", x1="50%", x2="50%", y1="1", y2="11", class_="middle"),
        class_="bar", width="100%", height=12, aria_hidden="true",
    )  # fmt: skip


def score_bar(score: float | None, class_: str) -> Element:
    """A score from -1 to +1 as a bar from the middle; decoration beside a number that is written out."""
    marks = [
        tag("rect", x="0", y="5", width="100%", height="6", class_="track"),
        *(tag("line", x1=at, x2=at, y1="5", y2="11", class_="step") for at in ("37.5%", "62.5%")),
    ]
    if score is not None:
        left, wide = 50 + 50 * min(score, 0), 50 * abs(score)
        marks.append(tag("rect", x=f"{left:.1f}%", y="5", width=f"{wide:.1f}%", height="6", class_=class_))
        marks.append(tag("circle", cx=f"{50 + 50 * score:.1f}%", cy="8", r="5", class_=class_))
    marks.append(tag("line", x1="50%", x2="50%", y1="1", y2="15", class_="middle"))
    return tag("svg", *marks, class_="score", width="100%", height=16, aria_hidden="true")


def signed_bar(value: float, class_: str, mark: float | None = None, *, is_signed: bool) -> Element:
    """A value from -1 to +1 as a bar from 0, with a tick at ``mark``; decoration beside a number that is written out.

    ``is_signed`` says whether anything of the table lies below zero: then 0 is the middle of every bar, else the left edge.
    """
    low = -1.0 if is_signed else 0.0

    def at(part: float) -> float:
        return 100 * (min(1.0, max(low, part)) - low) / (1 - low)

    left, right = sorted((at(0), at(value)))
    marks = [
        tag("rect", x="0", y="3", width="100%", height="6", class_="track"),
        tag("rect", x=f"{left:.1f}%", y="3", width=f"{right - left:.1f}%", height="6", class_=class_),
    ]
    if is_signed:
        marks.append(tag("line", x1="50%", x2="50%", y1="1", y2="11", class_="middle"))
    if mark is not None:
        x = f"{at(mark):.1f}%"
        marks.append(tag("line", x1=x, x2=x, y1="0", y2="12", class_="tick-mark"))
    return tag("svg", *marks, class_="bar", width="100%", height=12, aria_hidden="true")


def standing_dot(percentile: float) -> Element:
    """A percentile as a dot on an axis from 0 to 100 with its quarters; decoration beside a number that is written out."""
    dot = tag("circle", cx=f"{percentile:.1f}%", cy="8", r="5", class_="part")
    return tag("svg", dot, class_="bar rail quarters", width="100%", height=16, aria_hidden="true")


def interval(low: float, value: float, high: float) -> Element:
    """A value between -1 and +1 with its interval, 0 in the middle; decoration beside numbers that are written out."""
    start, at, end = (50 + 50 * part for part in (low, value, high))
    return tag(
        "svg",
        tag("rect", x=f"{start:.1f}%", y="5", width=f"{end - start:.1f}%", height="6", class_="reach"),
        tag("line", x1="50%", x2="50%", y1="1", y2="15", class_="middle"),
        tag("circle", cx=f"{at:.1f}%", cy="8", r="4", class_="part"),
        class_="bar rail", width="100%", height=16, aria_hidden="true",
    )  # fmt: skip
