from __future__ import annotations

import copy
import errno
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sentiment.errors import ReportError
from sentiment.report.two_runs import compare_runs
from sentiment.report.write import write_run
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import (
    Finding,
    append,
    append_finding,
    append_result,
    append_subject,
    journal_path,
    read_journal,
)
from sentiment.runs.run import run_of
from sentiment.types import (
    BehaviorResult,
    Change,
    Interval,
    Kind,
    Label,
    Prediction,
    Promise,
    Role,
    Ruling,
    Shows,
    Status,
    SubjectFacts,
    Verdict,
    only,
    shares_of,
)

CHANGE = Change(0.125, 0.5, 1.0, None, ("firm:a", "firm:b"), ())


@pytest.fixture(name="result")
def _result(promises) -> BehaviorResult:
    known = "<b>read</b> \u202eliterally\n"
    facts = {
        "budget": 0.15,
        "change": CHANGE,
        "against": replace(CHANGE, visible=0.04, fixed=("firm:c",)),
        "known": known,
    }
    return BehaviorResult(promises["firm"], "sft", (), 0, 0, Interval(0, 1), Ruling.KNOWN, "9 of 40", **facts)


def test_what_is_read_is_what_was_written(tmp_path: Path, promises, outcomes_of) -> None:
    path = journal_path(tmp_path)
    written = [*outcomes_of("firm", "sft", 3, unanswered=1), *outcomes_of("steady", "sft", 2)]
    append(path, promises["firm"], written[:40])
    append(path, promises["steady"], written[40:])
    journal = read_journal(tmp_path)
    assert journal.outcomes == written
    assert [outcome.case.tags for outcome in journal.outcomes] == [outcome.case.tags for outcome in written]
    assert journal.unreadable == 0
    assert journal.promises == {name: promises[name] for name in ("firm", "steady")}


def test_subjects_are_read_back_in_their_order_with_the_judged_ones_first(tmp_path: Path, hostile) -> None:
    path, facts = journal_path(tmp_path), {"model": hostile[0], "device": hostile[13]}
    declared = [
        SubjectFacts("constant", Role.FLOOR, promises=False),
        SubjectFacts("sft"),
        SubjectFacts("base", promises=False, reads_prompts=False, abstains=True, facts=facts),
    ]
    for subject in declared:
        append_subject(path, subject)
    journal = read_journal(tmp_path)
    assert journal.unreadable == 0
    assert list(journal.named.values()) == declared
    assert list(journal.subjects.items()) == [(each.name, each) for each in (declared[1], declared[2], declared[0])]


def test_a_subject_that_two_workers_declare_counts_once(tmp_path: Path, promises, outcomes_of) -> None:
    for worker in ("gw0", "gw1"):
        for name in ("sft", "gpt"):
            append_subject(journal_path(tmp_path, worker), SubjectFacts(name))
    append(journal_path(tmp_path, "gw1"), promises["firm"], outcomes_of("firm", "gpt", 3))
    assert list(read_journal(tmp_path).subjects) == ["sft", "gpt"]


def test_a_ruling_is_read_back_with_what_it_was_held_against(tmp_path: Path, result) -> None:
    append_result(journal_path(tmp_path), result)
    journal = read_journal(tmp_path)
    read = journal.results["firm", "sft"]
    assert (read.ruling, read.reason, read.known) == (result.ruling, result.reason, result.known)
    assert (read.promise, read.budget) == (result.promise, 0.15)
    for got, given in ((read.change, result.change), (read.against, result.against)):
        as_written = replace(got, new_failures=tuple(got.new_failures), fixed=tuple(got.fixed))
        assert as_written == given
    assert journal.promises == {"firm": result.promise}
    assert (journal.outcomes, journal.unreadable) == ([], 0)


def test_a_ruling_without_a_baseline_stays_without(tmp_path: Path, result) -> None:
    append_result(journal_path(tmp_path), replace(result, change=None, against=None, known=""))
    read = read_journal(tmp_path).results["firm", "sft"]
    assert (read.change, read.against, read.known) == (None, None, "")


def test_a_behavior_ruled_again_counts_once_and_approaches_are_apart(tmp_path: Path, result) -> None:
    for ruling, predictor in ((Ruling.FAIL, "sft"), (Ruling.PASS, "sft"), (Ruling.IMPROVED, "lora")):
        append_result(journal_path(tmp_path), replace(result, ruling=ruling, predictor=predictor))
    results = read_journal(tmp_path).results
    assert {key: each.ruling for key, each in results.items()} == {
        ("firm", "sft"): Ruling.PASS,
        ("firm", "lora"): Ruling.IMPROVED,
    }


