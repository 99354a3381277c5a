"""The page's pictures, drawn as SVG that stretches with the page and takes its colors from the style sheet.

Positions along an axis are percentages, so a picture has no width of its own. Subjectes differ by shape as
well as by color, and every picture says in words what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from markupsafe import Markup, escape

from sentiment.judging.calibration import Calibration
from sentiment.judging.spread import Spread
from sentiment.report.templates import percent
from sentiment.safety import visible
from sentiment.types import BehaviorResult, Outcome

SHAPES = ("M0-4.5A4.5 4.5 0 1 1-.01-4.5Z", "M-4-4H4V4H-4Z", "M0-5.5L5.5 0L0 5.5L-5.5 0Z", "M0-5L5 4H-5Z")
"""Circle, square, diamond, triangle: for base, sft, lora, and all others."""
LANE = 16
"""Height of one predictor's line."""
STACKED = 6
"""Vertical distance of equal dots."""


def forest_limit(results: Sequence[BehaviorResult]) -> float:
    """The right end of the axis for these failure rates: a round share that holds all intervals."""
    highest = max((result.interval.high for result in results if result.judged), default=1.0)
    return next(limit for limit in (0.1, 0.25, 0.5, 1.0) if highest <= limit)


def forest(results: Mapping[str, BehaviorResult], places: Mapping[str, int], limit: float) -> Markup:
    """One behavior: per predictor the failure rate, its interval, and the budget as an upright bar."""
    shown = [result for result in results.values() if result.judged]
    marks = [_tag("line", x1="0%", x2="100%", y1=LANE * len(shown), y2=LANE * len(shown), class_="rule")]
    for lane, result in enumerate(shown):
        y = LANE * lane + LANE / 2
        low, high, rate = (_at(share / limit) for share in (result.interval.low, result.interval.high, result.rate))
        marks.append(_tag("line", x1=low, x2=high, y1=y, y2=y, class_=f"whisker {_color(places, result.predictor)}"))
        budget = result.budget
        if budget is not None and budget <= limit:
            x = _at(budget / limit)
            marks.append(_tag("line", x1=x, x2=x, y1=y - LANE / 2 + 1, y2=y + LANE / 2 - 1, class_="budget"))
        marks.append(_mark(places, result.predictor, rate, y))
    words = "; ".join(map(_rate_in_words, shown))
    return _figure(f"Failure rates: {words}", *marks, height=LANE * len(shown) + 1)


def axis(limit: float) -> Markup:
    """The numbers below a `forest`."""
    sides = {0.0: "start", 0.25: "middle", 0.5: "middle", 0.75: "middle", 1.0: "end"}
    digits = 0 if limit > 0.25 else 1
    marks = [
        _tag("text", percent(limit * step, digits), x=_at(step), y=12, text_anchor=side) for step, side in sides.items()
    ]
    return Markup('<svg class="chart axis" height="16" aria-hidden="true">{}</svg>').format(Markup("").join(marks))


def swatch(places: Mapping[str, int], predictor: str) -> Markup:
    """The shape and color of a predictor."""
    return Markup('<svg class="swatch" width="14" height="12" aria-hidden="true">{}</svg>').format(
        _mark(places, predictor, "7", 6)
    )


