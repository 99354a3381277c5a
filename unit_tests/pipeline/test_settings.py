"""`[tool.sentiment]`: what it says, relative to its file, and what is said of a wrong field."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import pytest
from pydantic import BaseModel

from sentiment.errors import SettingsError, SubjectError
from sentiment.pipeline.kinds import PythonSubject, SubjectSettings
from sentiment.pipeline.settings import Settings, read_settings


def write(folder: Path, table: str) -> Path:
    (folder / "pyproject.toml").write_text(table, encoding="utf-8")
    return folder


def test_without_a_table_all_is_default(tmp_path: Path) -> None:
    wanted = Settings(tmp_path, tmp_path / "behavior_tests" / "baselines", tmp_path / "reports")
    assert read_settings(tmp_path) == wanted
    assert read_settings(write(tmp_path, "[project]\nname = 'x'\n")) == wanted


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    found = read_settings(
        write(
            tmp_path,
            '[tool.sentiment]\nprofile = "mine.toml"\nbehaviors = ["a/b.yaml"]\nbaselines = "kept"\nreports = "/r"\n'
            '[tool.sentiment.subjects.vader]\nkind = "python"\ntarget = "m:f"\nversion = "1"\n',
        )
    )
    assert (found.behaviors, found.baselines, found.reports) == (
        (tmp_path / "a" / "b.yaml",),
        tmp_path / "kept",
        Path("/r"),
    )
    assert found.profile == "mine.toml"  # no such file, so it is a name
    assert found.subjects == {"vader": PythonSubject(kind="python", target="m:f", version="1")}
    (tmp_path / "mine.toml").write_text("")
    assert read_settings(tmp_path).profile == str(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[tool.sentiment]\nprofil = 'x'\n", "tool.sentiment.profil: there is no such field"),
        ("[tool.sentiment]\nbehaviors = 'x'\n", "tool.sentiment.behaviors: "),
        ("[tool.sentiment.subjects.model]\nkind = 'python'\n", r"subjects\.model\.target: is missing"),
        ("[tool.sentiment.subjects.A]\nkind = 'python'\ntarget = 'm:f'\n", r"subjects\.A: a name is made of small"),
        (
            "[tool.sentiment.subjects.a]\nkind = 'magic'\ntarget = 'm:f'\n",
            r"subjects\.a: kind 'magic' is unknown; known are python, model, classifier, endpoint, answers",
        ),
        ("[tool.sentiment.subjects.a]\n", r"subjects\.a: kind is missing, one of python, .*, and target"),
        (
            "[tool.sentiment.subjects.a]\nkind = 'python'\nversoin = '1'\n",
            r"subjects\.a\.target: is missing; tool\.sentiment\.subjects\.a\.versoin: there is no such field",
        ),
        (
            "[tool.sentiment.subjects.a]\nkind = 'endpoint'\ntarget = 'localhost:8000'\n",
            r"subjects\.a\.target: write URL#MODEL",
        ),
        ("[tool.sentiment\n", "pyproject.toml cannot be read"),
        ("[tool]\nsentiment = 3\n", "tool.sentiment: "),
    ],
)
def test_a_wrong_field_is_named_in_one_line(tmp_path: Path, table: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        read_settings(write(tmp_path, table))
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "pyproject.toml") in str(caught.value)


def test_subjects_of_the_command_line_go_before_those_of_the_file(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, "[tool.sentiment.subjects.a]\nkind = 'python'\ntarget = 'm:f'\n"))
    assert settings.with_subjects([]).subjects.keys() == {"a"}
    found = settings.with_subjects(["b=python:m:g", "c=python:n:h.i"]).subjects
    assert {name: each.target for name, each in found.items()} == {"b": "m:g", "c": "n:h.i"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mine", "write NAME=KIND:TARGET"),
        ("mine=python", "write NAME=KIND:TARGET"),
        ("mine=magic:m:f", "kind 'magic' is unknown; known are python"),
        ("Mine=python:m:f", "Mine: a name is made of small letters"),
        ("mine=python:", "at least 1 character"),
        ("mine=endpoint:http://h/v1", "mine.target: write URL#MODEL"),
    ],
)
def test_a_subject_that_is_none_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SubjectError, match=said):
        read_settings(tmp_path).with_subjects([text])


@pytest.mark.parametrize("kind", typing.get_args(typing.get_args(SubjectSettings)[0]))
def test_every_field_of_every_kind_is_documented(kind: type[BaseModel]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "subjects.md").read_text(encoding="utf-8")
    assert [name for name in kind.model_fields if not re.search(rf"\b{name}\b", page)] == []
    assert f"| `{typing.get_args(kind.model_fields['kind'].annotation)[0]}` |" in page


@pytest.mark.parametrize(
    "text",
    ["mine=endpoint:https://me:s3cret@h/v1#m", "mine=endpoint:https://h/v1?key=s3cret#m"],
)
def test_a_key_in_a_url_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(SubjectError, match="no key may stand in it") as caught:
        read_settings(tmp_path).with_subjects([text])
    assert "s3cret" not in str(caught.value)


def test_a_key_in_place_of_its_variable_is_refused_and_not_repeated(tmp_path: Path) -> None:
    table = "[tool.sentiment.subjects.a]\nkind = 'endpoint'\ntarget = 'http://h/v1#m'\nkey = 'sk-s3cret'\n"
    with pytest.raises(SettingsError, match="the name of an environment variable is wanted") as caught:
        read_settings(write(tmp_path, table))
    assert "s3cret" not in str(caught.value)


def test_a_target_on_disk_is_seen_from_where_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    table = "[tool.sentiment.subjects.a]\nkind = 'classifier'\ntarget = 'here'\n"
    found = read_settings(write(tmp_path, table + table.replace(".a]", ".b]").replace("here", "org/name")))
    assert {name: each.target for name, each in found.subjects.items()} == {
        "a": str(tmp_path / "here"),
        "b": "org/name",
    }
    monkeypatch.chdir(tmp_path)
    named = found.with_subjects(["c=answers:here"]).subjects["c"]
    assert named.target == str(tmp_path / "here")
    with pytest.raises(SubjectError, match="two subjects are called 'c'"):
        found.with_subjects(["c=python:m:f", "c=python:m:g"])
