"""Subjects that are no functions, in pytest."""

from __future__ import annotations

import json

import pytest

from sentiment.pipeline.corpus import Corpus
from sentiment.profiles import load_profile
from sentiment.types import Query
from unit_tests.plugin.ran import ran_inside
from unit_tests.predictors.server import serving, told

pytest_plugins = ["pytester"]
pytest.importorskip("openai").OpenAI(api_key="none").close()  # pytester forgets what is imported while it runs

ANSWERS = ("--behavior-subject", "far=answers:a.jsonl", "-m", "far", "-v", "checks/test_ours.py")
ASKING = """\
def test_asks(behavior_predictor):
    behavior_predictor.predict([])
"""


def answered(repo: pytest.Pytester, left_out: int) -> None:
    """Right answers to the questions of the repository's two behaviors, which share those on praise, but for some."""
    house = Corpus(load_profile("smollm2"), note=lambda line: None).profile.house_prompt
    texts = [f"A {word} thing, number {i}." for i in range(30) for word in ("good", "bad")]
    with (repo.path / "a.jsonl").open("w") as file:
        for text in texts[: len(texts) - left_out]:
            label = "positive" if "good" in text else "negative"
            file.write(json.dumps({"id": Query(house, text).digest, "label": label}) + "\n")


def test_answers_from_a_file_are_ruled_and_nothing_else_is_asked(repo: pytest.Pytester) -> None:
    answered(repo, left_out=0)
    (repo.path / "checks" / "test_asks.py").write_text(ASKING)
    ran = ran_inside(repo, *ANSWERS, "checks/test_asks.py")
    assert ran.status == 0, ran.printed
    assert ran.outcomes() == {
        "test_behavior[far-praise_is_read]": "PASSED",
        "test_behavior[far-words_are_read]": "PASSED",
        "test_asks[far]": "SKIPPED",
    }
    assert ran.results()["run"]["complete"]


def test_a_behavior_without_all_answers_is_not_ruled_and_the_run_is_not_whole(repo: pytest.Pytester) -> None:
    answered(repo, left_out=1)
    ran = ran_inside(repo, *ANSWERS)
    assert ran.status == 1, ran.printed
    assert ran.outcomes() == {
        "test_behavior[far-praise_is_read]": "PASSED",
        "test_behavior[far-words_are_read]": "FAILED",
    }
    said = "words_are_read of far is not ruled: 1 of its 60 answers are missing"
    assert said in ran.printed
    results = ran.results()
    assert not results["run"]["complete"]
    assert results["run"]["stopped"] == said
    assert results["closing_sentence"].startswith(f"INCOMPLETE: the run has not come to its end ({said})")
    assert {row["behavior"]: row["ruling"] for row in results["behaviors"]}["words_are_read"] == "inconclusive"


def test_a_case_without_its_answer_is_said_so(repo: pytest.Pytester) -> None:
    answered(repo, left_out=0)
    case = next(case for _, case in ran_inside(repo, *ANSWERS).journalled())
    (repo.path / "a.jsonl").write_text('{"id": "another", "label": 1}\n')
    ran = ran_inside(repo, *ANSWERS, "--behavior-case", case)
    assert ran.status == 1, ran.printed
    assert "is not ruled: 1 of its 1 answers are missing" in ran.printed
    assert "KeyError" not in ran.printed


def test_no_noise_is_measured_where_nothing_can_be_asked_twice(repo: pytest.Pytester) -> None:
    answered(repo, left_out=0)
    (repo.path / "checks" / "test_noise.py").write_text(
        "from sentiment.judging.contracts import labels_do_not_depend_on_the_batch\n"
        "def test_noise(behavior_notes):\n"
        "    behavior_notes.conclude(labels_do_not_depend_on_the_batch(behavior_notes.noise))\n"
    )
    ran = ran_inside(repo, *ANSWERS, "checks/test_noise.py")
    assert ran.outcomes()["test_noise[far]"] == "SKIPPED", ran.printed


def test_an_endpoint_that_dies_ends_the_run_and_the_next_one_goes_on(
    repo: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment.predictors.pace._FIRST", 0.001)
    with serving() as server:
        server.trouble = lambda number, body: told(500, {"error": {"message": "gone"}}) if number > 70 else None
        named = ("--behavior-subject", f"served=endpoint:{server.url}#small", "checks")
        ran = ran_inside(repo, *named)
        ran.assert_told_once("error: served: http://127")
        assert "gone" in ran.results()["run"]["stopped"]
        begun = {body["messages"][-1]["content"] for body in server.asked[:70]}
        server.asked.clear()
        server.trouble = lambda number, body: None
        ran = ran_inside(repo, *named, "-v")
        assert ran.status == 0, ran.printed
        assert "stored answers given 20" in ran.printed
        assert not begun & {
            text for text in (body["messages"][-1]["content"] for body in server.asked) if "number" in text
        }
        server.asked.clear()
        ran_inside(repo, *named)
        assert len(server.asked) > 60  # the run before came to its end, and nobody knows what answers now
