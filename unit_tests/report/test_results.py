from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from sentiment.behavior.rulings import inconclusive
from sentiment.report.journal import Journal
from sentiment.report.results import PROPERTIES, junit_properties
from sentiment.report.runs import run_of
from sentiment.types import BehaviorResult, Change

pytest_plugins = "pytester"


@pytest.fixture(name="result")
def _result(behaviors, outcomes_of) -> BehaviorResult:
    journal = Journal({"firm": behaviors["firm"]}, outcomes_of("firm", "sft", 4))
    return run_of(journal, {"complete": True}).results[0]


def test_a_behavior_has_its_statistics_as_properties(result: BehaviorResult) -> None:
    change = Change(0.05, 0.0123456789, 1.0, 0.2)
    found = dict(junit_properties(replace(result, change=change)))
    assert list(found) == list(PROPERTIES)
    assert (found["failed"], found["judged"], found["groups"], found["rate"]) == ("4", "40", "40", "0.1")
    assert float(found["interval_low"]) < 0.1 < float(found["interval_high"])
    assert (found["budget"], found["ruling"]) == ("0.15", "pass")
    assert (found["baseline_rate"], found["p_worse"]) == ("0.05", "0.0123457")


def test_what_has_no_value_is_left_out(behaviors, result: BehaviorResult) -> None:
    assert not {"baseline_rate", "p_worse"} & dict(junit_properties(result)).keys()
    unasked = inconclusive(behaviors["accuracy"], "base", "no data")
    assert dict(junit_properties(unasked)) == {
        "behavior": behaviors["accuracy"].name,
        "predictor": "base",
        "failed": "0",
        "judged": "0",
        "groups": "0",
        "ruling": "inconclusive",
    }


def test_junit_xml_with_hostile_properties_parses(pytester: pytest.Pytester, behaviors, result, hostile) -> None:
    names = replace(result.behavior, name="".join(hostile))
    properties = junit_properties(replace(result, behavior=names))
    pytester.makepyfile(
        f"def test_it(record_property):\n    for pair in {properties!r}:\n        record_property(*pair)"
    )
    done = pytester.runpytest_inprocess("--junitxml", "junit.xml", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=1)
    found = ElementTree.parse(pytester.path / "junit.xml").findall(".//testcase/properties/property")
    assert [each.get("name") for each in found] == [name for name, _ in properties]
    assert {each.get("name"): each.get("value") for each in found}["rate"] == "0.1"
