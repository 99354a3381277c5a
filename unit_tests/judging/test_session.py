"""A session: any subjects, asked, judged and ruled once each, without pytest, torch or a run folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from sentiment.behavior.expectations import has_label, same_as_base
from sentiment.errors import NotApplicableError, ReportError, SentimentError
from sentiment.judging.rulings import Rules
from sentiment.judging.session import Earlier, Session
from sentiment.predictors.function import FunctionPredictor
from sentiment.types import (
    Behavior,
    BehaviorResult,
    Case,
    Draft,
    Finding,
    Kind,
    Label,
    Material,
    Outcome,
    Promise,
    Prompt,
    Query,
    Review,
    Role,
    Ruling,
    Shows,
    Subject,
    SubjectFacts,
    only,
)

HOUSE, OTHER = Prompt("house", "{review}"), Prompt("other", "Well: {review}")
REVIEWS = tuple(Review(f"r{i}", f"{'good' if i % 2 else 'bad'} film {i}", Label(i % 2)) for i in range(200))
MATERIAL = Material(HOUSE, REVIEWS, REVIEWS, seed=0)


def drafts(material: Material) -> list[Draft]:
    return [Draft(Query(material.prompt, each.text), only(each.label), group=each.id) for each in material.suite]


def shouted(material: Material) -> list[Draft]:
    return [replace(each, query=Query(HOUSE, each.query.text.upper()), base=each) for each in drafts(material)]


def reworded(material: Material) -> list[Draft]:
    return [replace(each, query=Query(OTHER, each.query.text), base=each) for each in drafts(material)]


def missing(material: Material) -> list[Draft]:
    raise NotApplicableError("this data has none")


READ = Behavior(
    Promise("it_is_read", "accuracy", Kind.MFT, "Read.", budget=0.1, shows=Shows.ACCURACY), drafts, has_label
)
LOUD = Behavior(Promise("case_is_no_matter", "robustness", Kind.INV, "Loud.", budget=0.1), shouted, same_as_base)
WORDED = Behavior(Promise("wording_is_no_matter", "prompts", Kind.INV, "Worded.", budget=0.1), reworded, same_as_base)
UNFED = Behavior(Promise("nothing_feeds_it", "other", Kind.MFT, "None.", budget=0.1), missing, has_label)


@dataclass
class Shelf:
    """What a session draws from."""

    material: Material = MATERIAL

    def cases_of(self, behavior: Behavior) -> Sequence[Case]:
        return behavior.cases(self.material)


@dataclass
class Listener:
    """Keeps what it is told."""

    subjects: list[SubjectFacts] = field(default_factory=list)
    outcomes: list[tuple[str, str, int]] = field(default_factory=list)
    results: list[BehaviorResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def declared(self, subjects: Iterable[SubjectFacts]) -> None:
        self.subjects += subjects

    def judged(self, promise: Promise, predictor: str, outcomes: Sequence[Outcome]) -> None:
        self.outcomes.append((promise.name, predictor, len(outcomes)))

    def ruled(self, results: Sequence[BehaviorResult]) -> None:
        self.results += results

    def found(self, finding: Finding) -> None:
        self.findings.append(finding)


class Reader:
    """A subject that reads, and remembers what it was asked."""

    def __init__(self, name: str = "gpt", *, wrong: bool = False, **facts: object) -> None:
        self.asked: list[str] = []
        self.loaded = 0
        self.wrong = wrong
        self.subject = Subject(SubjectFacts(name, **facts), lambda: None, self._load)  # type: ignore[arg-type]

    def _load(self) -> FunctionPredictor:
        self.loaded += 1
        return FunctionPredictor(self.subject.name, self._answers)

    def _answers(self, texts: list[str]) -> list[str]:
        self.asked += texts
        return ["positive" if ("good" in text.lower()) is not self.wrong else "negative" for text in texts]


def session_of(*readers: Reader, behaviors: Sequence[Behavior] = (READ, LOUD), **given: object) -> Session:
    subjects = [reader.subject for reader in readers]
    judged = {each.name: list(behaviors) for each in subjects if each.facts.role is Role.JUDGED}
    settings = {"rules": lambda facts: Rules(budgets=facts.promises), "note": lambda line: None, **given}
    return Session(subjects, judged, Shelf(), Listener(), **settings)  # type: ignore[arg-type]


def test_a_subject_of_any_name_is_asked_once_and_ruled() -> None:
    reader = Reader("gpt")
    session = session_of(reader)
    results = session.results("gpt")
    assert {name: result.ruling for name, result in results.items()} == {
        "it_is_read": Ruling.PASS,
        "case_is_no_matter": Ruling.PASS,
    }
    asked = len(reader.asked)
    assert session.results("gpt") is results
    assert len(reader.asked) == asked
    assert reader.loaded == 1
    noise, told = 12 * 4 + 1, 400  # each of twelve texts in four companies, and one long text
    assert len(reader.asked) == noise + told
    assert [each.name for each in session.recorder.subjects] == ["gpt"]  # type: ignore[attr-defined]


def test_one_that_fails_turns_red_whatever_it_is_called() -> None:
    result = session_of(Reader("gpt", wrong=True)).results("gpt")["it_is_read"]
    assert result.ruling is Ruling.FAIL
    assert result.failed == 200
    assert result.budget == 0.1


def test_budgets_hold_only_for_who_promises() -> None:
    result = session_of(Reader("zero_shot", wrong=True, promises=False)).results("zero_shot")["it_is_read"]
    assert (result.ruling, result.budget) == (Ruling.REPORTED, None)


def test_floors_answer_the_accuracy_behavior_once_and_are_never_ruled() -> None:
    floor = Reader("constant", wrong=True, role=Role.FLOOR, promises=False)
    session = session_of(Reader("a"), Reader("b"), floor)
    session.results("a")
    session.results("b")
    told = session.recorder.outcomes  # type: ignore[attr-defined]
    assert [each for each in told if each[1] == "constant"] == [("it_is_read", "constant", 200)]
    assert {result.predictor for result in session.recorder.results} == {"a", "b"}  # type: ignore[attr-defined]


def test_only_one_model_is_held_at_a_time() -> None:
    one, other = Reader("one"), Reader("other")
    session = session_of(one, other)
    session.results("one")
    session.results("other")
    assert "model" not in session.predictor("other").__dict__ or "model" not in session._predictors["one"].__dict__
    session.predictor("one").predict([Query(HOUSE, "something new")])
    assert (one.loaded, other.loaded) == (2, 1)


def test_what_varies_the_prompt_does_not_apply_to_who_reads_none() -> None:
    for reads, ruling in ((True, Ruling.PASS), (False, Ruling.INCONCLUSIVE)):
        reader = Reader("gpt", reads_prompts=reads)
        result = session_of(reader, behaviors=[WORDED]).results("gpt")["wording_is_no_matter"]
        assert result.ruling is ruling
    assert "reads no prompt" in result.reason


def test_what_the_data_cannot_feed_is_inconclusive_with_its_reason() -> None:
    result = session_of(Reader(), behaviors=[READ, UNFED]).results("gpt")["nothing_feeds_it"]
    assert (result.ruling, result.reason) == (Ruling.INCONCLUSIVE, "this data has none")


def test_a_single_case_is_judged_and_held_against_nothing() -> None:
    case = READ.cases(MATERIAL)[3]
    results = session_of(Reader(wrong=True), case=case.id).results("gpt")
    assert [(name, result.failed, result.ruling) for name, result in results.items()] == [
        ("it_is_read", 1, Ruling.REPORTED)
    ]
    with pytest.raises(SentimentError, match="case it_is_read:none"):
        session_of(Reader(), case="it_is_read:none").results("gpt")


def test_an_earlier_run_is_held_against_and_one_without_shared_cases_refused() -> None:
    before = session_of(Reader("gpt")).results("gpt")
    outcomes = [outcome for result in before.values() for outcome in result.outcomes]
    rules = {"rules": lambda facts: Rules(budgets=False), "earlier": Earlier("reports/then", outcomes)}
    worse = session_of(Reader("gpt", wrong=True), **rules).results("gpt")["it_is_read"]
    assert worse.ruling is Ruling.FAIL
    assert "worse than 0 % in reports/then" in worse.reason
    with pytest.raises(ReportError, match="share no judged case of other"):
        session_of(Reader("other"), **rules).results("other")


def test_who_abstains_by_nature_agrees_with_itself() -> None:
    def silent(texts: list[str]) -> list[None]:
        return [None] * len(texts)

    for abstains, failed in ((False, 200), (True, 0)):
        facts = SubjectFacts("silent", abstains=abstains)
        subject = Subject(facts, lambda: None, lambda: FunctionPredictor("silent", silent))
        session = Session(
            [subject], {"silent": [LOUD]}, Shelf(), Listener(), lambda facts: Rules(), note=lambda line: None
        )
        assert session.results("silent")["case_is_no_matter"].failed == failed


def test_a_baseline_of_who_is_not_trained_holds_one_training_and_no_budget_where_none_is_promised() -> None:
    session = session_of(Reader("zero_shot", promises=False), behaviors=[READ, UNFED])
    found = session.recorded("zero_shot", {7: session.subject("zero_shot")}, profile="tiny")
    assert (found.seeds, found.subject, set(found.behaviors)) == ([7], "zero_shot", {"it_is_read"})
    assert found.behaviors["it_is_read"].budget is None


def test_a_baseline_of_several_trainings_asks_each() -> None:
    trainings = {seed: Reader("mine", wrong=seed == 2).subject for seed in range(3)}
    session = session_of(Reader("mine"))
    found = session.recorded("mine", trainings, profile="tiny", recipe="a recipe")
    assert (found.seeds, found.recipe) == ([0, 1, 2], "a recipe")
    assert found.behaviors["it_is_read"].rates == {"0": "0 of 200", "1": "0 of 200", "2": "200 of 200"}
    assert found.behaviors["it_is_read"].over_budget


def test_a_session_needs_neither_pytest_nor_a_model_library() -> None:
    libraries = {"pytest", "torch", "transformers", "hypothesis"}
    code = f"import sentiment.judging.session, sys; print({libraries} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
