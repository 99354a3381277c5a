from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from sentiment.error_analysis.smallest_change import Exam, smallest_change
from sentiment.judging.paired import worse_than
from sentiment.prompting.wordings import OPTIONS, Parts, compose, house_option
from sentiment.types import TWO_LABELS, Label, Prediction, Query, Review, shares_of

EVERYTHING = Parts(**{part: list(options)[-1] for part, options in OPTIONS.items()})
REVIEWS = [Review(f"r{i}", f"text\n{i}" + " long" * 30, Label(i % 2)) for i in range(20)]


@pytest.mark.parametrize(
    ("breaks", "smallest"),
    [
        (lambda p: p.chat == "plain", {"chat"}),
        (lambda p: p.role != "none" and p.cue != "none", {"role", "cue"}),
        (lambda p: (p.casing != "as-is" or p.order != "question-first") and p.chat == "plain", {"order", "chat"}),
        (lambda p: len(p.changed) >= 3, 3),
        (lambda p: True, 0),
    ],
    ids=["one part", "two together", "either of two with a third", "any three", "even the house wording"],
)
def test_only_what_is_needed_is_left(breaks: Callable[[Parts], bool], smallest: set[str] | int) -> None:
    found = smallest_change(EVERYTHING, breaks)
    assert breaks(found)
    changed = found.changed
    assert len(changed) == smallest if isinstance(smallest, int) else len(changed) == len(smallest)
    if smallest in ({"chat"}, {"role", "cue"}):
        assert changed.keys() == smallest


@given(st.sets(st.sampled_from(list(OPTIONS))), st.sets(st.sampled_from(list(OPTIONS))))
def test_the_culprits_are_found_whatever_else_was_changed(culprits: set[str], others: set[str]) -> None:
    asked: list[Parts] = []

    def breaks(parts: Parts) -> bool:
        asked.append(parts)
        return culprits <= parts.changed.keys()

    start = Parts(**{part: list(OPTIONS[part])[-1] for part in culprits | others})
    assert smallest_change(start, breaks).changed.keys() == culprits
    assert len(asked) <= len(OPTIONS) * (len(OPTIONS) + 1) / 2


@given(st.randoms(use_true_random=False))
def test_no_single_step_back_from_the_result_breaks_the_promise(random: object) -> None:
    known: dict[Parts, bool] = {EVERYTHING: True}

    def breaks(parts: Parts) -> bool:
        return known.setdefault(parts, random.random() < 0.5)  # type: ignore[attr-defined]

    found = smallest_change(EVERYTHING, breaks)
    assert known[found]
    for part in found.changed:
        assert not known[Parts(**{**found.changed, part: house_option(part)})]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_the_test_is_the_exact_sign_test_of_the_answers_that_changed(pairs: list[tuple[bool, bool]]) -> None:
    before, now = [a for a, _ in pairs], [b for _, b in pairs]
    lost, changed = pairs.count((True, False)), sum(a != b for a, b in pairs)
    expected = binomtest(lost, changed, 0.5, alternative="greater").pvalue if changed else 1.0
    assert worse_than(before, now) == pytest.approx(expected)


def test_a_prompt_of_fifty_needs_ten_losses_of_forty_to_be_called_worse() -> None:
    level = 0.05 / 50
    assert worse_than([True] * 40, [False] * 9 + [True] * 31) > level
    assert worse_than([True] * 40, [False] * 10 + [True] * 30) < level
    assert worse_than([False] * 40, [True] * 40) == 1.0


class Scripted:
    """Right with the house prompt; with a cue it answers no label or half-heartedly the wrong one."""

    name = fingerprint = "scripted"

    def __init__(self) -> None:
        self.asked: list[Query] = []

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        self.asked += queries
        return [self._one(query) for query in queries]

    def _one(self, query: Query) -> Prediction:
        label = next(review.label for review in REVIEWS if review.text == query.text)
        assert label is not None
        if query.prompt.parts["cue"] == "answer":
            return Prediction(None, shares_of(0.5))
        if query.prompt.parts["cue"] == "sentiment":
            return Prediction(TWO_LABELS.opposite(label), shares_of(0.6 if label is Label.NEGATIVE else 0.4))
        return Prediction(label, shares_of(0.9 if label is Label.POSITIVE else 0.1))


def exam() -> Exam:
    return Exam(Scripted(), compose(Parts(), "house"), REVIEWS, level=0.001)


def test_unanswered_reviews_are_wrong_and_count_against_the_margin() -> None:
    examined = exam()
    house, silent, timid = compose(Parts()), compose(Parts(cue="answer")), compose(Parts(cue="sentiment"))
    assert [examined.accuracy(prompt) for prompt in (house, silent, timid)] == [1.0, 0.0, 0.0]
    assert [examined.margin(prompt) for prompt in (house, silent, timid)] == pytest.approx([0.8, -1.0, -0.2])


def test_no_wording_is_asked_twice_and_one_call_asks_many() -> None:
    examined = exam()
    prompts = [compose(Parts(cue=cue)) for cue in OPTIONS["cue"]]
    examined.ask(prompts)
    examined.ask(prompts)
    assert examined.breaks(Parts(cue="answer"))
    assert not examined.breaks(Parts(cue="answer-space"))
    asked = examined.predictor.asked  # type: ignore[attr-defined]
    assert len(asked) == len(set(asked)) == len(prompts) * len(REVIEWS)


def test_a_culprit_says_what_changed_in_lines_and_facts() -> None:
    culprit = exam().culprit(Parts(cue="answer", casing="upper", role="critic"))
    assert culprit.smallest == Parts(cue="answer")
    lines = list(culprit.lines())
    assert lines[:4] == [
        "a rewording costs accuracy: 100.0 % with the house prompt, 0.0 % with this change of it "
        "(20 reviews, p = 1e-06)",
        "  cue: none -> answer",
        "  found in a wording with more changes: Parts(role='critic', casing='upper', cue='answer')",
        "answers that changed: 20",
    ]
    assert lines[4].startswith("  r0 is negative: negative became no answer: text 0 long long")
    assert lines[4].endswith(("text 0" + " long" * 30)[:80])
    assert lines[-2:] == ["  and 12 more", "to try it first from now on: @example(parts=Parts(cue='answer'))"]
    facts = culprit.as_dict()
    assert facts["flips"][1] == {
        "review": "r1",
        "text": REVIEWS[1].text[:80],
        "label": "positive",
        "before": "positive",
        "now": None,
    }
    assert (facts["found"], facts["smallest"]) == (culprit.found.changed, {"cue": "answer"})


def test_a_standard_wording_that_is_worse_than_a_profiles_own_is_said_so() -> None:
    examined = Exam(Scripted(), compose(Parts(cue="answer-space")), REVIEWS, level=2.0)
    assert "  no part at all: the standard wording itself" in "\n".join(examined.culprit(Parts(role="critic")).lines())
