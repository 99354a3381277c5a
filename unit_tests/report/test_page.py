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

from sentiment.behavior.expectations import same_as_base
from sentiment.error_analysis.analysis import error_analysis
from sentiment.error_analysis.candidates import read_candidates
from sentiment.error_analysis.rewording_search import PopulationSearch, WorstWordingSearch
from sentiment.error_analysis.wrong_labels import WrongLabels
from sentiment.judging.judge import judge
from sentiment.judging.noise import Noise
from sentiment.judging.rulings import Rules, inconclusive, ruled_all
from sentiment.predictors.floors import WordCountPredictor
from sentiment.prompting.wordings import Parts, compose
from sentiment.report.page import SHOWN, report_html
from sentiment.runs.facts import RunFacts, facts_of
from sentiment.runs.findings import check_finding
from sentiment.runs.journal import Finding, Journal, append, journal_path, read_journal
from sentiment.runs.run import Run, run_of
from sentiment.types import (
    Change,
    Kind,
    Label,
    Outcome,
    Prediction,
    Prompt,
    Query,
    Review,
    Ruling,
    Shows,
    SubjectFacts,
    shares_of,
)
from unit_tests.making import behavior_of, case_of

FACTS = RunFacts(
    profile="tiny", model="</title><script>alert(1)</script>\x1b[2J\ud800", selection="all", complete=True,
    accuracy_floor={"sft": 0.9, "lora": 0.9}, versions={"torch": "2"}, duration=125.0,
)  # fmt: skip


TEXTS = {"right", "before", "tags", "asked", "command", "who", "said", "p", "verdict", "reason", "note"}
"""Fields of the page's cards that are texts, kept once among its strings."""


