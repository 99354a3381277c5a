from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from sentiment.judging.rulings import inconclusive
from sentiment.report.overview import overall
from sentiment.report.page import report_html
from sentiment.report.summary import job_summary, workflow_commands
from sentiment.report.terminal import closing_lines
from sentiment.runs.facts import RunFacts, facts_of
from sentiment.runs.journal import Finding, Journal, append, journal_path
from sentiment.runs.run import Run, read_run, run_of
from sentiment.types import BehaviorResult, Change, Interval, Role, Ruling, Status, SubjectFacts, Verdict
from unit_tests.recorded import SUBJECTS


@pytest.fixture(name="run")
def _run(promises, outcomes_of):
    def make(wrong: int, n: int = 40, predictor: str = "sft", unreadable: int = 0, **facts):
        journal = Journal({"firm": promises["firm"]}, outcomes_of("firm", predictor, wrong, n=n), unreadable=unreadable)
        return run_of(journal, facts_of({"complete": True, **facts}))

    return make


def test_a_kept_promise_is_said_to_be_kept(run) -> None:
    assert run(0).closing_sentence == "Every promise that was judged is kept (1 pass)."


def test_a_broken_promise_is_said_to_be_broken(run) -> None:
    assert run(30).closing_sentence == "1 promise is broken (1 fail)."


def test_an_inconclusive_run_is_never_said_to_be_kept(run) -> None:
    assert run(0, n=5).closing_sentence == (
        "No promise was found broken, but not all are shown to be kept (1 inconclusive)."
    )


def test_a_run_without_promises_says_so(run) -> None:
    assert "Nothing was promised" in run(0, predictor="base").closing_sentence


@pytest.mark.parametrize("facts", [{"complete": False}, {"complete": None}])
def test_a_stopped_run_says_so_first(run, facts) -> None:
    assert run(0, **facts).closing_sentence.startswith("INCOMPLETE: ")


def test_what_stopped_a_run_is_in_every_sentence_but_the_one_that_pytest_says_itself(run) -> None:
    stopped = run(0, complete=False, stopped="/cache: No space left on device")
    assert stopped.closing_sentence.startswith(
        "INCOMPLETE: the run has not come to its end (/cache: No space left on device). "
    )
    assert "No space left on device" in job_summary(stopped, Path("run"))
    assert "No space left on device" in report_html(stopped)
    assert "::error title=stopped::/cache: No space left on device" in list(workflow_commands(stopped))
    assert not any("space left" in line for line in closing_lines(stopped))


def test_quick_runs_and_lost_lines_are_owned_up_to(run) -> None:
    assert run(0, quick=True, unreadable=1).closing_sentence.startswith(
        "1 journal line is unreadable and left out. Quick run on fewer cases, which show a budget to be broken only "
        "far above it (15 % from 27.5 % on). "
    )


def test_an_accuracy_below_its_floor_is_a_broken_promise(promises, outcomes_of) -> None:
    accuracy = promises["accuracy"]
    journal = Journal({accuracy.name: accuracy}, outcomes_of("accuracy", "sft", 20))
    kept = run_of(journal, RunFacts(complete=True, accuracy_floor={"sft": 0.4}))
    assert kept.closing_sentence == "Every promise that was judged is kept (1 reported)."
    run = run_of(journal, RunFacts(complete=True, accuracy_floor={"sft": 0.9, "lora": 0.9}))
    assert run.closing_sentence == "1 promise is broken (1 reported; accuracy below its floor: sft)."


def test_an_accuracy_a_little_below_its_floor_is_neither_kept_nor_broken(promises, outcomes_of) -> None:
    journal = Journal({name: promises[name] for name in ("accuracy", "firm")}, [
        *outcomes_of("accuracy", "sft", 5), *outcomes_of("firm", "sft", 0)])  # fmt: skip
    kept, little = (run_of(journal, RunFacts(complete=True, accuracy_floor={"sft": floor})) for floor in (0.8, 0.9))
    assert (overall(kept), overall(little)) == ("good", "open")
    assert little.broken_floors == {}
    assert little.closing_sentence == (
        "No promise was found broken, but not all are shown to be kept "
        "(1 pass, 1 reported; accuracy below its floor, but not significantly: sft)."
    )


def test_a_behavior_that_judged_nothing_is_shown_and_is_no_pass(promises, outcomes_of) -> None:
    skipped = [replace(each, verdict=Verdict(Status.SKIPPED, "why")) for each in outcomes_of("firm", "sft", 0)]
    run = run_of(Journal({"firm": promises["firm"]}, skipped), RunFacts(complete=True))
    (result,) = run.results
    assert (result.ruling, result.judged, result.skipped) == (Ruling.INCONCLUSIVE, 0, 40)
    assert "all 40 were skipped" in result.reason
    assert any(line.endswith("inconclusive") for line in closing_lines(run))


