"""The confusion matrix as a picture. Object API only: no global plotting state, no display needed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from sentiment.judging.metrics import Metrics
from sentiment.runs.run_folder import write_atomically
from sentiment.safety import one_line

_COLORS = "cividis"
"""Even steps of lightness for every kind of color vision (Nuñez et al. 2018, PLOS ONE 13(7))."""
_INK = {"dark": "#111111", "light": "#ffffff"}


def confusion_png(metrics: Metrics, title: str, path: Path, source: str = "") -> None:
    """Write the picture of `confusion_image`. Raises `ReportError` when the file cannot be written."""
    write_atomically(path, confusion_image(metrics, title, source))


def confusion_image(metrics: Metrics, title: str, source: str = "") -> bytes:
    """The matrix as PNG, 160 dots per inch: counts, and each row's share in per cent.

    Rows are true labels, columns answers; "unanswered" is a column only where there is any. `source` stands small
    below it: the command that the figures are from, say.
    """
    figure = _figure(metrics, title)
    if source:
        figure.supxlabel(source, x=0.01, ha="left", fontsize=6.5, color="#57606a")
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=160, metadata={"Software": None})
    return buffer.getvalue()


def _figure(metrics: Metrics, title: str) -> Figure:
    columns = ["negative", "positive"] + ["unanswered"] * bool(metrics.unanswered)
    counts = np.array(metrics.confusion)[:, : len(columns)]  # (2, columns)
    shares = counts / np.maximum(np.array(metrics.support), 1)[:, None]
    figure = Figure(figsize=(1.9 + 1.35 * len(columns), 3.7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap=_COLORS, norm=Normalize(0, 1), aspect="auto")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks([0, 1], ["negative", "positive"])
    axes.set_xlabel("answer", labelpad=8)
    axes.set_ylabel("true label", labelpad=8)
    axes.set_title(one_line(title, 48), fontsize=11, pad=10, parse_math=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xticks([0.5 + column for column in range(len(columns) - 1)], minor=True)
    axes.set_yticks([0.5], minor=True)
    axes.grid(which="minor", color="white", linewidth=3)
    axes.tick_params(which="minor", length=0)
    for (row, column), count in np.ndenumerate(counts):
        share = float(shares[row, column])
        axes.text(
            column, row, f"{count:,}\n{100 * share:.1f} %", ha="center", va="center", color=_ink_on(share), fontsize=11
        )
    bar = figure.colorbar(image, ax=axes, ticks=[0, 0.5, 1], shrink=0.9)
    bar.ax.set_yticklabels(["0 %", "50 %", "100 %"])
    bar.set_label("share of the true label")
    bar.outline.set_visible(False)
    return figure


def _ink_on(share: float) -> str:
    """The text color with the greater contrast on a cell's color (WCAG 2 relative luminance)."""
    red, green, blue, _ = colormaps[_COLORS](share)
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (red, green, blue)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return _INK["dark"] if luminance > 0.179 else _INK["light"]
