from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.error_analysis.candidates import read_candidates
from sentiment.error_analysis.phrases import (
    LONGEST,
    REPLACEMENTS,
    Change,
    changed,
    deletions,
    phrases_of,
    replacements,
    without,
)

TEXTS = [candidate.text for candidate in read_candidates()]


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in phrases_of(text)]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Yes, it is clever; I left.", ["Yes", "it is clever", "I left"]),
        ("The plot is a mess but I was happy.", ["The plot is a mess", "but I was happy"]),
        ("It is dull and slow.", ["It is dull and slow"]),
        ("the worst episode of the television series", ["the worst episode", "of the television series"]),
        ('"Dull," he says - twice (or more).', ["Dull", "he says", "twice", "or more"]),
        ("He found it 'cold and dull' or so.", ["He found it", "cold and dull", "or so"]),
        ("", []),
        ("?!", []),
    ],
)
def test_a_phrase_is_a_clause_or_a_few_words_of_one(text: str, phrases: list[str]) -> None:
    assert cut(text) == phrases


def test_phrases_are_short_and_hold_every_word_once() -> None:
    for text in TEXTS:
        words = [phrase.split() for phrase in cut(text)]
        assert max(map(len, words)) <= LONGEST, text
        assert [word for phrase in words for word in phrase] == [word.was for word in deletions(text)]


@pytest.mark.parametrize(
    ("text", "left_out", "rest"),
    [
        ("I laughed, I cried, I left.", "I cried", "I laughed, I left."),
        ("I laughed, I cried, I left.", "I laughed", "I cried, I left."),
        ("I laughed, I cried, I left.", "I left", "I laughed, I cried."),
        ("Yes, it is clever.", "Yes", "It is clever."),
        ("Slow? Of course it is, and fine.", "Of course it is", "Slow? And fine."),
        ("It ends. Bravo. We go.", "Bravo", "It ends. We go."),
        ('"Boring," said my brother.', "Boring", "Said my brother."),
        ('"A dull film," he said.', "he said", '"A dull film".'),
        ("a film (and a long one) to see", "and a long one", "a film to see"),
        ("One of them (a bore) left.", "One of them", "(a bore) left."),
        ("no capital here", "no", "capital here"),
        ("all of it", "all of it", ""),
    ],
)
def test_the_text_is_mended_where_words_are_left_out(text: str, left_out: str, rest: str) -> None:
    start = text.index(left_out)
    assert without(text, start, start + len(left_out)) == rest


def test_leaving_out_a_phrase_loses_its_words_and_leaves_no_stray_marks() -> None:
    for text in TEXTS:
        for start, end in phrases_of(text):
            rest = without(text, start, end)
            others = f"{text[:start]} {text[end:]}"
            assert re.findall(r"\w+", rest.lower()) == re.findall(r"\w+", others.lower())
            assert not re.search(r"\s[,.;:!?]|\s\s|[,;:][,.;:]|^\W*[,.;:]|\s$", rest), rest


@given(st.data())
def test_changes_are_made_at_their_places_in_any_order(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(TEXTS))
    words = deletions(text)
    chosen = data.draw(st.lists(st.sampled_from(words), unique=True, max_size=4))
    left = [word.was.lower() for word in words if word not in chosen]
    assert [word.was.lower() for word in deletions(changed(text, chosen))] == left


def test_a_replaced_word_keeps_its_capital_and_its_place() -> None:
    text = "Brilliant film; it isn't a bore."
    first, second, third = replacements(text)
    assert first == Change(0, 9, "Brilliant", "Typical")
    assert changed(text, [third, second, first]) == "Typical film; it is a film."
    assert changed("I can’t go", replacements("I can’t go")) == "I can go"


def test_replacements_keep_the_article_right() -> None:
    vowels = tuple("aeiou")
    for word, new in REPLACEMENTS.items():
        assert word == word.lower()
        if new in {"typical", "ordinary", "film"}:
            assert word.startswith(vowels) == new.startswith(vowels), word
