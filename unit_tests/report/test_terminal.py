from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sentiment.report.terminal import WIDTH, closing_lines, path_line, shortened, table
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import Finding, Journal, append, journal_path
from sentiment.runs.run import Run, read_run, run_of
from sentiment.runs.run_folder import write_facts
from sentiment.types import BehaviorResult, Interval, Ruling

FACTS = RunFacts(complete=True, accuracy_floor={"sft": 0.9, "lora": 0.9})


def lines_of(run: Run) -> list[str]:
    lines = list(closing_lines(run))
    assert max(map(len, lines)) <= WIDTH
    assert all(line.isprintable() for line in lines)
    return lines


def test_a_behavior_has_one_row_below_its_capability_and_a_column_per_subject(run_folder: Path) -> None:
    write_facts(run_folder, FACTS)
    lines = lines_of(read_run(run_folder))
    assert lines[0].split() == ["failures", "in", "%", "[95", "%]", "cases", "base", "sft", "lora"]
    place = lines.index("negation")
    assert lines[place + 1].split() == (
        "firm 40 - 50 [35,65] pass 5.0 [1.4,17] FAIL 38 [24,53]".split()  # noqa: SIM905
    )
    assert "-: reported, not judged" in lines
    assert lines[-1] == "3 promises are broken (2 pass, 2 fail, 5 reported; accuracy below its floor: lora)."


def test_only_comparisons_that_differ_for_sure_are_listed(run_folder: Path) -> None:
    write_facts(run_folder, FACTS)
    lines = lines_of(read_run(run_folder))
    assert any(line.split() == ["firm", "sft", "lora", "0", "13", "2", "40", "0.0015"] for line in lines)
    listed = [line for line in lines if line.startswith(("firm ", "steady ", "held_out")) and " base" in line]
    others = next(line for line in lines if "no significant difference" in line)
    assert int(others.split()[0]) == 9 - len(listed) - 3


def test_fifty_behaviors_of_three_subjects_stay_readable(promises, outcomes_of) -> None:
    made, results = {}, {}
    outcomes = outcomes_of("firm", "sft", 40)
    for i in range(50):
        name = f"number_{i}_has_a_rather_long_name_that_is_negative"
        made[name] = replace(promises["firm"], name=name, capability=f"capability {i // 10}")
        for predictor in ("base", "sft", "lora"):
            results[name, predictor] = BehaviorResult(
                made[name], predictor, (), 0, 0, Interval(0, 1), list(Ruling)[i % len(Ruling)], "why"
            )
    every = [replace(each, behavior=name, predictor=predictor) for name, predictor in results for each in outcomes[:3]]
    lines = lines_of(run_of(Journal(made, every, results), RunFacts(complete=True)))
    rows = [line for line in lines if line.startswith("  number_")]
    assert len(rows) == 50
    assert len({line.split()[0] for line in rows}) == 50
    meanings = "known: over budget, accepted with a reason; open: inconclusive; gain: better than the baseline; -:"
    assert lines[lines.index(meanings) + 1] == "reported, not judged"
    assert sum(line.startswith("capability ") for line in lines) == 5
    assert len(lines) < 75


@pytest.mark.parametrize("ruling", Ruling)
def test_every_ruling_has_its_word(promises, outcomes_of, ruling: Ruling) -> None:
    words = {"pass": "pass", "fail": "FAIL", "known": "known", "inconclusive": "open", "improved": "gain"}
    result = BehaviorResult(promises["firm"], "sft", (), 0, 0, Interval(0, 1), ruling, "why")
    journal = Journal({"firm": promises["firm"]}, outcomes_of("firm", "sft", 1), {("firm", "sft"): result})
    row = next(line for line in lines_of(run_of(journal, RunFacts())) if line.startswith("  firm"))
    assert row.split()[2] == words.get(ruling.value, "-")


def test_hostile_names_stay_on_their_line(run_folder: Path, promises, outcomes_of, hostile) -> None:
    for name in ["../../x", "", "a" * 300, *hostile]:
        append(journal_path(run_folder), promises["accuracy"], outcomes_of("accuracy", name, 3))
    write_facts(run_folder, FACTS)
    lines_of(read_run(run_folder))


def test_without_a_judged_subject_other_predictors_are_shown_as_far_as_there_is_room(promises, outcomes_of) -> None:
    every = [each for name in "pqrst" for each in outcomes_of("firm", name, 3)]
    lines = lines_of(run_of(Journal({"firm": promises["firm"]}, every), RunFacts()))
    assert lines[0].split()[-3:] == ["p", "q", "r"]
    assert "2 more predictors are in the report" in lines


def test_explained_failures_are_named(hostile) -> None:
    examples = [{"kind": "irony", "text": text} for text in hostile]
    finding = Finding("error_analysis", "sft", {"failed": 9, "candidates": 40, "examples": examples})
    lines = lines_of(run_of(Journal({}, [], findings=[finding]), RunFacts()))
    assert "sft: 9 of 40 difficult reviews are answered wrongly; explained in the report:" in lines
    assert sum(line.startswith("  irony: ") for line in lines) == len(hostile)


def test_the_last_line_is_the_path_and_is_never_cut(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120) / "\x1b[31m\n"
    assert path_line(folder).startswith("no report was written to ")
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("")
    line = path_line(folder)
    assert line.isprintable()
    assert line.startswith(f"report: {tmp_path}")
    assert line.endswith("\\x1b[31m\\n/report.html")


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    assert shortened("short", 10) == "short"
    assert shortened("expected_good_but_it_was_not_is_negative", 20) == "expected_good…gative"
    assert len(shortened("x" * 99, 20)) == 20


def test_a_table_puts_numbers_to_the_right_and_headings_on_their_own() -> None:
    rows = [["a heading that is longer than all"], ["one", "1"], ["two", "22"]]
    assert list(table(["name", "n"], rows)) == ["name   n", "a heading that is longer than all", "one    1", "two   22"]
