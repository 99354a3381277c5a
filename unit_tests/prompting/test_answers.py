"""What a written answer means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.prompting.answers import parse_answer, settled_by
from sentiment.types import Label

WORDS = ("negative", "positive")
NO_YES = ("no", "yes")
P, N = Label.POSITIVE, Label.NEGATIVE

ANSWERS = {
    "the bare word": ("positive", P),
    "another case": ("NEGATIVE", N),
    "punctuation": (" Positive.", P),
    "markup": ("**negative**", N),
    "a prefix": ("The sentiment of this review is negative.", N),
    "a label prefix": ("Sentiment: Positive", P),
    "an inflected word": ("positively", P),
    "an empty think block": ("<think>\n\n</think>\n\npositive", P),
    "thoughts that say the opposite": ("<think>not negative, or is it negative?</think> positive", P),
    "a stray closing tag": ("</think>\n\nnegative", N),
    "thoughts that never end": ("<think>it sounds positive", None),
    "both words": ("It is both positive and negative.", None),
    "the opening word wins": ("positive, though some would say negative", P),
    "a denied word": ("not positive", None),
    "a denied word and the other": ("It is not negative, it is positive.", P),
    "neither word": ("I enjoyed it", None),
    "nothing": ("", None),
    "only punctuation": ("...", None),
    "a word inside another": ("nonpositives", None),
}


@pytest.mark.parametrize(("answer", "label"), ANSWERS.values(), ids=ANSWERS.keys())
def test_answers_are_read_as_a_person_would(answer: str, label: Label | None) -> None:
    assert parse_answer(answer, WORDS) == label


def test_short_answer_words_count_only_as_whole_words() -> None:
    assert parse_answer("No.", NO_YES) == N
    assert parse_answer("Nothing to say", NO_YES) is None
    assert parse_answer("Yes, I do", NO_YES) == P


def test_a_short_word_is_never_settled_since_it_may_go_on() -> None:
    assert settled_by("no", NO_YES) is None


@given(
    first=st.sampled_from(
        ["positive", " Negative", "**pos", "The", "<think>", "neg", "\n\nPOSITIVE", "no", "yes", "-"]
    ),
    rest=st.text(max_size=30) | st.sampled_from(["ly", " and negative", "itive", "</think> negative", " not positive"]),
    words=st.sampled_from([WORDS, NO_YES, ("bad", "good"), ("1", "5")]),
)
def test_what_is_settled_stays_settled_whatever_follows(first: str, rest: str, words: tuple[str, str]) -> None:
    settled = settled_by(first, words)
    if settled is not None:
        assert parse_answer(first + rest, words) == settled