def test_a_behavior_that_judged_nothing_keeps_the_ruling_and_reason_that_the_run_gave(promises, outcomes_of) -> None:
    firm = promises["firm"]
    skipped = [replace(each, verdict=Verdict(Status.SKIPPED, "why")) for each in outcomes_of("firm", "sft", 0)]
    given = replace(inconclusive(firm, "sft", "it made none"), ruling=Ruling.FAIL)
    for outcomes in ([], skipped):
        run = run_of(Journal({"firm": firm}, outcomes, {("firm", "sft"): given}), RunFacts(complete=True))
        (result,) = run.results
        assert (result.ruling, result.reason, result.judged) == (Ruling.FAIL, "it made none", 0)
        assert run.closing_sentence == "1 promise is broken (1 fail)."


def test_an_empty_run_has_something_to_say() -> None:
    run = run_of(Journal({}, []), RunFacts())
    assert list(closing_lines(run))[-1].endswith("(no results).")


@pytest.fixture(name="ruled_run")
def _ruled_run(promises, outcomes_of):
    """A run whose journal has rulings, of `firm` on 40 outcomes with two failures."""

    def make(**rulings: Ruling):
        change = Change(0.1, 1.0, 1.0, 0.2, ("firm:new",), ())
        results = {
            ("firm", predictor): BehaviorResult(
                promises["firm"], predictor, (), 0, 0, Interval(0, 1), ruling, "as ruled", change, known="why"
            )
            for predictor, ruling in rulings.items()
        }
        made = [each for predictor in rulings for each in outcomes_of("firm", predictor, 2)]
        return run_of(Journal({"firm": promises["firm"]}, made, results), RunFacts(complete=True))

    return make


def test_the_ruling_of_the_run_counts_and_its_figures_come_from_the_outcomes(ruled_run) -> None:
    (result,) = ruled_run(sft=Ruling.KNOWN).results
    assert (result.ruling, result.reason, result.known) == (Ruling.KNOWN, "as ruled", "why")
    assert (result.failed, result.judged, len(result.outcomes)) == (2, 40, 40)
    assert result.interval.low < 0.05 < result.interval.high < 1
    assert result.change.new_failures == ("firm:new",)


@pytest.mark.parametrize("ruling", [Ruling.KNOWN, Ruling.INCONCLUSIVE])
def test_what_is_known_or_inconclusive_is_never_said_to_be_kept(ruled_run, ruling: Ruling) -> None:
    sentence = ruled_run(sft=ruling, lora=Ruling.PASS).closing_sentence
    assert sentence == f"No promise was found broken, but not all are shown to be kept (1 pass, 1 {ruling.value})."
    assert ruled_run(sft=ruling, lora=Ruling.FAIL).closing_sentence.startswith("1 promise is broken")


def test_an_improvement_is_a_promise_kept(ruled_run) -> None:
    assert ruled_run(sft=Ruling.IMPROVED).closing_sentence == "Every promise that was judged is kept (1 improved)."


def test_a_behavior_that_could_not_be_asked_is_shown_though_it_has_no_outcomes(promises) -> None:
    firm = promises["firm"]
    journal = Journal({"firm": firm}, [], {("firm", "sft"): inconclusive(firm, "sft", "no ratings in this data")})
    (result,) = run_of(journal, RunFacts(complete=True)).results
    assert (result.ruling, result.reason, result.judged) == (Ruling.INCONCLUSIVE, "no ratings in this data", 0)


def test_findings_of_the_journal_are_findings_of_the_run() -> None:
    finding = Finding("spread", "sft", {"prompts": 50})
    assert run_of(Journal({}, [], findings=[finding]), RunFacts()).findings == [finding]


def test_until_an_approach_is_ruled_its_promises_are_open(promises, outcomes_of) -> None:
    journal = Journal({"firm": promises["firm"]}, outcomes_of("firm", "sft", 30))
    (result,) = run_of(journal, RunFacts(complete=False)).results
    assert (result.ruling, result.failed, result.judged) == (Ruling.INCONCLUSIVE, 30, 40)
    assert "not come to its end" in result.reason
    assert "No promise was found broken" in run_of(journal, RunFacts()).closing_sentence


def test_a_red_check_beside_rulings_is_never_a_green_sentence(ruled_run) -> None:
    run = replace(ruled_run(sft=Ruling.PASS), facts=RunFacts(complete=True, failed_checks={"test_x": "labels differ"}))
    assert run.closing_sentence == "1 other check is red (1 pass)."
    broken = replace(ruled_run(sft=Ruling.FAIL), facts=run.facts)
    assert broken.closing_sentence == "1 promise is broken and 1 other check is red (1 fail)."
    assert "test_x failed:" in list(closing_lines(run))
    assert overall(run) == "bad"
    assert "labels differ" in job_summary(run, Path("run"))
    assert "::error title=test_x::labels differ" in list(workflow_commands(run))
    assert "labels differ" in report_html(run)


