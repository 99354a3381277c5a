from __future__ import annotations

import struct
from pathlib import Path

import pytest

from sentiment.judging.metrics import Metrics, metrics_of
from sentiment.report.figures import _figure, confusion_png
from sentiment.types import Label, Prediction


def metrics(unanswered: bool) -> Metrics:
    labels = [Label.NEGATIVE, Label.POSITIVE, Label.POSITIVE]
    return metrics_of(labels, [Prediction(None if unanswered else label) for label in labels])


@pytest.mark.parametrize("unanswered", [True, False])
def test_unanswered_is_a_column_only_where_there_is_any(unanswered: bool) -> None:
    axes = _figure(metrics(unanswered), "sft").axes[0]
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names == ["negative", "positive"] + ["unanswered"] * unanswered


def test_each_cell_shows_its_count_and_its_share_of_the_row() -> None:
    texts = [text.get_text() for text in _figure(metrics(False), "sft").axes[0].texts]
    assert texts == ["1\n100.0 %", "0\n0.0 %", "0\n0.0 %", "2\n100.0 %"]


def test_a_class_without_reviews_is_drawn_too() -> None:
    one_sided = metrics_of([Label.POSITIVE], [Prediction(Label.POSITIVE)])
    assert _figure(one_sided, "x").axes[0].texts[0].get_text() == "0\n0.0 %"


def test_any_title_gives_a_png_of_readable_size(tmp_path: Path, hostile) -> None:
    for title in (" ".join(hostile), hostile[13], hostile[14]):
        confusion_png(metrics(True), title, tmp_path / "x.png")
        data = (tmp_path / "x.png").read_bytes()
        assert data.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", data[16:24])
        assert 600 < width < 1200
        assert 400 < height < 800


def test_equal_metrics_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        confusion_png(metrics(False), "same", tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