class Page(HTMLParser):
    """Every element and attribute of a page, its text, and what its data says; as in a browser, a template's content
    is no part of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.inside = ""
        self.is_template = False
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.is_template |= tag == "template"
        if self.is_template:
            return
        self.tags.append(tag)
        self.inside = tag
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        self.inside = ""
        self.is_template &= tag != "template"

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts.append(data)
        elif self.inside != "style" and not self.is_template:
            self.words += data

    @property
    def data(self):
        return json.loads(self.scripts[-1])

    @property
    def cards(self):
        """Those of the data, their fields by name and their texts in words."""
        data = self.data

        def told(names, values):
            fields = dict(zip(names, values, strict=True))
            return fields | {name: data["strings"][place] for name, place in fields.items() if name in TEXTS}

        cards = [told(data["fields"]["card"], card) for card in data["cards"]]
        for card in cards:
            card["answers"] = [told(data["fields"]["answer"], answer) for answer in card["answers"]]
        return cards


def ruled(journal: Journal) -> Journal:
    """With the rulings that a run gives when it comes to its end."""
    results = {}
    for predictor in {outcome.predictor for outcome in journal.outcomes}:
        outcomes: dict[str, list[Outcome]] = {}
        for outcome in journal.outcomes:
            if outcome.predictor == predictor:
                outcomes.setdefault(outcome.behavior, []).append(outcome)
        rules = Rules(budgets=journal.subjects[predictor].promises)
        for name, result in ruled_all(list(journal.promises.values()), outcomes, predictor, rules).items():
            results[name, predictor] = result
    return replace(journal, results=results)


def page_of(run_folder: Path) -> Page:
    return Page(report_html(run_of(ruled(read_journal(run_folder)), FACTS)))


@pytest.fixture(name="page")
def _page(run_folder: Path) -> Page:
    return page_of(run_folder)


@pytest.fixture(name="plain_page")
def _plain_page(promises, outcomes_of):
    """The page of a run of `firm`: wrong answers by predictor, perhaps a baseline and an earlier run by predictor."""

    def make(changes=None, findings=(), n=40, earlier=None, **wrong: int) -> Page:
        outcomes = [each for predictor, k in wrong.items() for each in outcomes_of("firm", predictor, k, n=n)]
        run = run_of(Journal({"firm": promises["firm"]}, outcomes, findings=findings), RunFacts(complete=True))
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


def test_a_capability_takes_its_behaviors_together(run_folder: Path, promises, outcomes_of) -> None:
    more = replace(promises["firm"], name="firmer")
    outcomes = [replace(each, behavior="firmer") for each in outcomes_of("firm", "lora", 0)]
    append(journal_path(run_folder, "gw2"), more, outcomes)
    page = page_of(run_folder)
    assert re.search(r"18.8\s%\s\[11.7, 28.7\]\s*15 of 80\s+✗ 1 fail\s+✓ 1 pass", page.words)


def test_every_case_comes_with_the_command_that_runs_it_again(page: Page) -> None:
    assert "pytest behavior_tests -m 'base or sft or lora' --case firm:" in page.words
    commands = {card["command"] for card in page.cards}
    assert "pytest behavior_tests -m base --case \0" in commands
    assert all(command.count("\0") == 1 for command in commands)


def test_a_case_is_one_card_with_the_answers_of_all(plain_page) -> None:
    page = plain_page(base=2, sft=3, constant=20)
    assert page.data["predictors"] == ["base", "sft"]
    statuses = [[answer["status"] for answer in card["answers"]] for card in page.cards]
    assert statuses == [["failed", "failed"], ["failed", "failed"], ["passed", "failed"]]
    assert "2 and" not in page.words
    assert "3 failing cases" in page.words


def test_without_scripts_the_first_failures_are_there(plain_page) -> None:
    page = plain_page(sft=SHOWN + 4)
    assert page.tags.count("article") == SHOWN
    assert f"The first {SHOWN} of {SHOWN + 4} are shown here; failures.csv has all." in page.words


def test_new_failures_come_first_and_fixed_ones_last(plain_page, outcomes_of) -> None:
    ids = [outcome.case.id for outcome in outcomes_of("firm", "sft", 0)]
    page = plain_page({"sft": Change(0.1, 0.01, 1.0, 0.05, (ids[2],), (ids[30],))}, sft=3)
    assert [(card["digest"], card["answers"][0]["note"]) for card in page.cards] == [
        (ids[place].split(":")[1], note) for place, note in ((2, "new failure"), (0, ""), (1, ""), (30, "fixed since"))
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
        texts = {card["text"] for card in page.cards}
        used = {page.data["strings"][place] for place in texts} | {
            line[name] for card in page.cards for line in (card, *card["answers"]) for name in TEXTS & line.keys()
        }
        assert used == set(page.data["strings"])
    assert kept == sorted(set(kept), reverse=True)
    assert kept[0] == 30


def test_every_behavior_loses_equally_many_cases(run_folder: Path, monkeypatch) -> None:
    whole = page_of(run_folder)
    monkeypatch.setattr("sentiment.report.page.PAGE_BYTES", len(whole.html.encode()) - 8000)
    page = page_of(run_folder)
    kept = [sum(card["behavior"] == place for card in page.cards) for place in range(3)]
    assert max(kept) - min(kept) <= 1
    assert [sum(each) for each in page.data["left"]] == [
        sum(card["behavior"] == place for card in whole.cards) - kept[place] for place in range(3)
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
    base = case_of("steady", Query(prompts[0], "It is good."), label=Label.POSITIVE)
    query = Query(prompts[1], "It is good." if same_text else "It is bad.")
    case = case_of("steady", query, label=Label.NEGATIVE, base=base)
    answers = {
        query: Prediction(Label.NEGATIVE, shares_of(0.1)),
        base.query: Prediction(Label.POSITIVE, shares_of(0.9)),
    }
    journal = Journal({"steady": steady.promise}, judge(steady, [case], "sft", answers))
    page = Page(report_html(run_of(journal, RunFacts())))
    assert ("Right answer: negative · before the edit: positive" in page.words) == shown
    (card,) = page.cards
    assert (card["right"], card["before"]) == ("negative", "positive" if shown else "")


def test_a_house_prompt_that_is_worse_than_all_others_has_its_place_on_the_axis() -> None:
    right, wrong = (
        Prediction(Label.POSITIVE, shares_of(0.9)),
        Prediction(Label.NEGATIVE, shares_of(0.1)),
    )
    behavior = behavior_of("reworded", kind=Kind.INV, expectation=same_as_base, shows=Shows.PROMPT_SPREAD)
    cases, answers = [], {}
    for k, i in product(range(3), range(20)):
        base = case_of(behavior.name, Query(Prompt("house", "{review}"), f"review {i}"), label=Label.POSITIVE)
        query = Query(Prompt(f"wording {k}", f"{k}: {{review}}"), base.query.text)
        cases.append(case_of(behavior.name, query, label=Label.POSITIVE, base=base))
        answers |= {query: right, base.query: right if i < 9 else wrong}
    journal = Journal({behavior.name: behavior.promise}, judge(behavior, cases, "sft", answers))
    assert '<line x1="8.33%" x2="8.33%"' in report_html(run_of(journal, RunFacts()))  # 45 % on an axis from 40 %


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


def test_the_page_has_a_sentence_for_all_that_the_checks_find(plain_page) -> None:
    reviews = [Review(f"r{i}", ("awful", "lovely")[i % 2], Label(i % 2)) for i in range(40)]
    counter, house = WordCountPredictor.fit(reviews), compose(Parts(), "house")
    population = PopulationSearch(counter, house, [compose(Parts(cue="answer"))], reviews)
    worst = WorstWordingSearch(counter, house, reviews)
    worst.harm(Parts(casing="upper"))
    found = {
        "A rewording costs accuracy: 100.0": population.result(Parts(cue="answer"), "accepted").found,
        "The worst of 1 fresh wordings gets 100.0": worst.worst(),
        "Trained anew on 600 reviews": WrongLabels(600, {0.0: [True] * 9, 0.4: [False] * 9}),
        "12 queries alone, together": Noise(12, 0, 0.01),
        "difficult handwritten reviews wrongly": error_analysis(counter, house, read_candidates()),
    }
    findings = [Finding(each.kind, "sft", each.as_dict()) for each in found.values()]
    for finding in findings:
        check_finding(finding.kind, finding.facts)
    page = plain_page(findings=findings, sft=1)
    for sentence in found:
        assert sentence in page.words, sentence


@pytest.mark.parametrize("facts", [RunFacts(), facts_of({"complete": False, "profile": None, "odd": {"a": None}})])
def test_a_run_that_has_hardly_begun_has_a_page(facts, promises) -> None:
    firm = promises["firm"]
    assert "INCOMPLETE" in Page(report_html(run_of(Journal({}, []), facts))).words
    unasked = Journal({"firm": firm}, [], {("firm", "sft"): inconclusive(firm, "sft", "no ratings in this data")})
    page = Page(report_html(run_of(unasked, facts)))
    assert "no ratings in this data" in page.words
    assert "? inconclusive" in page.words


def test_a_predictor_may_have_any_name(run_folder: Path, promises, outcomes_of, hostile) -> None:
    for name in ["../../x", "", "a" * 300, *hostile]:
        append(journal_path(run_folder), promises["accuracy"], outcomes_of("accuracy", name, 3))
    page = page_of(run_folder)
    assert page.tags.count("script") == 2
    assert not {"img", "form", "iframe"} & set(page.tags)


def test_a_behavior_without_cases_is_among_what_broke(promises) -> None:
    empty = replace(inconclusive(promises["firm"], "sft", "it made none"), ruling=Ruling.FAIL)
    run = Run(RunFacts(complete=True), [empty], {}, [], {"sft": SubjectFacts("sft")})
    assert "sft breaks 1 of 1 promises" in Page(report_html(run)).words


def test_floors_have_no_column_of_the_matrix_even_where_no_subject_was_judged_yet(promises, outcomes_of) -> None:
    outcomes = [*outcomes_of("accuracy", "constant", 20), *outcomes_of("firm", "sft", 2)]
    run = run_of(Journal({each.name: each for each in promises.values()}, outcomes), RunFacts())
    page = Page(report_html(run))
    assert [name for key, name in page.attributes if key == "data-sort"] == ["name", "1"]
    assert "not run" in page.words


def test_shape_and_color_of_a_subject_follow_the_order_in_which_subjects_are_declared(promises, outcomes_of) -> None:
    declared = {name: SubjectFacts(name) for name in ("base", "sft", "lora")}
    of_all = {name: outcomes_of("firm", name, 2) for name in declared}

    def swatches(*answered: str) -> dict[str, str]:
        """Class and shape beside each name in the head of the matrix."""
        outcomes = [each for name in answered for each in of_all[name]]
        html = report_html(run_of(Journal({"firm": promises["firm"]}, outcomes, named=declared), RunFacts()))
        found = re.findall(r'data-sort="\d"><svg.*?<path d="([^"]+)" class="(c\d)".*?<bdi>(\w+)</bdi>', html)
        return {name: f"{color} {shape}" for shape, color, name in found}

    every = swatches("base", "sft", "lora")
    assert [each.split()[0] for each in every.values()] == ["c0", "c1", "c2"]
    assert len(set(every.values())) == 3
    assert swatches("lora") == {"lora": every["lora"]}