def test_findings_are_read_back_and_of_equal_ones_the_last(tmp_path: Path, hostile) -> None:
    path = journal_path(tmp_path)
    facts = {"worst": {"prompt": hostile[0], "accuracy": 0.5}, "texts": list(hostile[:3]), "none": None}
    for finding in (Finding("spread", "sft", {}), Finding("spread", "lora", {}), Finding("spread", "sft", facts)):
        append_finding(path, finding)
    assert read_journal(tmp_path).findings == [Finding("spread", "sft", facts), Finding("spread", "lora", {})]


def test_a_figure_of_a_finding_that_is_not_finite_is_missing_and_the_rest_is_kept(tmp_path: Path) -> None:
    odd = {"worst": float("nan"), "of": [0.5, float("inf"), {"low": float("-inf")}], "prompts": 50}
    append_finding(journal_path(tmp_path), Finding("spread", "sft", odd))
    journal = read_journal(tmp_path)
    assert journal.findings == [
        Finding("spread", "sft", {"worst": None, "of": [0.5, None, {"low": None}], "prompts": 50})
    ]
    assert journal.unreadable == 0


def test_torn_rulings_and_findings_are_left_out_and_counted(tmp_path: Path, promises, outcomes_of, result) -> None:
    path = journal_path(tmp_path)
    append_result(path, result)
    append_finding(path, Finding("spread", "sft", {"a": 1}))
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in (1, 50, first - 2, first - 1, first, first + 1, first + 20, len(whole) - 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        journal = read_journal(tmp_path)
        assert len(journal.results) == (cut >= first - 1)
        assert len(journal.findings) == (cut >= len(whole) - 1)
        assert journal.unreadable == (cut not in (first - 1, first, len(whole) - 1))
    append(path, promises["firm"], outcomes_of("firm", "sft", 3))
    assert len(read_journal(tmp_path).outcomes) == 40


def test_each_line_stands_alone_and_is_ascii(tmp_path: Path, promises, outcomes_of) -> None:
    append(journal_path(tmp_path), promises["firm"], outcomes_of("firm", "sft", 3))
    lines = journal_path(tmp_path).read_bytes().decode("ascii").splitlines()
    assert len(lines) == 40
    (tmp_path / "other").mkdir()
    journal_path(tmp_path / "other").write_text(lines[17] + "\n")
    assert len(read_journal(tmp_path / "other").outcomes) == 1


def test_a_line_torn_by_a_kill_is_left_out_and_counted(tmp_path: Path, promises, outcomes_of) -> None:
    path = journal_path(tmp_path)
    append(path, promises["firm"], outcomes_of("firm", "sft", 3))
    whole = path.read_bytes()
    for cut in (1, 10, 200):
        path.write_bytes(whole[:-cut])
        journal = read_journal(tmp_path)
        assert len(journal.outcomes) + journal.unreadable == 40
        assert journal.unreadable == (cut > 1)


def test_writing_goes_on_after_a_torn_line(tmp_path: Path, promises, outcomes_of) -> None:
    path = journal_path(tmp_path)
    append(path, promises["firm"], outcomes_of("firm", "sft", 3))
    path.write_bytes(path.read_bytes()[:-50])
    append(path, promises["firm"], outcomes_of("firm", "lora", 3))
    journal = read_journal(tmp_path)
    assert (len(journal.outcomes), journal.unreadable) == (79, 1)


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        "null",
        '"x"',
        '{"behavior": {"name": "b"}}',
        "\x00",
        "1e999",
        '{"finding": 3}',
        '{"finding": {"kind": []}}',
    ],
)
def test_a_foreign_line_is_left_out_and_counted(tmp_path: Path, promises, outcomes_of, line: str) -> None:
    path = journal_path(tmp_path)
    append(path, promises["firm"], outcomes_of("firm", "sft", 3))
    with path.open("a") as file:
        file.write(line + "\n")
    assert read_journal(tmp_path).unreadable == 1


def test_a_case_judged_twice_counts_once_with_its_later_outcome(tmp_path: Path, promises, outcomes_of) -> None:
    first = outcomes_of("firm", "sft", 0)
    again = replace(first[0], prediction=Prediction(Label.POSITIVE), verdict=Verdict(Status.FAILED, "other"))
    append(journal_path(tmp_path), promises["firm"], first)
    append(journal_path(tmp_path), promises["firm"], [again])
    journal = read_journal(tmp_path)
    assert len(journal.outcomes) == 40
    assert journal.outcomes[0] == again


