from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sentiment.errors import ReportError
from sentiment.judging.paired import worse
from sentiment.judging.statistics import holm
from sentiment.report import two_runs_page
from sentiment.report.terminal import WIDTH
from sentiment.report.two_runs import compare_runs
from sentiment.report.two_runs_page import comparison_html, comparison_lines
from sentiment.runs.facts import RunFacts
from sentiment.runs.journal import append, journal_path
from sentiment.runs.run_folder import write_facts
from sentiment.types import TWO_LABELS, Label, Outcome, Promise, Prompt, Query, Status, Verdict
from unit_tests.making import case_of


@pytest.fixture(name="make_run")
def _make_run(tmp_path: Path, promises: dict[str, Promise]) -> Callable[..., Path]:
    """A run folder of that name with these outcomes."""

    def make(name: str, outcomes: Sequence[Outcome], **facts: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        by_name = {promise.name: promise for promise in promises.values()}
        for outcome in outcomes:
            append(journal_path(folder), by_name[outcome.behavior], [outcome])
        write_facts(folder, replace(RunFacts(profile="tiny", model="m", complete=True), **facts))
        return folder

    return make


class Elements(HTMLParser):
    """The tags of a page, their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words += data


def test_what_is_fixed_and_broken_is_counted_on_identical_cases(make_run, outcomes_of) -> None:
    before = make_run("a", [*outcomes_of("firm", "lora", 5), *outcomes_of("steady", "lora", 9)])
    after = make_run("b", [*outcomes_of("firm", "lora", 15, n=36), *outcomes_of("steady", "lora", 2)])
    found = compare_runs(before, after)
    firm, steady = found.rows
    assert (firm.counts.fixed, firm.counts.broken, firm.counts.both_wrong, firm.counts.both_right) == (0, 10, 5, 21)
    assert (steady.counts.fixed, steady.counts.broken, steady.counts.both_wrong) == (7, 0, 2)
    assert (firm.counts.first_rate, firm.counts.second_rate) == (5 / 36, 15 / 36)
    assert [firm.p_worse, steady.p_worse] == holm([worse([1] * 10), worse([-1] * 7)])
    assert [firm.verdict, steady.verdict] == ["worse", "better"]
    assert found.worse == [firm]
    assert (found.only_first, found.only_second, found.shared) == (4, 0, 76)
    assert [new.case.id for _, new in firm.broken] == [each.case.id for each in outcomes_of("firm", "lora", 15)[5:15]]
    assert {new.verdict.status for _, new in steady.fixed} == {Status.PASSED}
    assert found.closing_sentence == (
        "1 behavior is significantly worse, 1 significantly better: of 76 shared cases 7 are fixed and 10 broken; "
        "4 only in the first run, 0 only in the second."
    )


def test_a_worsening_of_what_is_not_gated_is_told_and_gates_nothing(make_run, promises, outcomes_of) -> None:
    promises["firm"] = replace(promises["firm"], gated=False)
    before = make_run("a", outcomes_of("firm", "lora", 0))
    after = make_run("b", outcomes_of("firm", "lora", 30))
    found = compare_runs(before, after)
    assert found.worse == []
    assert found.closing_sentence.startswith("No behavior is significantly worse, 1 worse that nothing is promised of")
    assert any(line.endswith("(worse)") for line in comparison_lines(found))


def test_groups_that_change_together_count_once(make_run, outcomes_of) -> None:
    def grouped(wrong: int) -> list[Outcome]:
        return [replace(o, case=replace(o.case, group="one frame")) for o in outcomes_of("firm", "lora", wrong)]

    found = compare_runs(make_run("a", grouped(0)), make_run("b", grouped(30)))
    assert found.rows[0].counts.broken == 30
    assert found.rows[0].p_worse == 0.5


def test_skipped_cases_are_compared_with_nothing(make_run, outcomes_of) -> None:
    outcomes = outcomes_of("firm", "lora", 3)
    skipped = [replace(each, verdict=Verdict(Status.SKIPPED, "why")) for each in outcomes[:10]]
    found = compare_runs(make_run("a", outcomes), make_run("b", [*skipped, *outcomes[10:]]))
    assert (found.shared, found.only_first) == (30, 10)


def test_subjects_are_compared_with_themselves_and_floors_with_nothing(make_run, outcomes_of) -> None:
    every = [each for name in ("sft", "lora", "constant") for each in outcomes_of("firm", name, 3)]
    found = compare_runs(make_run("a", every), make_run("b", every))
    assert found.pairs == [("sft", "sft"), ("lora", "lora")]


def test_any_two_predictors_can_be_named_also_of_one_run(make_run, outcomes_of) -> None:
    run = make_run("a", [*outcomes_of("firm", "lora", 15), *outcomes_of("firm", "sft", 2)])
    found = compare_runs(run, run, ["lora:sft", "sft"])
    assert [(*row.pair, row.counts.fixed) for row in found.rows] == [
        ("lora", "sft", 13), ("sft", "sft", 0),
    ]  # fmt: skip
    with pytest.raises(ReportError, match=r"--predictors lora:base: .* has no 'base', but lora, sft"):
        compare_runs(run, run, ["lora:base"])


def test_a_case_whose_expected_label_changed_is_left_out(make_run, outcomes_of) -> None:
    outcomes = outcomes_of("firm", "lora", 3)
    other = [
        replace(each, case=replace(each.case, allowed=TWO_LABELS.others(each.case.label))) for each in outcomes[:5]
    ]
    found = compare_runs(make_run("a", outcomes), make_run("b", [*other, *outcomes[5:]]))
    assert found.shared == 35
    assert "5 cases are left out: the label that is expected is not the same" in found.warnings


def asked_with(outcomes: list[Outcome], prompt: Prompt) -> list[Outcome]:
    cases = [case_of(o.behavior, Query(prompt, o.case.query.text), label=Label.POSITIVE) for o in outcomes]
    return [replace(outcome, case=case) for outcome, case in zip(outcomes, cases, strict=True)]


def test_what_differs_between_the_runs_is_warned_of(make_run, outcomes_of) -> None:
    outcomes = outcomes_of("firm", "lora", 3)
    other = asked_with(outcomes_of("firm", "lora", 3, n=4), Prompt("mine", "Is it good? {review}"))
    before = make_run("a", outcomes, seed=0, complete=False)
    (before / "journal.jsonl").open("a").write("torn")
    found = compare_runs(before, make_run("b", [*outcomes, *other], profile="smollm2", seed=1))
    assert found.warnings == [
        "a is incomplete",
        "a: 1 journal line is unreadable",
        "the profiles differ: tiny against smollm2",
        "the prompts differ: none only in the first run, mine only in the second; cases are shared where the wording "
        "is the very same",
    ]
    assert found.differences == [("profile", "tiny", "smollm2"), ("seed", "0", "1")]
    assert found.only_second == 4


def test_runs_without_a_shared_case_are_refused_with_what_differs(make_run, outcomes_of) -> None:
    firm = make_run("firm", outcomes_of("firm", "lora", 3))
    steady = make_run("steady", outcomes_of("steady", "lora", 3))
    sft = make_run("sft", outcomes_of("firm", "sft", 3))
    prompt = make_run("prompt", asked_with(outcomes_of("firm", "lora", 3), Prompt("mine", "Good? {review}")))
    texts = [
        replace(each, case=case_of("firm", Query(each.case.query.prompt, f"other {i}"), label=Label.POSITIVE))
        for i, each in enumerate(outcomes_of("firm", "lora", 3))
    ]
    other = make_run("texts", texts, seed=7)
    for second, message in (
        (steady, "cannot be compared: they judged other behaviors, firm against steady"),
        (sft, r"\(lora\) and .*sft \(sft\) have no judged subject in common; name two with --predictors BEFORE:AFTER"),
        (prompt, "cannot be compared: they asked with other prompts, .* against 'Good\\? {review}'"),
        (other, r"cannot be compared: they judged other cases of the same behaviors \(seed unknown against 7\)"),
    ):
        with pytest.raises(ReportError, match=message):
            compare_runs(firm, second)


def test_a_folder_that_is_no_run_is_one_line(make_run, outcomes_of, tmp_path: Path) -> None:
    run = make_run("a", outcomes_of("firm", "lora", 3))
    for name in ("empty", "started", "foreign", "binary"):
        (tmp_path / name).mkdir()
    (tmp_path / "started" / "journal.jsonl").write_text("")
    (tmp_path / "foreign" / "journal.jsonl").write_text('{"a": 1}\nnonsense\n')
    (tmp_path / "binary" / "journal.jsonl").write_bytes(bytes(range(256)) * 3)
    (run / "report.html").write_text("")
    for path, message in (
        (tmp_path / "nowhere", "nowhere is not a run folder"),
        (run / "report.html", r"report.html is not a run folder; give its folder .*/a$"),
        (tmp_path / "empty", "holds no journal"),
        (tmp_path / "started", "holds no judged case: nothing to compare"),
        (tmp_path / "foreign", r"holds no judged case \(2 lines are unreadable\)"),
        (tmp_path / "binary", r"holds no judged case"),
    ):
        for pair in ((run, path), (path, run)):
            with pytest.raises(ReportError, match=message):
                compare_runs(*pair)


@pytest.fixture(name="hostile_pair")
def _hostile_pair(make_run, outcomes_of, hostile):
    """Two runs whose every text is hostile, and one whose folder's name is."""
    before = make_run(
        "a\x1b[31m", [*outcomes_of("firm", "lora", 20), *outcomes_of("steady", "lora", 0)], model=hostile[0]
    )
    after = make_run("b", [*outcomes_of("firm", "lora", 0), *outcomes_of("steady", "lora", 20)], model=hostile[2])
    return compare_runs(before, after)


def test_the_table_fits_and_hostile_text_stays_on_its_line(hostile_pair) -> None:
    lines = list(comparison_lines(hostile_pair))
    assert max(map(len, lines)) <= WIDTH
    assert all(line.isprintable() for line in lines)
    row = next(line for line in lines if line.startswith("  steady")).split()
    assert row[:7] == ["steady", "0.0", "50.0", "0", "20", "0", "20"]
    assert row[-1] == "worse"
    assert " ".join(lines).endswith(hostile_pair.closing_sentence)


def test_the_page_shows_the_sentences_and_gains_no_element_from_them(hostile_pair) -> None:
    page = Elements(comparison_html(hostile_pair))
    known = {"html", "head", "meta", "title", "style", "body", "header", "main", "h1", "h2", "h3", "p", "ul", "li"}
    known |= {"dl", "dt", "dd", "bdi", "div", "table", "thead", "tbody", "tr", "th", "td", "a", "span", "section"}
    known |= {"details", "summary", "b", "article", "blockquote", "code", "del", "ins"}
    assert set(page.tags) <= known
    assert page.tags.count("article") == 40
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "src"]
    links = [value for name, value in page.attributes if name == "href"]
    assert all(link.startswith("#row-") for link in links)
    policy = next(value for name, value in page.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy
    assert "<script>alert(1)</script>" in page.words
    assert all(sign.isprintable() or sign in "\n\t\u00a0" for sign in page.words)
    assert "pytest behavior_tests -m lora --case" in page.words


def test_what_the_page_leaves_out_is_said(hostile_pair, monkeypatch) -> None:
    monkeypatch.setattr(two_runs_page, "CASES_SHOWN", 24)
    page = Elements(comparison_html(hostile_pair))
    assert page.tags.count("article") == 24
    assert page.words.count("8 more are not shown; the outcomes.csv of both runs have all.") == 2


def test_a_pair_that_differs_in_its_prompt_alone_is_headed_as_such(make_run, outcomes_of) -> None:
    def reworded(outcome: Outcome) -> Outcome:
        base = case_of("steady", outcome.case.base.query)
        query = Query(Prompt("mine", "Is it good? {review}"), base.query.text)
        return replace(outcome, case=case_of("steady", query, base=base))

    before, after = (
        make_run(name, list(map(reworded, outcomes_of("steady", "lora", wrong))))
        for name, wrong in (("a", 0), ("b", 9))
    )
    page = Elements(comparison_html(compare_runs(before, after)))
    assert "house prompt → this one" in page.words
    assert "before the edit" not in page.words
