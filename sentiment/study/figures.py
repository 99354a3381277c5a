"""The study's pictures. Each names the command that made it, and tells its series apart by shape as well as color."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from statistics import fmean
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from sentiment.runs.run_folder import write_atomically
from sentiment.study.comparison import ComparisonFindings
from sentiment.study.cost import CostFindings
from sentiment.study.formats import FormatFindings
from sentiment.study.record import Study
from sentiment.study.strategies import StrategyFindings

COLORS = {"base": "#6b7480", "sft": "#c25500", "lora": "#0072b2"}
MARKERS = {"base": "o", "sft": "s", "lora": "D"}
_OTHER = "#8a5a8c"
_SOFT = "#57606a"


def draw_figures(study: Study, folder: Path) -> dict[str, str]:
    """Draw what the steps allow; file name by figure, for the document."""
    drawn = {}
    for name, (step, draw) in FIGURES.items():
        done = study.steps.get(step)
        if done is None:
            continue
        figure = draw(done.found)
        figure.text(0.01, 0.01, f"{done.command} · {done.date}", fontsize=6.5, color=_SOFT)
        buffer = BytesIO()
        figure.savefig(buffer, format="png", dpi=160, metadata={"Software": None, "Description": done.command})
        write_atomically(folder / f"{name}.png", buffer.getvalue())
        drawn[name] = f"{folder.name}/{name}.png"
    return drawn


def _blank(width: float, height: float, columns: int = 1) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(rect=(0, 0.05, 1, 0.95)))
    FigureCanvasAgg(figure)
    axes = [figure.add_subplot(1, columns, place + 1) for place in range(columns)]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
        each.tick_params(labelsize=9)
    return figure, axes


def _accuracy(found: ComparisonFindings) -> Figure:
    """Accuracy and macro F1 of each classifier, with intervals."""
    rows = found.rows
    figure, (axes,) = _blank(6.4, 0.5 * len(rows) + 1.3)
    for place, row in enumerate(reversed(rows)):
        color, marker = COLORS.get(row.name, _OTHER), MARKERS.get(row.name, "^")
        for shift, value, interval, face in (
            (0.12, row.accuracy, row.accuracy_interval, color),
            (-0.16, row.macro_f1, row.macro_f1_interval, "white"),
        ):
            axes.plot(interval, [place + shift] * 2, color=color, linewidth=1.4)
            axes.plot(value, place + shift, marker, color=color, markerfacecolor=face, markersize=6)
    axes.set_yticks(range(len(rows)), [row.name for row in reversed(rows)])
    axes.set_xlabel("filled: accuracy; open: macro F1; lines: 95 % intervals", fontsize=9)
    axes.set_xlim(min(0.4, *(row.macro_f1_interval[0] for row in rows)) - 0.02, 1)
    axes.grid(axis="x", color="#d8dee4", linewidth=0.6)
    return figure


def _step_cost(found: CostFindings) -> Figure:
    """Seconds and bytes of one step, sft beside lora."""
    figure, (times, memory) = _blank(7.2, 3.0, columns=2)
    approaches = list(found.approaches)
    seconds: list[Mapping[str, float]] = [each.seconds for each in found.approaches.values()]
    sizes_of: list[Mapping[str, float]] = [each.bytes for each in found.approaches.values()]
    for axes, parts, unit, label in ((times, seconds, 1.0, "seconds per step"), (memory, sizes_of, 2**30, "GiB")):
        ends = dict.fromkeys(approaches, 0.0)
        for part, hatch, shade in zip(parts[0], ("", "//", "..", "xx"), _SHADES, strict=False):
            sizes = [each[part] / unit for each in parts]
            axes.bar(
                approaches, sizes, bottom=list(ends.values()), label=part, color=shade, hatch=hatch, edgecolor="white"
            )
            ends = {name: ends[name] + size for name, size in zip(approaches, sizes, strict=True)}
        for place, end in enumerate(ends.values()):
            axes.text(place, end, f"{end:.3g}", ha="center", va="bottom", fontsize=9)
        axes.set_ylabel(label, fontsize=9)
        axes.margins(y=0.12)
        axes.legend(fontsize=8, frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


_SHADES = ("#0072b2", "#c25500", "#6b7480", "#8a5a8c")


def _formats(found: FormatFindings) -> Figure:
    """One mark per format at its accuracy, the house prompt as a line, the reach of chance as a band."""
    approaches = found.approaches
    figure, (axes,) = _blank(7.2, 0.9 * len(approaches) + 1.5)
    for place, (name, each) in enumerate(reversed(list(approaches.items()))):
        accuracies, spread = [row.accuracy for row in each.rows], each.spread
        stacks = Counter(accuracies)
        step = min(0.09, 0.66 / max(stacks.values()))  # a tall stack stays within its approach's share of the height
        for accuracy, count in stacks.items():
            heights = [place - 0.28 + step * i for i in range(count)]
            axes.plot([accuracy] * count, heights, MARKERS[name], color=COLORS[name], markersize=4, alpha=0.75)
        if spread:
            mean = fmean(accuracies)
            axes.barh(place, spread.noise_95, left=mean - spread.noise_95 / 2, height=0.8, color="#d8dee4", zorder=0)
            worst = each.rows[0]
            axes.annotate(f"worst: {worst.format}", (worst.accuracy, place - 0.28), (0, -11),
                          textcoords="offset points", fontsize=7.5, color=_SOFT, ha="left")  # fmt: skip
        axes.plot([each.matched_accuracy] * 2, [place - 0.4, place + 0.4], color="#1b1f24", linewidth=1.6)
    axes.set_yticks(range(len(approaches)), list(reversed(list(approaches))))
    axes.set_ylim(-0.65, len(approaches) - 0.35)
    axes.set_xlabel("accuracy; line: training prompt; band: 95 % of spreads that chance alone would give", fontsize=9)
    return figure


def _strategies(found: StrategyFindings) -> Figure:
    """Mean accuracy on held-out formats per training, its mean, and the worst format."""
    rows = found.rows
    figure, (axes,) = _blank(7.2, 0.45 * len(rows) + 1.4)
    for place, row in enumerate(reversed(rows)):
        axes.plot([row.worst, row.accuracy], [place] * 2, color="#d8dee4", linewidth=5, zorder=0)
        axes.plot(row.worst, place, "v", color="#c25500", markersize=6)
        axes.plot(row.accuracy_by_seed, [place] * len(row.accuracy_by_seed), "o", color="#0072b2",
                  markerfacecolor="white", markersize=5)  # fmt: skip
        axes.plot(row.accuracy, place, "D", color="#0072b2", markersize=6)
    axes.set_yticks(range(len(rows)), [row.strategy for row in reversed(rows)])
    axes.set_xlabel(
        "accuracy on held-out formats; diamond: mean, circles: trainings, triangle: worst format", fontsize=9
    )
    axes.grid(axis="x", color="#d8dee4", linewidth=0.6)
    return figure


FIGURES: dict[str, tuple[str, Callable[[Any], Figure]]] = {
    "accuracy": ("comparison", _accuracy),
    "step-cost": ("cost", _step_cost),
    "formats": ("formats", _formats),
    "strategies": ("strategies", _strategies),
}
"""Name of the file -> the step that it shows, and what draws it."""
