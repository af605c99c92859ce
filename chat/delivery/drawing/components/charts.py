"""A chart as lines, bars and slices in a box of 100 by 100, and its axis. Pure."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chat.delivery.drawing.components.blocks import Chart, Series

MOST_SERIES = 5
MOST_POINTS = 2_000
TICKS = 5
LABELS = 5
MOST_BAR_LABELS = 12
BAR_SHARE = 0.7  # of the room of its x
STEPS = (1, 2, 2.5, 5, 10)
SIZE = 100.0
GREATEST = 1e300  # of numbers that are drawn: differences of greater ones are infinite


class Mark(NamedTuple):
    """Something drawn: an SVG path, the look of its series, and what it stands for."""

    path: str
    look: str
    words: str = ""


class Plot(NamedTuple):
    """A chart, ready to be drawn. `ticks` run from the top down."""

    marks: list[Mark]
    ticks: list[str]
    labels: list[str]
    legend: list[tuple[str, str]]
    words: str


class _Scale(NamedTuple):
    low: float
    high: float

    def y(self, value: float) -> float:
        return round(SIZE * (self.high - value) / (self.high - self.low), 2)


def plot(chart: Chart) -> Plot:
    """The chart's plot."""
    series = [_known(one) for one in chart.series[:MOST_SERIES]]
    if chart.kind == "pie":
        return _pie(chart, series)
    scale = _scale([value for one in series for value in one.values if value is not None])
    marks = [mark for place, one in enumerate(series) for mark in _marks(chart, scale, series, place, one)]
    legend = [(one.name, f"s{place + 1}") for place, one in enumerate(series)]
    return Plot(marks, _ticks(scale), _labels(chart), legend, _words(chart, series))


def number(value: float) -> str:
    """A number as people read it."""
    return f"{value:,.6g}".replace("-", "−")


def _known(series: Series) -> Series:
    """The series with numbers that can be drawn alone."""
    values = [value if value is not None and abs(value) <= GREATEST else None for value in series.values[:MOST_POINTS]]
    return Series(series.name, values)


def _scale(values: Sequence[float]) -> _Scale:
    """A round scale from below the least to above the greatest of the values, and through 0."""
    low, high = min([0.0, *values]), max([0.0, *values])
    if low == high:
        return _Scale(0, 1)
    rough = (high - low) / (TICKS - 1)
    power = 10 ** math.floor(math.log10(rough))
    for step in (power * each for each in (*STEPS, 20)):
        bottom = math.floor(low / step) * step
        if bottom + step * (TICKS - 1) >= high:
            return _Scale(bottom, bottom + step * (TICKS - 1))
    return _Scale(low, high)


def _ticks(scale: _Scale) -> list[str]:
    step = (scale.high - scale.low) / (TICKS - 1)
    return [number(scale.high - step * place) for place in range(TICKS)]


def _labels(chart: Chart) -> list[str]:
    labels = [number(x) if isinstance(x, int | float) else x for x in chart.x[:MOST_POINTS]]
    if len(labels) <= (MOST_BAR_LABELS if chart.kind == "bar" else LABELS):
        return labels
    return [labels[round(place * (len(labels) - 1) / (LABELS - 1))] for place in range(LABELS)]


def _marks(chart: Chart, scale: _Scale, series: list[Series], place: int, one: Series) -> Iterator[Mark]:
    look = f"s{place + 1}"
    if chart.kind == "bar":
        yield from _bars(chart, scale, len(series), place, one)
        return
    points = list(zip(_xs(chart), one.values, strict=False))
    if chart.kind == "scatter":
        dots = "".join(f"M{x:g} {scale.y(y):g}h0" for x, y in points if y is not None)
        yield Mark(dots, f"dot {look}", one.name)
        return
    for run in _runs(points):
        line = "M" + " L".join(f"{x:g} {scale.y(y):g}" for x, y in run)
        if chart.kind == "area":
            base = scale.y(0)
            yield Mark(f"{line} L{run[-1][0]:g} {base:g} L{run[0][0]:g} {base:g} Z", f"area {look}")
        yield Mark(line, f"line {look}", one.name)


