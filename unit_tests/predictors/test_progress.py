from __future__ import annotations

import sys

import pytest

from sentiment.predictors import progress, stored
from sentiment.predictors.progress import Progress, progress_of
from sentiment.predictors.stored import StoredPredictor
from sentiment.types import Label, Prediction, Prompt, Query, shares_of

QUERIES = [Query(Prompt("p", "{review}"), str(i)) for i in range(10)]


class Model:
    """Answers, and tells nothing of how far it is."""

    name = "model"
    fingerprint = "f"

    def predict(self, queries):
        return [Prediction(Label(len(query.text) % 2), shares_of(0.5), 0.5, "x") for query in queries]


@pytest.fixture(name="clock")
def _clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds since the start: 10 pass whenever one looks."""
    now = [0.0]

    def look() -> float:
        now[0] += 10
        return now[0]

    monkeypatch.setattr(progress.time, "monotonic", look)
    return now


def test_where_there_is_no_terminal_a_plain_line_is_said_now_and_then(clock: list[float], capsys) -> None:
    said: list[str] = []
    with progress_of(10, said.append) as shown:
        shown.describe("lora: 2 of 45 behaviors")
        for _ in range(10):
            shown.advance()
    assert said == [
        "lora: 2 of 45 behaviors: 30%, 3 of 10 queries, 01:10 left",
        "lora: 2 of 45 behaviors: 60%, 6 of 10 queries, 00:40 left",
        "lora: 2 of 45 behaviors: 90%, 9 of 10 queries, 00:10 left",
    ]
    assert capsys.readouterr().err == ""


def test_on_a_terminal_there_is_one_bar_and_it_goes_away(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    said: list[str] = []
    with progress_of(10, said.append) as shown:
        shown.describe("lora: at negation")
        shown.advance(10)
    drawn = capsys.readouterr().err
    assert "lora: at negation" in drawn
    assert " left: " in drawn
    assert "\n" not in drawn
    assert said == []


@pytest.mark.parametrize("columns", [80, 100])
def test_a_narrow_terminal_still_shows_the_time_left(columns: int, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("tqdm.std._screen_shape_wrapper", lambda: lambda file: (columns, 24))
    words = "lora: 12 of 50 behaviors, 3,480 of 11,607 cases judged, at another_nationality_does_not_change_the_answer"
    with progress_of(10, lambda line: None) as shown:
        shown.describe(words)
        shown.advance(5)
        shown._bar.refresh()
    lines = [line for line in capsys.readouterr().err.split("\r") if "50%" in line]
    assert " left: lora: 12 of 50 behaviors" in lines[-1]
    assert max(map(len, lines)) <= columns


def test_queries_of_one_prompt_are_asked_together(cache_folder) -> None:
    asked: list[Query] = []

    class Listening(Model):
        def predict(self, queries):
            asked.extend(queries)
            return super().predict(queries)

    prompts = [Prompt(name, f"{{review}} {name}") for name in "abc"]
    mixed = [Query(prompt, f"text {i}") for i in range(4) for prompt in prompts]
    answers = StoredPredictor("x", "grouped", Listening, lambda line: None).predict(mixed)
    assert [query.prompt.name for query in asked] == ["a"] * 4 + ["b"] * 4 + ["c"] * 4
    assert [answer.label for answer in answers] == [Label(len(query.text) % 2) for query in mixed]


def test_every_chunk_is_heard_of_with_all_answers_so_far(cache_folder, monkeypatch) -> None:
    monkeypatch.setattr(stored, "CHUNK", 4)
    heard: list[int] = []

    def hear(known) -> str:
        heard.append(len(known))
        return "x"

    predictor = StoredPredictor("x", "chunks", Model, lambda line: None)
    predictor.predict(QUERIES[:3])
    predictor.ask(QUERIES, hear)
    assert heard == [3, 7, 10]
    predictor.ask(QUERIES, hear)
    assert heard == [3, 7, 10, 10]


def test_answers_count_chunk_by_chunk_whatever_the_model(cache_folder, clock: list[float], monkeypatch) -> None:
    monkeypatch.setattr(stored, "CHUNK", 1)
    said: list[str] = []
    StoredPredictor("x", "counted", Model, said.append).predict(QUERIES)
    assert said[0] == "x: 30%, 3 of 10 queries, 01:10 left"


def test_the_longer_it_takes_the_rarer_the_lines(clock: list[float]) -> None:
    said: list[str] = []
    with progress_of(3600, said.append) as shown:
        for _ in range(3600):
            shown.advance()
    assert 80 < len(said) < 120  # of ten hours, in which 1,200 half minutes lie


def test_a_training_of_no_time_at_all_is_heard_of_all_the_same(monkeypatch) -> None:
    monkeypatch.setattr(progress.time, "monotonic", lambda: 0.0)
    said: list[str] = []
    shown = Progress(100, said.append, unit="steps", begun=30, shares=5)
    shown.describe("lora: training", "loss 0.693")
    for _ in range(70):
        shown.advance()
    shown.close()
    assert said == [
        f"lora: training: {step}%, {step} of 100 steps, loss 0.693, 00:00 left" for step in (40, 60, 80)
    ]  # fmt: skip