def test_the_journals_of_all_workers_are_one(tmp_path: Path, promises, outcomes_of) -> None:
    append(journal_path(tmp_path, "gw0"), promises["firm"], outcomes_of("firm", "sft", 3))
    append(journal_path(tmp_path, "gw1"), promises["firm"], outcomes_of("firm", "lora", 3))
    assert {outcome.predictor for outcome in read_journal(tmp_path).outcomes} == {"sft", "lora"}


def test_a_figure_that_is_not_a_number_is_written_as_missing(tmp_path: Path, promises, outcomes_of) -> None:
    odd = replace(
        outcomes_of("firm", "sft", 0)[0], prediction=Prediction(Label.POSITIVE, shares_of(float("nan")), float("inf"))
    )
    append(journal_path(tmp_path), promises["firm"], [odd])
    line = json.loads(journal_path(tmp_path).read_text())
    assert (line["prediction"]["shares"], line["prediction"]["label_mass"]) == (
        {"negative": None, "positive": None},
        None,
    )


def test_a_folder_without_a_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="holds no journal"):
        read_journal(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_one_line(tmp_path: Path, promises, outcomes_of) -> None:
    journal_path(tmp_path).symlink_to("/dev/full")
    with pytest.raises(ReportError) as caught:
        append(journal_path(tmp_path), promises["firm"], outcomes_of("firm", "sft", 0))
    assert os.strerror(errno.ENOSPC) in str(caught.value)
    assert "\n" not in str(caught.value)


FOREIGN = {
    "facts that are no object": {"finding": {"kind": "x", "predictor": "y", "facts": 3}},
    "a kind that is no text": {"finding": {"kind": ["x"], "predictor": "y", "facts": {}}},
    "an unknown field": {"finding": {"kind": "x"}},
    "a number": 5,
}


@pytest.mark.parametrize("line", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_line_of_another_shape_is_counted_and_left_out(tmp_path: Path, line) -> None:
    journal_path(tmp_path).write_text(json.dumps(line) + "\n")
    journal = read_journal(tmp_path)
    assert (journal.findings, journal.outcomes, journal.unreadable) == ([], [], 1)


@pytest.mark.parametrize("change", [{"text": 5}, {"tags": {"a": 1}}, {"group": None}, {"id": {}}])
def test_a_case_of_another_shape_is_counted_and_left_out(tmp_path: Path, promises, outcomes_of, change) -> None:
    path = journal_path(tmp_path)
    append(path, promises["firm"], outcomes_of("firm", "sft", 1)[:1])
    line = json.loads(path.read_text())
    path.write_text(json.dumps({**line, "case": {**line["case"], **change}}) + "\n")
    assert read_journal(tmp_path).unreadable == 1


def of_the_first_schema(predictor: str, place: int, status: str = "passed", name: str = "firm", **result) -> str:
    """A line as it was written before subjects were: an outcome, or with `result` a ruling."""
    behavior = {
        "name": name, "capability": "negation", "kind": "MFT", "promise": "It holds.",
        "budget": {"sft": 0.15, "lora": 0.15}, "min_live": 10, "partner": None, "gated": True,
    }  # fmt: skip
    if result:
        facts = {"predictor": predictor, "known": "", "change": None, "against": None, **result}
        return json.dumps({"result": facts, "behavior": behavior}) + "\n"
    prompt = {
        "name": "house", "template": "Good? {review}", "positive": "positive", "negative": "negative", "system": None,
        "chat": True, "parts": {},
    }  # fmt: skip
    case = {
        "id": f"{name}:{place:012x}", "label": "positive", "group": f"g{place}", "tags": {}, "text": f"text {place}",
        "prompt": prompt, "base": None,
    }  # fmt: skip
    answer = {
        "label": "negative" if status == "failed" else "positive", "p_positive": 0.25, "label_mass": 0.5, "text": "x",
        "cut": False,
    }  # fmt: skip
    return json.dumps({
        "behavior": behavior, "predictor": predictor, "case": case, "prediction": answer, "base_prediction": answer,
        "status": status, "reason": "wrong" if status == "failed" else "",
    }) + "\n"  # fmt: skip


@pytest.fixture(name="first_schema")
def _first_schema(tmp_path: Path) -> Path:
    """A run folder of before there were subjects: three approaches and two floors, lora failing."""
    lines = [
        of_the_first_schema(predictor, place, "failed" if place < wrong else "passed")
        for predictor, wrong in (("tf-idf", 30), ("lora", 30), ("constant", 30), ("base", 30), ("sft", 0))
        for place in range(40)
    ]
    lines.append(of_the_first_schema("lora", 0, ruling="fail", reason="30 of 40 fail"))
    lines.append(of_the_first_schema("base", 0, ruling="reported", reason="30 of 40 fail; no budget"))
    journal_path(tmp_path).write_text("".join(lines), encoding="ascii")
    return tmp_path


def test_lines_of_the_first_schema_are_read_as_what_they_meant(first_schema: Path) -> None:
    journal = read_journal(first_schema)
    assert (journal.unreadable, len(journal.outcomes), journal.named) == (0, 200, {})
    assert journal.promises == {"firm": Promise("firm", "negation", Kind.MFT, "It holds.", 0.15, min_live=10)}
    outcome = journal.outcomes[0]
    assert (outcome.case.allowed, outcome.case.label) == (only(Label.POSITIVE), Label.POSITIVE)
    assert outcome.prediction == outcome.base_prediction == Prediction(Label.NEGATIVE, shares_of(0.25), 0.5, "x")
    assert [journal.results["firm", name].budget for name in ("lora", "base")] == [0.15, None]


def test_approaches_of_the_first_schema_are_judged_and_all_else_was_a_floor(first_schema: Path) -> None:
    assert list(read_journal(first_schema).subjects.values()) == [
        SubjectFacts("base", promises=False),
        SubjectFacts("sft"),
        SubjectFacts("lora"),
        SubjectFacts("constant", Role.FLOOR, promises=False),
        SubjectFacts("tf-idf", Role.FLOOR, promises=False),
    ]
    run = run_of(read_journal(first_schema), RunFacts(complete=True))
    assert run.closing_sentence == "1 promise is broken (1 pass, 1 fail, 1 reported)."


def test_a_run_of_the_first_schema_can_still_be_reported_and_compared(first_schema: Path) -> None:
    told = {"profile": "tiny", "quick": False, "complete": True, "ended": True, "rerun_command": "pytest x", "run": "r"}
    (first_schema / "run.json").write_text(json.dumps(told))
    write_run(first_schema)
    results = json.loads((first_schema / "results.json").read_text())
    assert results["closing_sentence"] == "1 promise is broken (1 pass, 1 fail, 1 reported)."
    assert {each["name"]: each["role"] for each in results["subjects"]} == {
        "base": "judged", "sft": "judged", "lora": "judged", "constant": "floor", "tf-idf": "floor",
    }  # fmt: skip
    assert "pytest x -m " in (first_schema / "report.html").read_text()
    found = compare_runs(first_schema, first_schema, ["sft:lora"])
    assert (found.rows[0].counts.broken, found.warnings) == (30, [])


@pytest.mark.parametrize(
    ("name", "shows"),
    [
        ("held_out_reviews_get_their_label", Shows.ACCURACY),
        ("rewording_keeps_the_answer", Shows.PROMPT_SPREAD),
        ("any_other", None),
    ],
)
def test_what_behaviors_of_the_first_schema_showed_is_known_by_their_names(tmp_path: Path, name: str, shows) -> None:
    journal_path(tmp_path).write_text(of_the_first_schema("sft", 0, name=name))
    assert read_journal(tmp_path).promises[name].shows is shows


@pytest.mark.parametrize(("budget", "wanted"), [({}, None), ({"sft": 0.1}, 0.1), ({"sft": 2}, "unreadable")])
def test_a_budget_of_the_first_schema_is_one_share_or_none(tmp_path: Path, budget, wanted) -> None:
    line = json.loads(of_the_first_schema("sft", 0))
    line["behavior"]["budget"] = budget
    journal_path(tmp_path).write_text(json.dumps(line))
    journal = read_journal(tmp_path)
    assert journal.unreadable == (wanted == "unreadable")
    assert journal.unreadable or journal.promises["firm"].budget == wanted


@pytest.mark.parametrize("label", [None, "negative"])
def test_labels_and_shares_that_were_unknown_in_the_first_schema_still_are(tmp_path: Path, label) -> None:
    line = json.loads(of_the_first_schema("sft", 0))
    line["case"]["label"], line["prediction"]["p_positive"] = label, None
    journal_path(tmp_path).write_text(json.dumps(line))
    (outcome,) = read_journal(tmp_path).outcomes
    assert outcome.case.allowed == (frozenset() if label is None else {Label.NEGATIVE})
    assert outcome.prediction.shares is None


def test_several_allowed_labels_and_uneven_shares_are_read_back(tmp_path: Path, promises, outcomes_of) -> None:
    plain = outcomes_of("firm", "sft", 0)[0]
    written = replace(
        plain,
        case=replace(plain.case, allowed=frozenset(Label)),
        prediction=Prediction(Label.POSITIVE, {Label.POSITIVE: 0.7}),
    )
    append(journal_path(tmp_path), promises["firm"], [written])
    assert read_journal(tmp_path).outcomes == [written]


@pytest.mark.parametrize(
    "change",
    [{"role": "king"}, {"promises": "yes"}, {"name": 3}, {"facts": {"model": 5}}, {"facts": None}, {"abstains": 0}],
)
def test_a_subject_of_another_shape_is_counted_and_left_out(tmp_path: Path, change) -> None:
    path = journal_path(tmp_path)
    append_subject(path, SubjectFacts("gpt"))
    line = json.loads(path.read_text())
    path.write_text(json.dumps({"subject": {**line["subject"], **change}}) + "\n")
    journal = read_journal(tmp_path)
    assert (journal.named, journal.unreadable) == ({}, 1)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every key of a line stands."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(each, (*path, key))


def altered(line: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> str:
    line = copy.deepcopy(line)
    place = line
    for key in path[:-1]:
        place = place[key]
    change(place, path[-1])
    return json.dumps(line) + "\n"


FREE = ("facts", "tags", "parts")
"""What is within them has any key."""
NOT_SAID = {("behavior", "shows"), ("result", "budget")}
"""What lines of the first schema did not say."""


def test_of_what_a_line_holds_nothing_can_be_missing_or_of_another_kind(
    tmp_path: Path, promises, outcomes_of, result
) -> None:
    path = journal_path(tmp_path)
    append(path, promises["steady"], outcomes_of("steady", "sft", 1, n=1))
    append_result(path, result)
    append_finding(path, Finding("noise_floor", "sft", {"queries": 12, "flips": 0, "largest": 0.01}))
    append_subject(path, SubjectFacts("sft", facts={"model": "m"}))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    spots = [(line, spot) for line in lines for spot in places(line) if not set(FREE) & set(spot[:-1])]
    assert len(spots) > 90
    for line, spot in spots:
        path.write_text(altered(line, spot, lambda place, key: place.__setitem__(key, {"x": [5]})))
        is_free = spot[-1] == "facts" and "finding" in line
        assert read_journal(tmp_path).unreadable == (not is_free), spot
        if isinstance(spot[-1], str) and spot not in NOT_SAID and spot[-2:-1] != ("shares",):
            path.write_text(altered(line, spot, lambda place, key: place.pop(key)))
            assert read_journal(tmp_path).unreadable == 1, spot


@pytest.mark.parametrize("wrong", [-0.1, 1.1, 10**400, "0.5", True, [0.5]])
def test_a_share_or_budget_outside_of_what_can_be_makes_a_line_unreadable(
    tmp_path: Path, promises, outcomes_of, wrong
) -> None:
    path = journal_path(tmp_path)
    append(path, promises["firm"], outcomes_of("firm", "sft", 1, n=1))
    line = json.loads(path.read_text())
    for spot in (("prediction", "shares", "positive"), ("behavior", "budget")):
        path.write_text(altered(line, spot, lambda place, key: place.__setitem__(key, wrong)))
        assert read_journal(tmp_path).unreadable == 1


def test_bases_are_nested_and_no_depth_of_them_is_too_odd_to_be_told(tmp_path: Path, promises, outcomes_of) -> None:
    path = journal_path(tmp_path)
    outcome = outcomes_of("steady", "sft", 1, n=1)[0]
    deeper = replace(outcome, case=replace(outcome.case, base=replace(outcome.case, id="steady:b")))
    append(path, promises["steady"], [deeper])
    assert read_journal(tmp_path).outcomes == [deeper]
    line = json.loads(path.read_text())
    line["case"]["base"]["base"] = "HERE"
    before, after = json.dumps(line).split('"HERE"')
    case = json.dumps({**line["case"]["base"], "base": "HERE"}).split('"HERE"')
    for levels in (10, 300, 2000, 20_000):
        path.write_text(before + case[0] * levels + "null" + case[1] * levels + after)
        journal = read_journal(tmp_path)
        assert (len(journal.outcomes), journal.unreadable) == ((1, 0) if levels == 10 else (0, 1))
