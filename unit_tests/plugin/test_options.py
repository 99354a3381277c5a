"""What the options mean, and how a run is written down so that a part of it can be run again."""

from __future__ import annotations

import pytest

from sentiment.plugin.options import rerun_of, selection_of, settings_of
from unit_tests.plugin.ran import PLUGIN

pytest_plugins = ["pytester"]


@pytest.fixture(name="asked")
def _asked(repo: pytest.Pytester):
    """pytest's configuration for a command line in the repository."""
    return lambda *arguments: repo.parseconfigure(*PLUGIN, *arguments)


def test_a_part_is_run_again_with_the_options_that_change_what_is_judged(asked) -> None:
    config = asked(
        "checks", "-m", "lora", "-k", "praise",
        "--behavior-weights", "it's here", "--behavior-profile", "tiny", "--behavior-quick", "--behavior-strict",
        "--behavior-subject", "x=python:hers:able",
    )  # fmt: skip
    assert rerun_of(config).of_case("praise_is_read:1", ["lora"]) == (
        "pytest checks --behavior-profile tiny --behavior-subject x=python:hers:able "
        "--behavior-weights 'it'\"'\"'s here' --behavior-quick -m lora --behavior-case praise_is_read:1"
    )


def test_the_selection_is_what_was_named(asked) -> None:
    assert selection_of(asked()) == "all"
    assert selection_of(asked("checks")) == "all"
    config = asked("checks/test_foreign.py", "checks/test_ours.py", "-m", "able", "-k", "praise", "--behavior-quick")
    assert selection_of(config) == "able test_foreign.py test_ours.py praise quick"
    assert (
        selection_of(asked("--deselect", "checks/test_ours.py::test_behavior"))
        == "all without test_ours.py::test_behavior"
    )


def test_the_command_line_goes_before_the_file(asked, repo: pytest.Pytester) -> None:
    with (repo.path / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write('\n[tool.sentiment]\nprofile = "smollm2"\nreports = "kept"\nbehaviors = ["own.yaml"]\n')
    settings = settings_of(asked("--behavior-profile", "tiny", "--behavior-files", "more.csv"))
    assert settings.profile == "tiny"
    assert settings.reports == repo.path / "kept"
    assert [path.name for path in settings.behaviors] == ["own.yaml", "more.csv"]
    assert set(settings.subjects) == {"able", "constant_one"}
