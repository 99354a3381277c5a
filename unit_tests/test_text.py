from __future__ import annotations

import hashlib
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.text import normalise, text_digest

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("A<br />B<BR>c<br/>d", "a b c d", id="breaks_of_any_case_are_spaces"),
        pytest.param("ﬁne № 5 Ｇｏｏｄ", "fine no 5 good", id="compatibility_forms_are_unfolded"),
        pytest.param("  It's -- GREAT!!  ", "it s great", id="punctuation_is_one_space"),
        pytest.param("a\x00b\udcffc\ud800", "a b c", id="nul_and_lone_surrogates_are_spaces"),
        pytest.param("?!", "", id="nothing_left"),
    ],
)
def test_the_normal_form(text: str, normal: str) -> None:
    assert normalise(text) == normal


@given(ANY_TEXT)
def test_the_normal_form_follows_the_recipe_for_every_text(text: str) -> None:
    """The fast way through bytes gives what the recipe, written as it is spoken, gives."""
    spoken = unicodedata.normalize("NFKC", re.sub(r"<br\s*/?>", " ", text, flags=re.IGNORECASE)).lower()
    assert normalise(text) == re.sub("[^a-z0-9]+", " ", spoken).strip()


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_the_digest_is_sha256_of_the_normal_form() -> None:
    assert text_digest("Good<br />film!") == hashlib.sha256(b"good film").hexdigest() == text_digest("good FILM")