def _xs(chart: Chart) -> list[float]:
    """Places of the x: by their numbers where they are numbers, else one beside the other."""
    numbers = [float(x) for x in chart.x[:MOST_POINTS] if isinstance(x, int | float) and math.isfinite(x)]
    if len(numbers) == len(chart.x) and numbers and max(numbers) > min(numbers):
        low, high = min(numbers), max(numbers)
        return [round(SIZE * (x - low) / (high - low), 2) for x in numbers]
    count = len(chart.x)
    return [round(SIZE * place / (count - 1), 2) if count > 1 else SIZE / 2 for place in range(count)]


def _runs(points: list[tuple[float, float | None]]) -> Iterator[list[tuple[float, float]]]:
    """The points in runs: a line has a gap where a value is missing."""
    run: list[tuple[float, float]] = []
    for x, y in points:
        if y is not None:
            run.append((x, y))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _bars(chart: Chart, scale: _Scale, count: int, place: int, one: Series) -> Iterator[Mark]:
    room = SIZE / max(1, len(chart.x[:MOST_POINTS]))
    width = room * BAR_SHARE / count
    for at, (x, value) in enumerate(zip(chart.x, one.values, strict=False)):
        if value is None:
            continue
        left = at * room + room * (1 - BAR_SHARE) / 2 + place * width
        path = f"M{left:.2f} {scale.y(0):g}V{scale.y(value):g}h{width:.2f}V{scale.y(0):g}Z"
        yield Mark(path, f"bar s{place + 1}", f"{x}, {one.name}: {number(value)} {chart.unit}".strip())


def _pie(chart: Chart, series: list[Series]) -> Plot:
    """The first series as slices; those beyond the fourth are one."""
    values = series[0].values if series else []
    slices = [(str(x), value) for x, value in zip(chart.x, values, strict=False) if value and value > 0]
    slices.sort(key=lambda one: -one[1])
    if len(slices) > MOST_SERIES:
        slices = [*slices[: MOST_SERIES - 1], ("Others", sum(value for _, value in slices[MOST_SERIES - 1 :]))]
    total, at, marks = sum(value for _, value in slices), 0.0, []
    for place, (name, value) in enumerate(slices):
        share = value / total
        marks.append(Mark(_slice(at, at + share), f"slice s{place + 1}", f"{name}: {number(value)} {chart.unit}".strip()))
        at += share
    legend = [(f"{name} {value / total:.0%}", f"s{place + 1}") for place, (name, value) in enumerate(slices)]
    return Plot(marks, [], [], legend, _words(chart, series))


def _slice(begin: float, end: float) -> str:
    if end - begin > 0.9999:  # noqa: PLR2004  an arc to its own beginning draws nothing
        return "M50 0A50 50 0 1 1 49.99 0Z"
    (x1, y1), (x2, y2) = _on_circle(begin), _on_circle(end)
    return f"M50 50L{x1:.2f} {y1:.2f}A50 50 0 {int(end - begin > 0.5)} 1 {x2:.2f} {y2:.2f}Z"  # noqa: PLR2004


def _on_circle(share: float) -> tuple[float, float]:
    angle = 2 * math.pi * share
    return 50 + 50 * math.sin(angle), 50 - 50 * math.cos(angle)


def _words(chart: Chart, series: list[Series]) -> str:
    """The chart in a sentence, for who cannot see it."""
    parts = []
    for one in series:
        known = [value for value in one.values if value is not None]
        if known:
            parts.append(f"{one.name} from {number(min(known))} to {number(max(known))}")
    unit = f" in {chart.unit}" if chart.unit else ""
    return f"{chart.title or chart.kind.capitalize()}{unit}: {'; '.join(parts) or 'no values'}"