def prompt_accuracies(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Accuracy by prompt, over the labelled cases."""
    right: dict[str, list[bool]] = {}
    for outcome in outcomes:
        if outcome.case.label is not None:
            answer = outcome.prediction.label
            right.setdefault(outcome.case.query.prompt.name, []).append(answer is outcome.case.label)
    return {name: sum(hits) / len(hits) for name, hits in right.items()}


def strip_start(accuracies: Sequence[Mapping[str, float]]) -> float:
    """The left end of the axis for these accuracies: a round share, below all of them."""
    return min((min(0.9, int(10 * min(each.values())) / 10) for each in accuracies if each), default=0.0)


def strip(spread: Spread, accuracies: Mapping[str, float], color: int, low: float) -> Markup:
    """One dot per prompt at its accuracy, on an axis from `low`; the band is what chance alone would spread."""
    place = lambda accuracy: _at((accuracy - low) / (1 - low))  # noqa: E731
    stacks: dict[str, int] = {}
    dots = []
    for accuracy in accuracies.values():
        x = place(accuracy)
        stacks[x] = stacks.get(x, 0) + 1
        dots.append((x, stacks[x]))
    floor = 26 + STACKED * max(stacks.values())
    mean = fmean(accuracies.values())
    left, right = max(low, mean - spread.noise_95 / 2), min(1.0, mean + spread.noise_95 / 2)
    width = f"{100 * (right - left) / (1 - low):.2f}%"
    house = place(spread.house_accuracy)
    marks = [
        _tag("rect", x=place(left), width=width, y=14, height=floor - 14, class_="noise"),
        _tag("line", x1=house, x2=house, y1=14, y2=floor, class_="house"),
        *(_tag("circle", cx=x, cy=floor - STACKED * n + 1, r=2.6, class_=f"c{color}") for x, n in dots),
        _tag("line", x1="0%", x2="100%", y1=floor, y2=floor, class_="rule"),
        *([_named(spread.worst.name, spread.worst.accuracy, low)] if spread.spread else []),
        *(
            _tag("text", percent(share, 0), x=place(share), y=floor + 14, text_anchor=side)
            for share, side in ((low, "start"), ((1 + low) / 2, "middle"), (1.0, "end"))
        ),
    ]
    words = (
        f"Accuracy of {spread.predictor} with {len(accuracies)} prompts: best {percent(spread.best.accuracy)}, worst "
        f"{percent(spread.worst.accuracy)} ({spread.worst.name}), house prompt {percent(spread.house_accuracy)}"
    )
    return _figure(words, *marks, height=floor + 18)


def diverging(fixed: int, broken: int, limit: int) -> Markup:
    """Cases broken to the left of the middle, fixed to the right of it."""
    scale = 50 / max(limit, 1)
    left, right = scale * broken, scale * fixed
    return _figure(
        f"{broken} broken, {fixed} fixed",
        _tag("rect", x=f"{50 - left:.2f}%", width=f"{left:.2f}%", y=2, height=12, class_="broken"),
        _tag("rect", x="50%", width=f"{right:.2f}%", y=2, height=12, class_="fixed"),
        _tag("line", x1="50%", x2="50%", y1=0, y2=16, class_="rule"),
        height=16,
    )


def reliability(name: str, calibration: Calibration, color: int) -> Markup:
    """The share that is positive against P(positive); perfect probabilities lie on the diagonal."""
    size, pad = 200, 30
    across = lambda share: round(pad + size * share, 1)  # noqa: E731
    up = lambda share: round(10 + size * (1 - share), 1)  # noqa: E731
    marks = [
        _tag("rect", x=pad, y=10, width=size, height=size, class_="frame"),
        _tag("line", x1=across(0), y1=up(0), x2=across(1), y2=up(1), class_="house"),
    ]
    for each in calibration.bins:
        x = across(each.said)
        ends = {"y1": up(each.interval.low), "y2": up(each.interval.high)}
        marks.append(_tag("line", x1=x, x2=x, **ends, class_=f"whisker c{color}"))
        marks.append(_tag("circle", cx=x, cy=up(each.found), r=4, class_=f"c{color}"))
    for share in (0.0, 0.5, 1.0):
        marks.append(_tag("text", f"{share:g}", x=across(share), y=size + 25, text_anchor="middle"))
        marks.append(_tag("text", f"{share:g}", x=pad - 5, y=up(share) + 4, text_anchor="end"))
    marks.append(_tag("text", "P(positive)", x=across(0.75), y=size + 25, text_anchor="middle"))
    turned = f"rotate(-90 {pad - 5} {up(0.75)})"
    marks.append(_tag("text", "is positive", x=pad - 5, y=up(0.75), text_anchor="middle", transform=turned))
    points = "; ".join(
        f"{percent(each.found, 0)} positive where {percent(each.said, 0)} is said" for each in calibration.bins
    )
    words = f"Reliability of {name}, {calibration.n} cases: {points}"
    return _figure(words, *marks, viewBox=f"0 0 {size + 2 * pad - 15} {size + 32}", class_="chart square")


def _figure(words: str, *marks: Markup, class_: str = "chart", **attributes: object) -> Markup:
    """An image whose title says what it shows."""
    return _tag("svg", _tag("title", words), *marks, class_=class_, role="img", **attributes)


def _mark(places: Mapping[str, int], predictor: str, x: str, y: float) -> Markup:
    shape = SHAPES[min(places.get(predictor, 9), len(SHAPES) - 1)]
    path = _tag("path", d=shape, class_=_color(places, predictor))
    return _tag("svg", path, x=x, y=y, overflow="visible")


def _color(places: Mapping[str, int], predictor: str) -> str:
    return f"c{min(places.get(predictor, 9), 3)}"


def _named(name: str, accuracy: float, low: float) -> Markup:
    """The worst prompt's name above its dot, to the side where there is room."""
    x = (accuracy - low) / (1 - low)
    is_left = x < 0.5
    words, side = (f"▾ worst: {name}", "start") if is_left else (f"worst: {name} ▾", "end")
    return _tag("text", words, x=_at(x), y=10, text_anchor=side, dx=-4 if is_left else 4)


def _rate_in_words(result: BehaviorResult) -> str:
    budget = result.budget
    promised = "" if budget is None else f", budget {percent(budget)}"
    ends = f"{100 * result.interval.low:.1f} to {100 * result.interval.high:.1f}"
    return f"{result.predictor} {percent(result.rate)}, 95 % interval {ends}{promised}"


def _at(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.2f}%"


def _tag(name: str, *children: object, **attributes: object) -> Markup:
    """An element; a trailing underscore of an attribute's name falls away, others become hyphens."""
    listed = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(visible(str(value)))}"' for key, value in attributes.items()
    )
    inside = Markup("").join(child if isinstance(child, Markup) else escape(visible(str(child))) for child in children)
    return Markup(f"<{name}{listed}>{inside}</{name}>")
