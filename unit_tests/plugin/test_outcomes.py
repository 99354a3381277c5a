"""What rulings come to in pytest, in the report and in JUnit's XML."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sentiment.judging.checks import CheckResult
from sentiment.plugin.judged import conclude
from sentiment.types import Ruling
from unit_tests.plugin.ran import ran_inside

pytest_plugins = ["pytester"]


@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize("ruling", list(Ruling))
def test_a_ruling_is_one_outcome_of_a_test_and_strict_runs_accept_no_open_one(ruling: Ruling, is_strict: bool) -> None:
    outcomes = {Ruling.FAIL: pytest.fail, Ruling.KNOWN: pytest.xfail, Ruling.INCONCLUSIVE: pytest.skip}
    expected = outcomes.get(ruling)
    if is_strict and expected is not None:
        expected = pytest.fail
    result = CheckResult(ruling, "because")
    if expected is None:
        conclude(result, is_strict)
    else:
        with pytest.raises(expected.Exception, match="because"):
            conclude(result, is_strict)


def test_a_baseline_is_recorded_and_a_weakness_is_known_once_somebody_says_why(repo: pytest.Pytester) -> None:
    """A `known.toml` beside the baseline turns red into expected."""
    path = repo.path / "behavior_tests" / "baselines" / "smollm2" / "constant_one.json"
    recording = ran_inside(repo, "-m", "constant_one", "--behavior-update-baseline", "checks")
    assert f"baseline of constant_one written to {path}" in recording.printed
    assert "words_are_read is over its budget (30 of 60)" in recording.printed
    red = ran_inside(repo, "-m", "constant_one", "checks")
    assert red.status == 1
    assert "say in known.toml why that is accepted" in red.printed
    path.with_name("known.toml").write_text('[constant_one]\nwords_are_read = "one answer is all it has"\n')
    green = ran_inside(repo, "-m", "constant_one", "-rx", "checks")
    assert green.status == 0, green.printed
    assert "as known: one answer is all it has" in green.printed
    assert ran_inside(repo, "-m", "constant_one", "--behavior-strict", "checks").status == 1
    path.write_text(path.read_text().replace('"cases_version": 1', '"cases_version": 99'))
    ran_inside(repo, "checks").assert_told_once(
        "constant_one.json: cases_version is 99, this run has 1; record it anew"
    )
    assert ran_inside(repo, "-m", "able", "checks").status == 0  # it needs another file


def test_a_worse_subject_is_red_against_an_earlier_run_and_one_that_it_lacks_is_told_once(
    repo: pytest.Pytester,
) -> None:
    earlier = ran_inside(repo, "-m", "able", "checks").run_folder()
    against = ("--behavior-against", str(earlier), "checks")
    red = ran_inside(repo, "--behavior-subject", "able=python:hers:constant_one", *against)
    assert red.status == 1, red.printed
    assert f"in {earlier}" in red.printed
    nothing = ran_inside(repo, "-m", "constant_one", *against)
    nothing.assert_told_once("share no judged case of constant_one")
    assert "words_are_read" in "\n".join(nothing.table())


EXTRA = """\
def test_extra(behavior_subject, behavior_notes):
    assert not behavior_notes, 'a check of its own'
"""


def test_a_red_check_beside_the_rulings_is_said_and_the_selection_is_named(repo: pytest.Pytester) -> None:
    (repo.path / "checks" / "test_extra.py").write_text(EXTRA, encoding="utf-8")
    ran = ran_inside(repo, "-m", "able", "checks/test_extra.py", "checks/test_ours.py")
    assert ran.status == 1
    results = ran.results()
    facts = json.loads((ran.run_folder() / "run.json").read_text(encoding="utf-8"))
    assert facts["complete"] is True
    assert facts["selection"] == "able test_extra.py test_ours.py"
    ((test, reason),) = results["failed_checks"].items()
    assert test.endswith("test_extra[able]")
    assert "a check of its own" in reason
    assert results["closing_sentence"].startswith("1 other check is red")
    assert "1 other check is red" in ran.printed


def test_where_reports_cannot_be_written_the_verdicts_are_there_and_junit_xml_has_them(
    repo: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written = ran_inside(repo, "-m", "able", "checks")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (repo.path / "file").write_text("")
    ran = ran_inside(repo, "-m", "able", "--behavior-reports", "file", "--junitxml", "junit.xml", "checks")
    assert ran.status == 0, ran.printed
    assert ran.table() == written.table()
    said = [line for line in ran.printed.splitlines() if line.startswith("report: ")]
    assert len(said) == 2
    assert said[0].startswith("report: cannot write file/")
    assert "this run is kept in " in said[0]
    elsewhere = Path(said[1].removeprefix("report: "))
    assert elsewhere.is_relative_to(tmp_path)
    assert elsewhere.is_file()
    outputs = ElementTree.parse(repo.path / "junit.xml").findall(".//testcase/system-out")
    found = [dict(line.split(": ", 1) for line in output.text.splitlines()) for output in outputs if output.text]
    praise = next(each for each in found if each.get("behavior") == "praise_is_read")
    assert (praise["predictor"], praise["judged"], praise["ruling"]) == ("able", "30", "pass")
    assert float(praise["interval_low"]) <= float(praise["rate"]) <= float(praise["interval_high"])
