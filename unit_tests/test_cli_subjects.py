"""Commands that ask classifiers of the user's own, and hand queries out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unit_tests.predictors.server import serving

HERS = """\
def read(texts):
    return [{"positive": 0.9, "negative": 0.1} if "good" in text else "negative" for text in texts]
"""


@pytest.fixture(autouse=True)
def _hers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder with a function."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sentiment.pipeline.run.WITHOUT_MODEL", "tiny")  # its sentences are made, not fetched
    name = f"hers_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(HERS)
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.sentiment.subjects.hers]\nkind = "python"\ntarget = "{name}:read"\n'
    )


def test_a_function_of_the_settings_or_of_the_command_line_is_asked(command, tmp_path: Path) -> None:
    status, out, _ = command("predict", "--subject", "hers", "--text", "a good one")
    assert (status, json.loads(out)["label"], json.loads(out)["p_positive"]) == (0, "positive", 0.9)
    target = f"mine=python:hers_{tmp_path.name}:read"
    status, out, _ = command("predict", "--subject", target, "--text", "a poor one")
    assert (status, json.loads(out)["label"]) == (0, "negative")


def test_a_function_is_evaluated_on_a_table(command, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\na good one,1\na poor one,0\ngood riddance,0\n")
    status, out, _ = command("evaluate", "--subject", "hers", "--data", "t.csv")
    assert status == 0
    assert json.loads(out)["accuracy"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--subject", "hers", "--approach", "lora"], "leave --approach and --weights out"),
        ([], "who is asked? give --approach"),
        (["--subject", "his"], "no subject 'his' in "),
        (["--subject", "hers", "--strategy", "forced"], "hers reads no prompt"),
        (["--subject", "a=answers:pyproject.toml"], "a: its answers lie in a file"),
        (["--subject", "a=endpoint:nowhere"], "a.target: write URL#MODEL"),
    ],
)
def test_whoever_cannot_be_asked_is_named_in_one_line(command, arguments: list[str], said: str) -> None:
    status, out, err = command("predict", *arguments, "--text", "x")
    assert (status, out) == (2, "")
    assert said in err.splitlines()[-1]
    assert "Traceback" not in err


def test_an_endpoint_is_asked_and_its_answers_do_not_outlive_the_command(command) -> None:
    pytest.importorskip("openai")
    with serving() as server:
        for _ in range(2):
            status, out, _ = command("predict", "--subject", f"far=endpoint:{server.url}#small", "--text", "good")
            assert (status, json.loads(out)["label"]) == (0, "positive")
        assert len(server.asked) == 2


def test_queries_are_exported_answered_elsewhere_and_judged(command, tmp_path: Path) -> None:
    status, out, _ = command("export", "--suite", "negation", "--quick", "--profile", "tiny", "-o", "q.jsonl")
    assert status == 0, out
    queries = [json.loads(line) for line in (tmp_path / "q.jsonl").read_text().splitlines()]
    assert out.startswith(f"{len(queries)} queries: ")
    assert len({query["id"] for query in queries}) == len(queries)
    assert all(query["text"] in query["messages"][-1]["content"] for query in queries)
    cases = [json.loads(line) for line in (tmp_path / "cases.jsonl").read_text().splitlines()]
    heads = [line for line in cases if "behavior" in line]
    assert {head["expectation"] for head in heads} == {"has_label"}
    assert len(cases) - len(heads) == 10 * 36

    def answer(left_out: int) -> None:
        with (tmp_path / "a.jsonl").open("w") as file:
            for query in queries[left_out:]:
                file.write(json.dumps({"id": query["id"], "label": "negative"}) + "\n")

    answer(0)
    whole = ("judge", "--subject", "far=answers:a.jsonl", "--suite", "negation", "--quick")
    status, out, _ = command(*whole)
    assert status == 1
    assert "INCOMPLETE" not in out
    answer(3)
    status, out, err = command(*whole)
    assert "INCOMPLETE: the run has not come to its end (" in " ".join(out.split())
    assert f"3 of {len(queries)} queries have no answer" in err
    with (tmp_path / "a.jsonl").open("w") as file:
        file.write('{"id": "other", "label": "negative"}\n')
    status, out, _ = command(*whole)
    assert status == 3


def test_what_cannot_be_exported_is_said_in_one_line(command) -> None:
    for arguments, said in (
        (["-o", "q.csv"], "name a .jsonl file"),
        (["-o", "cases.jsonl"], "name of the file of cases"),
        (["-o", "q.jsonl", "--suite", "nothing"], "there is no suite 'nothing'"),
        (["-o", "/proc/none/q.jsonl", "--suite", "negation", "--quick"], "cannot write /proc/none/"),
    ):
        status, _, err = command("export", "--profile", "tiny", *arguments)
        assert (status, said in err.splitlines()[-1]) == (2, True), err


def test_what_the_repository_says_of_profile_and_behaviors_holds_for_the_export_too(command, tmp_path: Path) -> None:
    own = "- name: fine_is_praise\n  capability: own\n  promise: It is.\n  texts: [{text: Fine., label: 1}]\n"
    (tmp_path / "own.yaml").write_text(own)
    with (tmp_path / "pyproject.toml").open("a") as file:
        file.write('[tool.sentiment]\nprofile = "tiny"\nbehaviors = ["own.yaml"]\n')
    status, _, err = command("export", "--suite", "negation", "--quick", "-o", "q.jsonl")
    assert status == 0, err
    assert "Fine." in {json.loads(line)["text"] for line in (tmp_path / "q.jsonl").read_text().splitlines()}


def test_a_file_of_cases_that_is_none_is_not_written_over(command, tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text('{"hers": 1}\n')
    status, _, err = command("export", "--profile", "tiny", "--suite", "negation", "--quick", "-o", "q.jsonl")
    assert (status, "holds something else" in err) == (2, True)
    assert (tmp_path / "cases.jsonl").read_text() == '{"hers": 1}\n'


def test_a_file_to_judge_on_beside_a_subject_judges_that_subject_alone(command, tmp_path: Path) -> None:
    rows = [(f"number {i} was {'good' if i % 2 else 'bad'}", i % 2) for i in range(400)]
    (tmp_path / "held_out.csv").write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    (tmp_path / "train.csv").write_text("text\n" + "".join(f"{text}\n" for text, _ in rows[:100]))
    (tmp_path / "mine.toml").write_text(
        'extends = "tiny"\nname = "mine"\npromises = true\n[data]\ntest = "held_out.csv"\nseen = ["train.csv"]\n'
    )
    for named in ((), ("--subject", "hers")):
        status, out, err = command("judge", *named, "--profile", "mine.toml", "--suite", "accuracy")
        assert status == 0, err
        assert "lora" not in out + err
    status, out, _ = command("evaluate", "--subject", "hers", "--profile", "mine.toml", "--data", "held_out.csv")
    assert json.loads(out)["rows"]["trained_on"] == 100
