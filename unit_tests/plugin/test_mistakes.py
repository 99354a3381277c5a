"""What a user can get wrong is one line, said once, with exit status 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment.models.base import base_model
from sentiment.profiles import Profile
from unit_tests.plugin.ran import PLUGIN, Ran, ran_inside

pytest_plugins = ["pytester"]

SUBJECT = "--behavior-subject"
UPDATE = "--behavior-update-baseline"
WRONG = {
    "an unknown kind": ([SUBJECT, "x=oracle:delphi"], "kind 'oracle' is unknown; known are python"),
    "no kind": ([SUBJECT, "x"], "subject 'x': write NAME=KIND:TARGET, such as mine=python:my_package.model:classify"),
    "a name that no mark can have": (
        [SUBJECT, "X Y=python:hers:able"],
        "X Y: a name is made of small letters",
    ),
    "no module": (
        [SUBJECT, "x=python:nowhere:able"],
        "nowhere:able cannot be imported: ModuleNotFoundError: No module",
    ),
    "no function": ([SUBJECT, "x=python:hers:NUMBER"], "hers:NUMBER is a int, not a function of a list of texts"),
    "an unknown case": (["--behavior-case", "nope:1"], "--behavior-case nope:1: no behavior of that name"),
    "a floor's name": ([SUBJECT, "constant=python:hers:able"], "'constant' is the name of a floor"),
    "an approach's name": (
        [SUBJECT, "lora=python:hers:able"],
        "'lora' is the name of an approach: give your",
    ),
    "a mark's name": ([SUBJECT, "slow=python:hers:able"], "'slow' is the name of a mark: give your classifier another"),
    "two of one name": ([SUBJECT, "x=python:hers:able"] * 2, "two subjects are called 'x': give one of them another"),
    "no port": ([SUBJECT, "x=endpoint:http://127.0.0.1:abc/v1#m"], "x.target: Port could not be cast"),
    "no file of answers": ([SUBJECT, "x=answers:nowhere.jsonl"], "x: nowhere.jsonl: no such file of answers"),
    "a baseline of some behaviors": ([UPDATE, "-k", "praise"], "records whole subjects, and -k"),
    "a baseline of two subjects": ([UPDATE, "-m", "not able"], "takes -m with one of able, constant_one alone"),
    "a baseline of one file": ([UPDATE, "checks/test_ours.py"], "records whole subjects, and checks/test_ours.py"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_option_is_told_once(repo: pytest.Pytester, arguments: list[str], message: str) -> None:
    ran = ran_inside(repo, "checks", *arguments)
    ran.assert_told_once(message)
    assert " passed" not in ran.printed


@pytest.mark.parametrize(
    "marks",
    [[], ["-m", "not lora"], ["-m", "able"]],
    ids=["of whatever", "of two approaches", "of a function"],
)
def test_weights_are_those_of_one_approach(repo: pytest.Pytester, tiny: Profile, marks: list[str]) -> None:
    weights = str(base_model(tiny.model, lambda line: None).path)
    ran = ran_inside(repo, "checks", "--behavior-profile", "tiny", "--behavior-weights", weights, *marks)
    ran.assert_told_once("say as what with -m base, -m sft or -m lora")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('kind = "oracle"', "pyproject.toml: tool.sentiment.subjects.x: kind 'oracle' is unknown; known are"),
        ("knid = 1", "pyproject.toml: tool.sentiment.subjects.x: kind is missing, one of python, model,"),
        ("kind = ", "pyproject.toml cannot be read: "),
    ],
)
def test_a_wrong_field_of_the_settings_is_told_once(repo: pytest.Pytester, line: str, message: str) -> None:
    with (repo.path / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[tool.sentiment.subjects.x]\ntarget = "hers:able"\n{line}\n')
    ran_inside(repo, "checks", "-c", "/dev/null", "--rootdir", str(repo.path)).assert_told_once(message)


def test_an_unknown_mark_does_not_pass(repo: pytest.Pytester) -> None:
    ran = ran_inside(repo, "checks", "-m", "abel")
    assert ran.status not in (0, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "Unknown marker" in ran.printed


def test_a_cache_that_cannot_be_made_is_told_once(repo: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIMENT_CACHE", "/proc/no/such/place")
    ran_inside(repo, "checks").assert_told_once("set SENTIMENT_CACHE")


OWN = """\
- name: praise_is_read
  capability: own
  promise: It stands in another file already.
  texts: [{text: Fine., label: 1}]
"""
OWN_TESTS = """\
from sentiment.plugin import own_behaviors

def behaviors(config):
    return own_behaviors(config, beside=__file__)

def test_behavior(judged_behavior):
    judged_behavior.keeps_its_promise()
"""


def with_own(folder: Path) -> str:
    """Adds a behavior whose name another one has; gives what is to be said of it."""
    (folder / "checks" / "own.yaml").write_text(OWN, encoding="utf-8")
    (folder / "checks" / "test_own.py").write_text(OWN_TESTS, encoding="utf-8")
    return f"behavior 'praise_is_read' of {folder / 'checks' / 'own.yaml'}, line 1 stands in test_ours.py already"


def test_own_behaviors_that_cannot_be_used_are_told_once(repo: pytest.Pytester) -> None:
    said = with_own(repo.path)
    ran_inside(repo, "checks").assert_told_once(said)


def test_workers_tell_once_too(
    tmp_path: Path, repository: Callable[[Path], Path], pytest_in: Callable[..., Ran]
) -> None:
    said = with_own(repository(tmp_path))
    ran = pytest_in(tmp_path, "checks", "-p", "xdist.plugin", "-n", "2")
    assert ran.status == 2, ran.printed
    assert ran.printed.count(said) == 1, ran.printed
    assert "Traceback" not in ran.printed
    assert "ERROR" not in ran.printed


def test_what_options_were_called_is_said_with_what_they_are_called_now(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the repository's own `conftest.py`; the plugin takes no name without its prefix."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # or it comes twice where it is installed
    root = Path(__file__).parents[2] / "conftest.py"
    pytester.makeconftest(root.read_text(encoding="utf-8"))
    pytester.makepyfile("def test_nothing(): pass")
    done = pytester.runpytest_inprocess(*PLUGIN, "--profile", "tiny", "--quick", "--case=a:1")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    lines = [line for line in done.stderr.lines if "is now" in line]
    assert lines == [
        "ERROR: --profile is now --behavior-profile; --quick is now --behavior-quick; --case is now --behavior-case"
    ]