def test_a_journal_is_reported_though_its_run_json_is_unreadable(tmp_path: Path, promises, outcomes_of) -> None:
    append(journal_path(tmp_path), promises["firm"], outcomes_of("firm", "sft", 3))
    (tmp_path / "run.json").write_text("{")
    run = read_run(tmp_path)
    assert run.results[0].failed == 3
    assert "run.json is unreadable" in run.closing_sentence


@pytest.fixture(name="run_of_subjects")
def _run_of_subjects(promises, outcomes_of):
    """A run of `firm` on 200 cases, with as many failures by subject as given."""

    def make(*declared: SubjectFacts, **wrong: int) -> Run:
        outcomes = [each for name, k in wrong.items() for each in outcomes_of("firm", name, k, n=200)]
        named = {each.name: each for each in declared}
        return run_of(Journal({"firm": promises["firm"]}, outcomes, named=named), RunFacts(complete=True))

    return make


def test_a_fourth_judged_subject_that_fails_is_shown_and_turns_the_run_red(run_of_subjects) -> None:
    run = run_of_subjects(*SUBJECTS, SubjectFacts("gpt"), base=100, sft=0, lora=0, gpt=150)
    assert run.closing_sentence == "1 promise is broken (2 pass, 1 fail, 1 reported)."
    assert (run.judged, run.is_floor("gpt"), overall(run)) == (["base", "sft", "lora", "gpt"], False, "bad")
    (result,) = [each for each in run.results if each.predictor == "gpt"]
    assert (result.ruling, result.failed, result.judged, result.budget) == (Ruling.FAIL, 150, 200, 0.15)
    page = unescape(re.sub("<[^>]*>", "", report_html(run)))
    assert re.search(r"gpt breaks 1 of 1 promises:\s*firm: fails 75.0\s%", page)
    assert "| base | sft | lora | gpt |" in job_summary(run, Path("run"))
    assert [line.split("::")[1] for line in workflow_commands(run)] == ["error title=gpt%3A firm"]
    assert {(each.first, each.second) for each in run.comparisons} >= {("sft", "gpt"), ("lora", "gpt")}
    assert "1 more predictor is in the report" in list(closing_lines(run))


def test_a_subject_alone_is_red_under_its_own_name(run_of_subjects) -> None:
    run = run_of_subjects(SubjectFacts("gpt"), gpt=150)
    assert run.closing_sentence == "1 promise is broken (1 fail)."
    assert [line.split()[1:5] for line in closing_lines(run) if line.startswith("  firm")] == [
        ["200", "FAIL", "75", "[69,80]"]
    ]


@pytest.mark.parametrize("promises_kept", [True, False])
def test_a_floor_fails_by_design_and_counts_in_no_ruling(run_of_subjects, promises_kept: bool) -> None:
    floor = SubjectFacts("gpt", Role.FLOOR, promises=promises_kept)
    run = run_of_subjects(SubjectFacts("sft"), floor, sft=0, gpt=150)
    assert run.closing_sentence == "Every promise that was judged is kept (1 pass)."
    assert (run.predictors, run.judged, run.is_floor("gpt")) == (["sft", "gpt"], ["sft"], True)
    assert (overall(run), list(workflow_commands(run)), run.comparisons) == ("good", [], [])
    assert [(each.predictor, each.ruling) for each in run.results] == [("sft", Ruling.PASS), ("gpt", Ruling.REPORTED)]
    assert not any("gpt" in line for line in closing_lines(run))


def test_where_floors_alone_answered_they_are_shown_and_nothing_was_promised(run_of_subjects) -> None:
    run = run_of_subjects(SubjectFacts("gpt", Role.FLOOR, promises=False), gpt=150)
    assert run.judged == ["gpt"]
    assert "Nothing was promised" in run.closing_sentence


def test_a_subject_whose_line_is_lost_is_no_floor(run_of_subjects, promises) -> None:
    run = run_of_subjects(SubjectFacts("sft"), sft=0, gpt=150)
    assert run.closing_sentence == "1 promise is broken (1 pass, 1 fail)."
    given = BehaviorResult(promises["firm"], "gpt", (), 150, 200, Interval(0, 1), Ruling.FAIL, "150 of 200 fail")
    alone = run_of(Journal({"firm": promises["firm"]}, [], {("firm", "gpt"): given}), RunFacts(complete=True))
    assert not alone.is_floor("gpt")
