from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.report.diff import Segment, word_diff


def shown(base: str, text: str) -> str:
    signs = {"same": "{}", "del": "[-{}]", "ins": "[+{}]"}
    return "".join(signs[change].format(words) for change, words in word_diff(base, text))


@pytest.mark.parametrize(
    ("base", "text", "expected"),
    [
        ("It is good.", "It is not good.", "It is [+not ]good."),
        ("It is good.", "It is good at all.", "It is good[+ at all]."),
        ("It was great fun", "It was awful fun", "It was [-great][+awful] fun"),
        ("I don't care.", "I do not care.", "I [-don't][+do not] care."),
        ("Good film.", "Good  film.", "Good[-␣][+␣␣]film."),
        ("Good film.", "Good film. 🙂", "Good film.[+ 🙂]"),
        ("same", "same", "same"),
        ("", "new", "[+new]"),
        ("old", "", "[-old]"),
        ("", "", ""),
    ],
)
def test_the_words_that_changed_are_marked(base: str, text: str, expected: str) -> None:
    assert shown(base, text) == expected


def test_unlike_texts_are_shown_one_after_the_other() -> None:
    base, text = "I went in expecting the worst of it.", "Two hours later my sister and I were cheering!"
    assert word_diff(base, text) == [Segment("del", base), Segment("ins", text)]


def test_a_rewritten_clause_is_one_change_and_not_a_chain_of_small_words() -> None:
    base = "The film looks fine, but it bored us all to tears, and the ending is a mess."
    text = "The film looks fine, but we loved every minute of it and laughed to the end, and the ending is a mess."
    assert shown(base, text).count("[+") <= 2


SIGNS = {"⏎\n": "\n", "␣": " ", "⇥": "\t", "⍽": "\u00a0"}
texts = st.text(
    st.sampled_from("ab .\n'é🙂") | st.characters(exclude_categories=["Cs"], exclude_characters="⏎␣⇥⍽"),
    max_size=60,
)


@given(base=texts, text=texts)
def test_both_texts_can_be_read_off_the_stretches(base: str, text: str) -> None:
    for kind, whole in (("ins", text), ("del", base)):
        words = [words for change, words in word_diff(base, text) if change in ("same", kind)]
        for sign, blank in SIGNS.items():
            words = [each.replace(sign, blank) for each in words]
        assert "".join(words) == whole


def test_texts_that_are_very_long_and_different_take_no_time() -> None:
    base, text = (" ".join(f"{word}{i % 97}" for i in range(40_000)) for word in ("x", "y"))
    began = time.perf_counter()
    word_diff(base, text)
    assert time.perf_counter() - began < 2
