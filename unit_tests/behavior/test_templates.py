from __future__ import annotations

from collections import Counter

import pytest

from sentiment.behavior.templates import fill, sample
from sentiment.errors import DataError

LEXICON = {"praise": ("good", "engaging", "honest"), "film": ("film", "movie")}


def test_a_frame_is_filled_with_the_whole_cross_product() -> None:
    filled = list(fill("the {film} is {praise}.", LEXICON))
    assert [sentence.text for sentence in filled] == [
        "The film is good.", "The film is engaging.", "The film is honest.",
        "The movie is good.", "The movie is engaging.", "The movie is honest.",
    ]  # fmt: skip
    assert filled[1].slots == {"film": "film", "praise": "engaging"}
    assert {sentence.frame for sentence in filled} == {"the {film} is {praise}."}


@pytest.mark.parametrize(
    ("word", "article"),
    [
        ("good", "a"), ("engaging", "an"), ("honest", "an"), ("unique", "a"), ("uninspired", "an"), ("useful", "a"),
        ("one-note", "a"), ("unusual", "an"), ("European", "a"), ("Irish", "an"), ("historic", "a"),
    ],
)  # fmt: skip
def test_the_article_agrees_with_the_word(word: str, article: str) -> None:
    assert next(fill("It is an {x} film.", {"x": (word,)})).text == f"It is {article} {word} film."
    assert next(fill("a {x} film", {"x": (word,)})).text == f"{article.capitalize()} {word} film"


def test_a_word_that_ends_in_a_is_no_article() -> None:
    assert next(fill("Bravissima {x}", {"x": ("opera",)})).text == "Bravissima opera"


def test_a_slot_named_twice_gets_one_word() -> None:
    assert [text for text, *_ in fill("{film} or {film}", LEXICON)] == ["Film or film", "Movie or movie"]


def test_an_unknown_slot_is_named() -> None:
    with pytest.raises(DataError, match=r"unknown slot 'actor'; the lexicon has film, praise"):
        list(fill("The {actor} is {praise}.", LEXICON))


def test_sampling_is_even_over_frames_and_repeatable() -> None:
    frames = ["The {film} is {praise}.", "A {praise} {film}.", "I call this {film} {praise}."]
    drawn = sample(frames, LEXICON, 9, seed=1)
    assert Counter(sentence.frame for sentence in drawn) == dict.fromkeys(frames, 3)
    assert drawn == sample(frames, LEXICON, 9, seed=1)
    assert drawn != sample(frames, LEXICON, 9, seed=2)


def test_sampling_never_repeats_a_text() -> None:
    drawn = sample(["A {film}.", "A {film}.", "A {praise} {film}."], LEXICON, 8, seed=0)
    assert len({sentence.text for sentence in drawn}) == 8


def test_too_few_sentences_is_an_error() -> None:
    with pytest.raises(DataError, match="1 frames give 2 distinct sentences, 3 are wanted"):
        sample(["A {film}."], LEXICON, 3, seed=0)
