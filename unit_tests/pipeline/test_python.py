"""`sentiment.judge`: a function judged from anywhere, with a table, a page, and no model library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sentiment
from sentiment.behavior.expectations import has_label
from sentiment.errors import BehaviorError, SubjectError
from sentiment.pipeline import python
from sentiment.types import Behavior, Draft, Kind, Label, Material, Promise, Query, Ruling, only


def cheerful(texts: list[str]) -> list[str]:
    return ["positive"] * len(texts)


def sentences(material: Material) -> list[Draft]:
    return [Draft(Query(material.prompt, f"It is bad in {i} ways."), only(Label.NEGATIVE)) for i in range(40)]


def read(texts: list[str]) -> list[float]:
    return [0.1 if "bad" in text else 0.9 for text in texts]


BAD = Behavior(
    Promise("blame_is_negative", "plain", Kind.MFT, "Blame is called negative.", budget=0.1, min_live=20),
    sentences,
    has_label,
)


@pytest.fixture(autouse=True)
def _generated_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sentiment.pipeline.run.WITHOUT_MODEL", "tiny")  # its sentences are made, not fetched


def test_several_functions_are_judged_side_by_side(tmp_path: Path) -> None:
    said: list[str] = []
    found = sentiment.judge({"read": read, "cheerful": cheerful}, behaviors=[BAD], note=said.append)
    assert [(each.predictor, each.failed) for each in found.failed] == [("cheerful", 40)]
    frame = found.frame()
    assert list(frame["subject"]) == ["read", "cheerful"]
    assert list(frame["rate"]) == [0.0, 1.0]
    assert list(frame["ruling"]) == [Ruling.PASS.value, Ruling.FAIL.value]
    assert len(found.failures()) == 40
    assert "1 promise is broken" in repr(found)
    page = found.report().read_text(encoding="utf-8")
    assert found.report().is_relative_to(tmp_path / "reports")
    assert "cheerful" in page
    shown = found._repr_html_()
    assert "100.0 %" in shown
    assert "<script" not in shown


def test_suites_are_named_and_prompts_left_out_by_default() -> None:
    assert {each.name for each in python.behaviors_of_suites("negation")} < {
        each.name for each in python.behaviors_of_suites(None)
    }
    assert "rewording_keeps_the_answer" not in {each.name for each in python.behaviors_of_suites(None)}
    with pytest.raises(BehaviorError, match="no suite 'nothing'; there are accuracy, "):
        python.behaviors_of_suites(["nothing"])


def test_what_is_no_function_or_no_behavior_or_is_given_twice_is_an_error() -> None:
    with pytest.raises(SubjectError, match="mine: a function of a list of texts is wanted, got a str"):
        sentiment.judge("positive", name="mine")  # type: ignore[arg-type]
    with pytest.raises(BehaviorError, match="no behavior is given: name a suite out of accuracy, "):
        sentiment.judge(read, suites=[])
    with pytest.raises(BehaviorError, match="'blame_is_negative' is given twice"):
        sentiment.judge(read, behaviors=[BAD, BAD])


def test_a_run_that_an_error_ends_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    def broken(texts: list[str]) -> list[str]:
        raise RuntimeError("out of luck")

    with pytest.raises(SubjectError, match="broken: the function raised RuntimeError: out of luck"):
        sentiment.judge({"read": read, "broken": broken}, behaviors=[BAD])
    (folder,) = (tmp_path / "reports").glob("2*")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "INCOMPLETE" in page
    assert "out of luck" in page
    assert (folder / "journal.jsonl").read_text().count('"blame_is_negative:') >= 40


def test_answers_are_kept_across_runs_under_a_version_alone() -> None:
    asked: list[int] = []

    def counting(texts: list[str]) -> list[float]:
        asked.append(len(texts))
        return read(texts)

    for version, again in ((None, True), ("1", False), ("2", False)):
        sentiment.judge(counting, behaviors=[BAD], version=version)
        before = len(asked)
        sentiment.judge(counting, behaviors=[BAD], version=version)
        assert (len(asked) > before) is again
    assert len(asked) > 2


def test_accuracy_of_a_function_on_labelled_texts() -> None:
    found = sentiment.evaluate(read, ["bad", "fine", "not so bad"], ["negative", 1, True])
    assert found.n == 3
    assert found.accuracy == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="'maybe' is neither"):
        sentiment.evaluate(read, ["x"], ["maybe"])


def test_the_surface_is_sorted_whole_and_lazy() -> None:
    assert sentiment.__all__ == sorted(sentiment.__all__)
    for name in sentiment.__all__:
        assert getattr(sentiment, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        sentiment.nothing  # noqa: B018
    code = "import sentiment, sys; print(sorted({'pydantic', 'numpy', 'pandas', 'torch'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_functions_of_one_version_do_not_share_their_answers(tmp_path: Path) -> None:
    class Model:
        def __init__(self, answer: str) -> None:
            self.answer = answer

        def predict(self, texts: list[str]) -> list[str]:
            return [self.answer] * len(texts)

    models = {"glad": Model("positive").predict, "sad": Model("negative").predict}
    found = sentiment.judge(models, behaviors=[BAD], version="1", note=lambda line: None)
    assert list(found.frame()["rate"]) == [1.0, 0.0]
