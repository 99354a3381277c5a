from __future__ import annotations

from difflib import SequenceMatcher
from itertools import accumulate, combinations

import pytest

from sentiment.behavior.pairs import Pair, read_pairs
from sentiment.judging.judge import judge, queries_of
from sentiment.predictors.floors import ConstantPredictor
from sentiment.suites import label_flips
from sentiment.suites.reading import FOLDER
from sentiment.text import normalise
from sentiment.types import TWO_LABELS, Label, Material, Prompt, Status

PAIRS = read_pairs(FOLDER / "label_flips.jsonl")
(FLIP,) = label_flips.BEHAVIORS
MATERIAL = Material(Prompt("p", "{review}"), (), (), seed=0)


def is_long(pair: Pair) -> bool:
    return len(pair.original.split()) > 60


def grams(text: str) -> set[tuple[str, ...]]:
    words = normalise(text).split()
    return {tuple(words[start : start + 5]) for start in range(len(words) - 4)}


def test_there_are_enough_pairs_under_ids_of_their_own() -> None:
    assert len({pair.id for pair in PAIRS}) == len(PAIRS) >= 104


def test_half_of_the_originals_are_positive() -> None:
    assert sum(pair.label is Label.POSITIVE for pair in PAIRS) * 2 == len(PAIRS)


def test_at_least_half_are_long_and_none_is_endless() -> None:
    assert sum(map(is_long, PAIRS)) * 2 >= len(PAIRS)
    assert not [pair.id for pair in PAIRS for text in (pair.original, pair.revised) if len(text.split()) >= 150]


def test_at_most_35_percent_of_the_words_of_a_pair_differ() -> None:
    differing = {
        pair.id: 1 - SequenceMatcher(None, pair.original.split(), pair.revised.split(), autojunk=False).ratio()
        for pair in PAIRS
    }
    assert not {name: share for name, share in differing.items() if not 0 < share <= 0.35}


@pytest.mark.parametrize("side", ["original", "revised"])
def test_no_two_pairs_share_half_of_their_five_grams(side: str) -> None:
    of_pair = {pair.id: grams(getattr(pair, side)) for pair in PAIRS}
    assert all(of_pair.values())
    alike = [
        (one, other)
        for one, other in combinations(of_pair, 2)
        if 2 * len(of_pair[one] & of_pair[other]) >= min(len(of_pair[one]), len(of_pair[other]))
    ]
    assert not alike


def test_the_texts_differ_in_more_than_spelling() -> None:
    texts = [normalise(text) for pair in PAIRS for text in (pair.original, pair.revised)]
    assert len(set(texts)) == 2 * len(PAIRS)


def test_the_texts_are_clean() -> None:
    for pair in PAIRS:
        for text in (pair.original, pair.revised):
            assert text == " ".join(text.split()), pair.id
            assert not set("[]{}|") & set(text), pair.id


def test_any_first_part_mixes_labels_and_lengths() -> None:
    praise = accumulate(1 if pair.label is Label.POSITIVE else -1 for pair in PAIRS)
    length = accumulate(1 if is_long(pair) else -1 for pair in PAIRS)
    assert max(map(abs, praise)) <= 2
    assert max(map(abs, length)) <= 2


def test_each_pair_is_one_case_and_a_quick_run_takes_fewer() -> None:
    cases = FLIP.cases(MATERIAL)
    assert [(case.group, case.label) for case in cases] == [
        (pair.id, TWO_LABELS.opposite(pair.label)) for pair in PAIRS
    ]
    assert FLIP.quick < FLIP.promise.min_live <= len(cases)


@pytest.mark.parametrize("label", list(Label))
def test_a_constant_classifier_gets_no_pair_right(label: Label) -> None:
    cases = FLIP.cases(MATERIAL)
    queries = queries_of(cases)
    constant = ConstantPredictor(label)
    answers = dict(zip(queries, constant.predict(queries), strict=True))
    outcomes = judge(FLIP, cases, constant.name, answers)
    assert [outcome.verdict.status for outcome in outcomes] == [Status.FAILED] * len(PAIRS)
