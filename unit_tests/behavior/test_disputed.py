from __future__ import annotations

from collections.abc import Sequence

import pytest

from sentiment.errors import NotApplicableError
from sentiment.judging.judge import judge
from sentiment.suites import mixed
from sentiment.types import Case, Label, Material, Prediction, Prompt, Review, Status, shares_of

(DISPUTED,) = [
    behavior for behavior in mixed.BEHAVIORS if behavior.name == "disputed_sentences_get_middling_probability"
]
PROMPT = Prompt("p", "{review}")


def reviews(prefix: str, lengths: Sequence[int], *, labelled: bool) -> list[Review]:
    texts = [" ".join([f"{prefix}{number}", *["word"] * (length - 1)]) for number, length in enumerate(lengths)]
    return [
        Review(f"{prefix}{number}", text, Label(number % 2) if labelled else None) for number, text in enumerate(texts)
    ]


def cases_of(suite: Sequence[Review], disputed: Sequence[Review], seed: int = 0) -> list[Case]:
    return DISPUTED.cases(Material(PROMPT, (), (), seed=seed, disputed=disputed, clear=suite))


def pairing(cases: Sequence[Case]) -> list[tuple[str, str]]:
    return [(case.query.text.split()[0], case.base.query.text.split()[0]) for case in cases if case.base]


def test_each_disputed_sentence_stands_beside_the_labelled_review_of_nearest_length() -> None:
    suite = reviews("s", [3, 30, 11, 19], labelled=True)
    cases = cases_of(suite, reviews("d", [10, 4, 20], labelled=False))
    assert sorted(pairing(cases)) == [("d0", "s2"), ("d1", "s0"), ("d2", "s3")]
    for case in cases:
        assert not case.allowed
        assert case.group == case.query.text.split()[0]
        assert case.base is not None
        assert case.base.label is {review.text: review.label for review in suite}[case.base.query.text]


def test_no_labelled_review_serves_twice() -> None:
    cases = cases_of(reviews("s", [5, 9, 9, 12], labelled=True), reviews("d", [9, 9, 9], labelled=False))
    assert len({base for _, base in pairing(cases)}) == 3
    assert "s0" not in dict(pairing(cases)).values()


def test_pairs_follow_from_ids_and_seed_alone() -> None:
    suite, disputed = reviews("s", [8] * 40, labelled=True), reviews("d", [8] * 20, labelled=False)
    drawn = pairing(cases_of(suite, disputed))
    assert drawn == pairing(cases_of(suite[::-1], disputed[::-1]))
    assert drawn != pairing(cases_of(suite, disputed, seed=1))
    assert {base for _, base in drawn} != {review.id for review in suite[:20]}


@pytest.mark.parametrize(("pool", "expected"), [(300, 200), (50, 50)])
def test_at_most_200_are_asked_and_never_more_than_there_are_partners(pool: int, expected: int) -> None:
    cases = cases_of(reviews("s", [8] * pool, labelled=True), reviews("d", [8] * 300, labelled=False))
    assert len({case.id for case in cases}) == len(cases) == expected


def test_data_without_ratings_cannot_feed_it() -> None:
    with pytest.raises(NotApplicableError, match="no human ratings"):
        cases_of(reviews("s", [8], labelled=True), [])


@pytest.mark.parametrize(
    ("on_disputed", "on_clear", "status"),
    [(0.6, 0.9, Status.PASSED), (0.6, 0.1, Status.PASSED), (0.9, 0.9, Status.FAILED), (None, None, Status.SKIPPED)],
)
def test_only_less_certainty_than_on_the_clear_review_passes(
    on_disputed: float | None, on_clear: float | None, status: Status
) -> None:
    (case,) = cases_of(reviews("s", [8], labelled=True), reviews("d", [8], labelled=False))
    assert case.base is not None
    answers = {
        case.query: Prediction(Label.POSITIVE, shares_of(on_disputed)),
        case.base.query: Prediction(Label.POSITIVE, shares_of(on_clear)),
    }
    (outcome,) = judge(DISPUTED, [case], "lora", answers)
    assert outcome.verdict.status is status
