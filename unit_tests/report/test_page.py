from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest

from sentiment.behavior.judge import judge
from sentiment.behavior.rulings import Rules, inconclusive, ruled_all
from sentiment.report.journal import Finding, Journal, append, journal_path, read_journal
from sentiment.report.page import SHOWN, report_html
from sentiment.report.runs import REWORDING_BEHAVIOR, Run, run_of
from sentiment.types import Case, Change, Label, Outcome, Prediction, Prompt, Query, Ruling

FACTS = {
    "profile": "tiny", "model": "</title><script>alert(1)</script>\x1b[2J\ud800", "selection": "all", "complete": True,
    "accuracy_floor": {"sft": 0.9, "lora": 0.9}, "versions": {"torch": "2"}, "duration": 125.0,
}  # fmt: skip


class Page(HTMLParser):
    """Every element and attribute of a page, its text, and what its data says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.inside = ""
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.inside = tag
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts.append(data)
        elif self.inside != "style":
            self.words += data

    @property
    def data(self):
        return json.loads(self.scripts[-1])


def ruled(journal: Journal) -> Journal:
    """With the rulings that a run gives when it comes to its end."""
    results = {}
    for predictor in {outcome.predictor for outcome in journal.outcomes}:
        outcomes: dict[str, list[Outcome]] = {}
        for outcome in journal.outcomes:
            if outcome.predictor == predictor:
                outcomes.setdefault(outcome.behavior, []).append(outcome)
        for name, result in ruled_all(list(journal.behaviors.values()), outcomes, predictor, Rules()).items():
            results[name, predictor] = result
    return replace(journal, results=results)


def page_of(run_folder: Path) -> Page:
    return Page(report_html(run_of(ruled(read_journal(run_folder)), FACTS)))


@pytest.fixture(name="page")
def _page(run_folder: Path) -> Page:
    return page_of(run_folder)


@pytest.fixture(name="plain_page")
def _plain_page(behaviors, outcomes_of):
    """The page of a run of `firm`: wrong answers by predictor, perhaps a baseline and an earlier run by predictor."""

    def make(changes=None, findings=(), n=40, earlier=None, **wrong: int) -> Page:
        outcomes = [each for predictor, k in wrong.items() for each in outcomes_of("firm", predictor, k, n=n)]
        run = run_of(Journal({"firm": behaviors["firm"]}, outcomes, findings=findings), {"complete": True})
        changed = [
            replace(each, change=(changes or {}).get(each.predictor), against=(earlier or {}).get(each.predictor))
            for each in run.results
        ]
        return Page(report_html(replace(run, results=changed)))

    return make


def test_hostile_text_adds_no_element_and_no_handler(page: Page) -> None:
    assert not {"iframe", "object", "form", "link", "base", "img"} & set(page.tags)
    assert page.tags.count("script") == 2
    assert page.tags.count("style") == page.tags.count("head") == 1
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
    assert all(value.startswith("#") for name, value in page.attributes if name in ("src", "href"))
    assert "<script>alert(1)</script>" in page.words
    assert any("{{ 7 * 7 }}" in text for text in page.data["strings"])


def test_the_policy_admits_this_one_script_and_style_and_no_other(page: Page) -> None:
    policy = next(value for name, value in page.attributes if value.startswith("default-src 'none'"))
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        (text,) = re.findall(f"<{kind}>(.*?)</{kind}>", page.html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_nothing_hidden_in_a_text_stays_hidden(page: Page) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", page.html)
    assert r"\x1b[31mred" in page.words
    assert not re.search("[<>&]", page.scripts[-1])


def test_the_first_screen_says_what_broke(page: Page) -> None:
    start = page.words[: page.words.index("Who fails at what")]
    assert "3 promises are broken (2 pass, 2 fail, 5 reported; accuracy below its floor: lora)." in start
    assert "accuracy 0.625 (25 of 40) is below the promised 0.9" in start
    assert re.search(
        r"lora breaks 2 of 2 promises:\s*firm: fails 37.5\s%\s\[24.2, 53.0\] of 40 cases; promised at most 15.0\s%",
        start,
    )
    assert "2 min 5 s" in start


def test_a_capability_takes_its_behaviors_together(run_folder: Path, behaviors, outcomes_of) -> None:
    more = replace(behaviors["firm"], name="firmer")
    outcomes = [replace(each, behavior="firmer") for each in outcomes_of("firm", "lora", 0)]
    append(journal_path(run_folder, "gw2"), more, outcomes)
    page = page_of(run_folder)
    assert re.search(r"18.8\s%\s\[11.7, 28.7\]\s*15 of 80\s+✗ 1 fail\s+✓ 1 pass", page.words)


def test_every_case_comes_with_the_command_that_runs_it_again(page: Page) -> None:
    assert "pytest behavior_tests -m 'base or sft or lora' --case firm:" in page.words
    assert page.data["commands"]["2"] == "pytest behavior_tests -m lora --case "


def test_a_case_is_one_card_with_the_answers_of_all(plain_page) -> None:
    page = plain_page(base=2, sft=3, constant=20)
    assert page.data["predictors"] == ["base", "sft"]
    assert [[answer[1] for answer in card[-1]] for card in page.data["cards"]] == [["f", "f"], ["f", "f"], ["p", "f"]]
    assert "2 and" not in page.words
    assert "3 failing cases" in page.words


def test_without_scripts_the_first_failures_are_there(plain_page) -> None:
    page = plain_page(sft=SHOWN + 4)
    assert page.tags.count("article") == SHOWN
    assert f"The first {SHOWN} of {SHOWN + 4} are shown here; failures.csv has all." in page.words


def test_new_failures_come_first_and_fixed_ones_last(plain_page, outcomes_of) -> None:
    ids = [outcome.case.id for outcome in outcomes_of("firm", "sft", 0)]
    page = plain_page({"sft": Change(0.1, 0.01, 1.0, 0.05, (ids[2],), (ids[30],))}, sft=3)
    assert [(card[1], card[-1][0][-1]) for card in page.data["cards"]] == [
        (ids[place].split(":")[1], note) for place, note in ((2, "n"), (0, ""), (1, ""), (30, "f"))
    ]
    assert "1 new, 1 fixed" in page.words
    assert "the smallest rise that shows is 5.0 points" in page.words


def test_what_does_not_fit_is_left_out_evenly_and_the_page_says_so(plain_page, monkeypatch) -> None:
    whole = plain_page(sft=30)
    size = len(whole.html.encode())
    assert (len(whole.data["cards"]), whole.data["left"]) == (30, [[0, 0]])
    kept = []
    for room in range(size + 20, size - 4000, -500):
        monkeypatch.setattr("sentiment.report.page.PAGE_BYTES", room)
        page = plain_page(sft=30)
        kept.append(len(page.data["cards"]))
        assert page.data["left"] == [[30 - kept[-1], 0]]
        assert room - 600 < len(page.html.encode()) <= room
        strings = {number for card in page.data["cards"] for number in (card[4], card[6], *(a[-2] for a in card[7]))}
        assert sorted(strings) == list(range(len(page.data["strings"])))
    assert kept == sorted(set(kept), reverse=True)
    assert kept[0] == 30


def test_every_behavior_loses_equally_many_cases(run_folder: Path, monkeypatch) -> None:
    whole = page_of(run_folder)
    monkeypatch.setattr("sentiment.report.page.PAGE_BYTES", len(whole.html.encode()) - 8000)
    page = page_of(run_folder)
    kept = [sum(card[0] == place for card in page.data["cards"]) for place in range(3)]
    assert max(kept) - min(kept) <= 1
    assert [sum(each) for each in page.data["left"]] == [
        sum(card[0] == place for card in whole.data["cards"]) - kept[place] for place in range(3)
    ]


def test_a_page_without_any_room_has_the_first_cases_all_the_same(plain_page, outcomes_of, monkeypatch) -> None:
    monkeypatch.setattr("sentiment.report.page.PAGE_BYTES", 0)
    fixed = outcomes_of("firm", "sft", 0)[39].case.id
    page = plain_page({"sft": Change(0.1, 1.0, 1.0, 0.05, (), (fixed,))}, sft=30)
    assert (page.data["cards"], page.data["strings"], page.data["left"]) == ([], [], [[30, 1]])
    assert page.tags.count("article") == SHOWN


def test_the_baseline_and_an_earlier_run_have_columns_of_their_own(plain_page) -> None:
    base, other = Change(0.1, 0.01, 1.0, 0.05, ("firm:a",)), Change(0.7, 1.0, 1.0, 0.05, ("firm:a", "firm:b"))
    found = {}
    for name, held in {"none": {}, "baseline": {"changes": {"sft": base}}, "run": {"earlier": {"sft": other}}}.items():
        page = plain_page(**held, sft=3)
        found[name] = re.findall('data-name="(baseline|earlier run|since then)">([^<]*)<', page.html)
    assert found["none"] == []
    assert found["baseline"] == [("baseline", "10.0\xa0%"), ("since then", "1 new, 0 fixed")]
    assert found["run"] == [("earlier run", "70.0\xa0%"), ("since then", "2 new, 0 fixed")]
    page = plain_page({"sft": base}, earlier={"sft": other}, sft=3)
    assert re.findall('data-name="(baseline|earlier run)">', page.html) == ["baseline", "earlier run"]
    assert 'data-new="2"' in page.html
    assert "fixed since the baseline or the earlier run" in page.words
    assert "Against the earlier run: 70.0" in page.words


@pytest.mark.parametrize(("same_text", "shown"), [(False, True), (True, False)])
def test_what_was_right_before_an_edit_of_the_text_is_shown(behaviors, same_text: bool, shown: bool) -> None:
    steady, prompts = behaviors["steady"], [Prompt(name, f"{name}: {{review}}") for name in "ab"]
    base = Case.of("steady", Query(prompts[0], "It is good."), label=Label.POSITIVE)
    query = Query(prompts[1], "It is good." if same_text else "It is bad.")
    case = Case.of("steady", query, label=Label.NEGATIVE, base=base)
    answers = {query: Prediction(Label.NEGATIVE, 0.1), base.query: Prediction(Label.POSITIVE, 0.9)}
    page = Page(report_html(run_of(Journal({"steady": steady}, judge(steady, [case], "sft", answers)), {})))
    assert ("Right answer: negative · before the edit: positive" in page.words) == shown
    (card,) = page.data["cards"]
    assert card[2:4] == [Label.NEGATIVE, Label.POSITIVE if shown else -1]


def test_a_house_prompt_that_is_worse_than_all_others_has_its_place_on_the_axis(behaviors) -> None:
    steady, right, wrong = behaviors["steady"], Prediction(Label.POSITIVE, 0.9), Prediction(Label.NEGATIVE, 0.1)
    behavior = replace(steady, name=REWORDING_BEHAVIOR)
    cases, answers = [], {}
    for k, i in product(range(3), range(20)):
        base = Case.of(behavior.name, Query(Prompt("house", "{review}"), f"review {i}"), label=Label.POSITIVE)
        query = Query(Prompt(f"wording {k}", f"{k}: {{review}}"), base.query.text)
        cases.append(Case.of(behavior.name, query, label=Label.POSITIVE, base=base))
        answers |= {query: right, base.query: right if i < 9 else wrong}
    journal = Journal({behavior.name: behavior}, judge(behavior, cases, "sft", answers))
    assert '<line x1="8.33%" x2="8.33%"' in report_html(run_of(journal, {}))  # 45 % on an axis from 40 %


def test_findings_are_shown_each_in_its_way(plain_page) -> None:
    explained = {
        "prompt": "house", "candidates": 9, "failed": 2, "kinds": [{"kind": "irony", "candidates": 9, "failed": 2}],
        "examples": [{
            "id": "a", "kind": "irony", "text": "So good that I <b>slept</b>.", "label": "negative",
            "why_hard": "Praise.", "answer": "positive", "p_positive": 0.9,
            "carrying": {"text": "good", "start": 3, "end": 7},
            "smallest_edit": {"text": "So bad that I <b>slept</b>.", "changes": [], "p_positive": 0.1},
            "evidence": ["Without “good” it is negative."],
        }],
    }  # fmt: skip
    findings = [
        Finding("error_analysis", "sft", explained),
        Finding("noise_floor", "sft", {"queries": 12, "flips": 0, "largest": 1e-7}),
        Finding("noise_floor", "lora", {"foreign": "<i>facts</i>"}),
        Finding("never_seen", "sft", {"rows": [1, 2], "why": {"a": 0.5}}),
    ]
    page = plain_page(findings=findings, sft=1)
    assert "<mark>good</mark>" in page.html
    assert "So <del>good</del><ins>bad</ins> that" in page.html
    assert "12 queries alone, together" in page.words
    assert "<i>facts</i>" in page.words
    assert re.search(r"Never seen sft\s*rows1, 2whya 0.5", page.words)


@pytest.mark.parametrize("facts", [{}, {"complete": False, "profile": None, "duration": "?"}])
def test_a_run_that_has_hardly_begun_has_a_page(facts, behaviors) -> None:
    firm = behaviors["firm"]
    assert "INCOMPLETE" in Page(report_html(run_of(Journal({}, []), facts))).words
    unasked = Journal({"firm": firm}, [], {("firm", "sft"): inconclusive(firm, "sft", "no ratings in this data")})
    page = Page(report_html(run_of(unasked, facts)))
    assert "no ratings in this data" in page.words
    assert "? inconclusive" in page.words


def test_a_predictor_may_have_any_name(run_folder: Path, behaviors, outcomes_of, hostile) -> None:
    for name in ["../../x", "", "a" * 300, *hostile]:
        append(journal_path(run_folder), behaviors["accuracy"], outcomes_of("accuracy", name, 3))
    page = page_of(run_folder)
    assert page.tags.count("script") == 2
    assert not {"img", "form", "iframe"} & set(page.tags)


def test_a_behavior_without_cases_is_among_what_broke(behaviors) -> None:
    empty = replace(inconclusive(behaviors["firm"], "sft", "it made none"), ruling=Ruling.FAIL)
    run = Run({"complete": True}, [empty], {}, [])
    assert "sft breaks 1 of 1 promises" in Page(report_html(run)).words


def test_floors_have_no_column_of_the_matrix_even_where_no_approach_was_judged_yet(behaviors, outcomes_of) -> None:
    outcomes = [*outcomes_of("accuracy", "constant", 20), *outcomes_of("firm", "sft", 2)]
    run = run_of(Journal({each.name: each for each in behaviors.values()}, outcomes), {})
    page = Page(report_html(run))
    assert [name for key, name in page.attributes if key == "data-sort"] == ["name", "1"]
    assert "not run" in page.words
