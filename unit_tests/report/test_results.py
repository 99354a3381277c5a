from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sentiment.judging.rulings import inconclusive
from sentiment.report.results import PROPERTIES, junit_properties, statistics_as_output
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import Journal
from sentiment.runs.run import run_of
from sentiment.safety import whole_line
from sentiment.types import BehaviorResult, Change

pytest_plugins = "pytester"


@pytest.fixture(name="result")
def _result(promises, outcomes_of) -> BehaviorResult:
    journal = Journal({"firm": promises["firm"]}, outcomes_of("firm", "sft", 4))
    return run_of(journal, RunFacts(complete=True)).results[0]


def test_a_behavior_has_its_statistics_as_properties(result: BehaviorResult) -> None:
    change = Change(0.05, 0.0123456789, 1.0, 0.2)
    found = dict(junit_properties(replace(result, change=change)))
    assert list(found) == list(PROPERTIES)
    assert (found["failed"], found["judged"], found["groups"], found["rate"]) == ("4", "40", "40", "0.1")
    assert float(found["interval_low"]) < 0.1 < float(found["interval_high"])
    assert (found["budget"], found["ruling"]) == ("0.15", "pass")
    assert (found["baseline_rate"], found["p_worse"]) == ("0.05", "0.0123457")


def test_what_has_no_value_is_left_out(promises, result: BehaviorResult) -> None:
    assert not {"baseline_rate", "p_worse"} & dict(junit_properties(result)).keys()
    unasked = inconclusive(promises["accuracy"], "base", "no data")
    assert dict(junit_properties(unasked)) == {
        "behavior": promises["accuracy"].name,
        "predictor": "base",
        "failed": "0",
        "judged": "0",
        "groups": "0",
        "ruling": "inconclusive",
    }


CASE = {"skipped", "error", "failure", "system-out", "system-err"}
ALLOWED = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase", "system-out", "system-err"},
    "properties": {"property"},
    "testcase": CASE,
    **{leaf: set() for leaf in (*CASE, "property")},
}
"""The children that each element may have in the schema of xUnit 2 that Jenkins reads."""
REQUIRED = {"testsuite": {"name", "tests", "errors", "failures"}, "testcase": {"name"}, "property": {"name", "value"}}


def is_valid(element: ElementTree.Element) -> bool:
    return (
        {child.tag for child in element} <= ALLOWED[element.tag]
        and REQUIRED.get(element.tag, set()) <= element.attrib.keys()
        and all(map(is_valid, element))
    )


TESTS = """
import pytest

@pytest.fixture
def put(request):
    request.node.user_properties.extend({properties!r})

def test_passes(put):
    print("of its own")

def test_fails(put):
    pytest.fail("red")

def test_is_skipped(put):
    pytest.skip("open")

def test_of_somebody_else(request):
    request.node.user_properties.append(("kept", "1"))
"""


def test_junit_xml_is_valid_for_jenkins_and_keeps_every_statistic(
    pytester: pytest.Pytester, promises, result, hostile
) -> None:
    names = replace(result.promise, name="".join(hostile))
    properties = junit_properties(replace(result, promise=names))
    kept = {name: whole_line(value) for name, value in properties}
    pytester.makepyfile(TESTS.replace("{properties!r}", repr(properties)))
    path = pytester.path / "junit.xml"
    pytester.runpytest_inprocess("--junitxml", str(path), "-o", "junit_logging=system-out", "-p", "no:cacheprovider")
    assert not is_valid(ElementTree.parse(path).getroot())
    for _ in range(2):  # once more changes nothing
        statistics_as_output(path)
        cases = {case.get("name"): case for case in ElementTree.parse(path).iter("testcase")}
        for name in ("test_passes", "test_fails", "test_is_skipped"):
            assert is_valid(cases[name])
            lines = cases[name].find("system-out").text.splitlines()
            assert dict(line.split(": ", 1) for line in lines[: len(kept)]) == kept
        assert cases["test_passes"].find("system-out").text.rstrip().endswith("of its own")
        assert cases["test_fails"].find("failure").get("message") == "Failed: red"
        assert cases["test_of_somebody_else"].find("properties/property").get("name") == "kept"


def test_a_link_to_junit_xml_stays_a_link(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text("<testsuites/>")
    (tmp_path / "link.xml").symlink_to(path)
    statistics_as_output(tmp_path / "link.xml")
    assert (tmp_path / "link.xml").is_symlink()
