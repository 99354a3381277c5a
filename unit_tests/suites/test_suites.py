"""The packaged suites: the very cases of the committed baselines, and nothing heavy loaded for them."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from sentiment.errors import NotApplicableError
from sentiment.judging.baseline import Baseline, baseline_path, digest_of_cases, read_baseline
from sentiment.profiles import load_profile
from sentiment.suites import SUITES, all_behaviors
from sentiment.types import PASSED, Approach, Behavior, Material, Outcome, Prediction, Shows

ROOT = Path(__file__).parents[2]
SUITE_FOLDER = ROOT / "sentiment" / "suites"
PROFILE = load_profile("smollm2")
NO_REVIEWS = Material(PROFILE.house_prompt, (), (), seed=PROFILE.seed)
BEHAVIORS = {behavior.name: behavior for behavior in all_behaviors()}
SOURCES = [
    re.sub(r"\bpartner(?:: |=)\S+", "", path.read_text(encoding="utf-8"))
    for path in (*SUITE_FOLDER.iterdir(), ROOT / "sentiment" / "behavior" / "written.py")
    if path.suffix in (".py", ".yaml")
]
"""Where behaviors are written down, without the places that name a partner."""


@cache
def baseline(approach: Approach) -> Baseline:
    found = read_baseline(
        baseline_path(ROOT / "behavior_tests" / "baselines", PROFILE.slug, approach), PROFILE.name, approach
    )
    assert found is not None
    return found


def outcomes_of(behavior: Behavior) -> list[Outcome]:
    """Of cases that need no reviews; none where they do."""
    try:
        cases = behavior.cases(NO_REVIEWS)
    except NotApplicableError:
        return []
    return [Outcome(behavior.name, "any", case, Prediction(None), None, PASSED) for case in cases]


WRITTEN = [name for name, behavior in BEHAVIORS.items() if behavior.promise.gated and outcomes_of(behavior)]


def test_the_behaviors_of_the_baselines_are_those_of_the_suites() -> None:
    assert [name for name, behavior in BEHAVIORS.items() if behavior.promise.gated] == list(
        baseline(Approach.LORA).behaviors
    )
    assert len(WRITTEN) == 34


@pytest.mark.parametrize("name", WRITTEN)
def test_the_cases_are_those_that_the_baselines_were_recorded_on(name: str) -> None:
    digest = digest_of_cases(outcomes_of(BEHAVIORS[name]))
    assert {baseline(approach).behaviors[name].digest for approach in Approach} == {digest}


@pytest.mark.parametrize("name", BEHAVIORS)
def test_a_name_is_written_once(name: str) -> None:
    assert sum(len(re.findall(rf"\b{name}\b", text)) for text in SOURCES) == 1


@pytest.mark.parametrize("shown", Shows)
def test_one_behavior_shows_each_thing_that_the_report_computes(shown: Shows) -> None:
    assert len([name for name, behavior in BEHAVIORS.items() if behavior.promise.shows is shown]) == 1


def test_every_yaml_file_is_read_by_the_suite_of_its_name() -> None:
    assert {path.stem for path in SUITE_FOLDER.glob("*.yaml")} <= set(SUITES)
    assert {*SUITES, "__init__", "reading"} == {path.stem for path in SUITE_FOLDER.glob("*.py")}


def test_sincere_praise_is_the_literal_twins_of_all_kinds_in_turn() -> None:
    *kinds, sincere = yaml.safe_load((SUITE_FOLDER / "sarcasm.yaml").read_text(encoding="utf-8"))
    in_turn = zip(*(kind["twins"] for kind in kinds), strict=True)
    assert sincere["frames"] == [literal for turn in in_turn for literal, _ in turn]


def test_a_suite_reads_its_own_file_alone_and_all_of_them_load_nothing_heavy() -> None:
    code = (
        "import sys; from sentiment.suites import negation, all_behaviors;"
        "print('sentiment.suites.sarcasm' in sys.modules, len(negation.BEHAVIORS));"
        "print(len(all_behaviors()), {'torch', 'transformers', 'pyarrow', 'pandas', 'pytest'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False 10", f"{len(BEHAVIORS)} set()"]
