from __future__ import annotations

import random
import re
import unicodedata
from html import unescape
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.behavior import additions, edits
from sentiment.behavior.lexicon import MOVIES
from sentiment.types import Edit, Label, Review

EDITS = {
    "typos": edits.typos(),
    "contractions": edits.contractions,
    "casing": edits.casing,
    "whitespace": edits.whitespace,
    "unicode_look": edits.unicode_look,
    "urls_and_handles": additions.urls_and_handles,
    "html": additions.html,
    "neutral_emoji": additions.neutral_emoji,
    "irrelevant_sentences": additions.irrelevant_sentences,
}
SAMPLES = (
    "This isn't a bad film.",
    "The café scene is not funny, and it wasn't meant to be",
    'My wife said "never again" - and she was right. I do not blame her & neither do my kids.',
    "I don't think I've seen better acting this year! It is a first-rate thriller... truly.",
    "There's no charm in it. We couldn't find any wit either. They did not even try.",
)
HOSTILE = (
    "", "   ", "\n", "\ud800",
    "a\ud83dbc not \udc00 good", "{0} {text} %s {", "<br /><br />", '<a href="x">&amp;"',
    "ıİßŉ", "\x00\x1b[31m not", "'", '"', "n't", "is not", "no", "e\u0301\u0301", "\u200f\u202eis not", "aaaa" * 2000,
    "🎬🎬", "--",
)  # fmt: skip
TEXTS = st.text(st.characters(), max_size=60)
WORDS = (
    "the",
    "film",
    '"good"',
    "isn't",
    "is",
    "not",
    "never",
    "café",
    "--",
    "-",
    "...",
    "&",
    "I'm",
    "It's",
    "a",
    "NOT",
)
WORDY = st.lists(st.sampled_from(WORDS), min_size=1).map(" ".join)

every_edit = pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)


def edited(edit: Edit, text: str, seed: int = 0) -> str:
    return edit(Review("r", text), Random(seed)).text


@every_edit
def test_the_same_seed_gives_the_same_text_and_the_global_generator_is_left_alone(edit: Edit) -> None:
    state = random.getstate()
    for text in (*SAMPLES, *HOSTILE):
        assert edited(edit, text, 3) == edited(edit, text, 3)
    assert random.getstate() == state


@pytest.mark.parametrize("edit", [edit for name, edit in EDITS.items() if name != "contractions"])
def test_another_seed_gives_another_text(edit: Edit) -> None:
    assert all(len({edited(edit, text, seed) for seed in range(12)}) > 1 for text in SAMPLES)


@every_edit
def test_id_label_and_source_are_kept_and_every_sample_is_changed(edit: Edit) -> None:
    for text in SAMPLES:
        for label in (*Label, None):
            review = Review("r7", text, label, "here")
            after = edit(review, Random(1))
            assert (after.id, after.label, after.source) == ("r7", label, "here")
            assert after.text != text
            assert review.text == text


@every_edit
def test_hostile_text_is_edited_without_an_error_and_blank_text_left_alone(edit: Edit) -> None:
    for text in HOSTILE:
        after = {edited(edit, text, seed) for seed in range(8)}
        assert after == {text} if not text.strip() else "" not in after


@every_edit
@given(text=TEXTS, seed=st.integers(0, 99))
def test_any_text_is_edited_without_an_error(edit: Edit, text: str, seed: int) -> None:
    assert bool(edited(edit, text, seed)) == bool(text)


def test_a_typo_is_one_inner_letter_in_one_word_of_eight() -> None:
    text = (
        "the perfectly ordinary director never explains nothing because they can't remember anything worth telling us"
    )
    words = text.split()
    for seed in range(200):
        after = edited(edits.typos(one_in=8), text, seed).split()
        changed = [(old, new) for old, new in zip(words, after, strict=True) if old != new]
        assert len(changed) == 2
        for old, new in changed:
            assert len(old) >= 4
            assert old not in {"never", "nothing", "can't"}
            assert (old[0], old[-1]) == (new[0], new[-1])
            lost = [old[:i] + old[i + 1 :] for i in range(len(old))]
            gained = [new[:i] + new[i + 1 :] for i in range(len(new))]
            assert sorted(old) == sorted(new) or new in lost or old in gained


def test_there_is_at_least_one_typo_and_more_where_they_are_denser() -> None:
    assert edited(edits.typos(), "boring film") != "boring film"
    text = "boring picture " * 20
    counts = [
        sum(a != b for a, b in zip(text.split(), edited(edits.typos(one_in), text).split(), strict=True))
        for one_in in (2, 8, 40)
    ]
    assert counts == [20, 5, 1]


def test_short_words_and_negations_are_never_misspelt() -> None:
    assert edited(edits.typos(), "No, I can't and won't, never, bad") == "No, I can't and won't, never, bad"
    assert "god" not in {edited(edits.typos(), "good", seed) for seed in range(60)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("This isn't good.", "This is not good."),
        ("This is not good.", "This isn't good."),
        ("It’s not for me, they can’t act.", "It is not for me, they cannot act."),
        ("I will not go; I cannot.", "I won't go; I can't."),
        ("DON'T GO. IT IS NOT GOOD", "DO NOT GO. IT'S NOT GOOD"),
        ("Don't miss it", "Do not miss it"),
        ("I'm glad. I've seen it and we'll go again", "I am glad. I have seen it and we will go again"),
        ("There is no plot, and it is a mess", "There's no plot, and it's a mess"),
        ("She's a star and he's not", "She is a star and he is not"),
        ("Who doesn't like it?", "Who doesn't like it?"),
        ("Isn't it great", "Isn't it great"),
        ("Why wouldn't they", "Why wouldn't they"),
        ("It's been fun", "It's been fun"),
        ("It's never been good", "It's never been good"),
        ("It's not been fun", "It's not been fun"),
        ("I know what it is.", "I know what it is."),
        ("As sad as it is, go", "As sad as it is, go"),
        ("The film is NOT good", "The film is NOT good"),
        ("the director's cut", "the director's cut"),
        ("a does-not-matter is not-so-good film", "a does-not-matter is not-so-good film"),
    ],
)
def test_contractions_are_exchanged_where_both_forms_are_idiomatic(before: str, after: str) -> None:
    assert edited(edits.contractions, before) == after


@given(text=TEXTS | WORDY, seed=st.integers(0, 99))
def test_casing_changes_nothing_but_case(text: str, seed: int) -> None:
    assert edited(edits.casing, text, seed).casefold() == text.casefold()


def test_all_three_casings_occur() -> None:
    assert {edited(edits.casing, "It isn't bad", seed) for seed in range(30)} == {
        "IT ISN'T BAD",
        "it isn't bad",
        "It Isn't Bad",
    }


@given(text=TEXTS | WORDY, seed=st.integers(0, 99))
def test_whitespace_changes_nothing_but_blanks(text: str, seed: int) -> None:
    assert edited(edits.whitespace, text, seed).split() == text.split()


@given(text=TEXTS | WORDY, seed=st.integers(0, 99))
def test_the_look_is_undone_by_nfkc_with_plain_quotes_and_dashes(text: str, seed: int) -> None:
    assert plain(edited(edits.unicode_look, text, seed)) == plain(text)


def plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.replace("\u200d", ""))
    for typographic, typed in zip("“”‘’–—", ('"', '"', "'", "'", "-", "--"), strict=True):
        text = text.replace(typographic, typed)
    return text


def test_every_look_occurs() -> None:
    seen = "".join(edited(edits.unicode_look, text, seed) for text in SAMPLES for seed in range(40))
    assert all(mark in seen for mark in "“”’–…\u00a0ﬁ\u200d\u0301ｔ")


@pytest.mark.parametrize("text", SAMPLES)
def test_html_is_read_back_as_the_same_text(text: str) -> None:
    for seed in range(40):
        marked = edited(additions.html, text, seed)
        assert marked.count("<br /><br />") == marked.count("<i>") == marked.count("</i>") == 1
        assert '"' not in marked
        bare = re.sub(r"</?i>", "", marked).replace("<br /><br />", " ")
        assert unescape(bare).split() == text.split()


def test_markup_and_entities_that_are_there_stay_whole() -> None:
    for seed in range(40):
        marked = edited(additions.html, 'Ham &amp; eggs<br />and a <a href="actors">cast</a>', seed)
        assert "&amp; " in marked
        assert "&amp;amp;" not in marked
        assert '<a href="actors">' in marked
        assert "<br />and" in re.sub("</?i>", "", marked)


@pytest.mark.parametrize("text", [*SAMPLES, "{text} {address} 100%"])
def test_addresses_and_handles_stand_before_or_after_the_review(text: str) -> None:
    for seed in range(40):
        before, after = edited(additions.urls_and_handles, text, seed).split(text)
        added = (before + after).split()
        assert added
        assert all(re.fullmatch(r"@\w+|(https?://|www\.)[\w.]*example\.(com|org|net)/\S+", each) for each in added)


@pytest.mark.parametrize("text", SAMPLES)
def test_without_its_emoji_the_text_is_the_review(text: str) -> None:
    for seed in range(40):
        after = edited(additions.neutral_emoji, text, seed)
        for emoji in additions.EMOJI:
            after = after.replace(emoji, "")
        assert after.split() == text.split()


def test_an_irrelevant_sentence_stands_apart_from_the_review() -> None:
    for seed in range(40):
        after = edited(additions.irrelevant_sentences, "A dull film", seed)
        (sentence,) = [each for each in additions.CIRCUMSTANCES if each in after]
        assert after in (f"{sentence} A dull film", f"A dull film. {sentence}")
    assert "Fun!." not in edited(additions.irrelevant_sentences, "Fun!", 1)


def test_the_irrelevant_sentences_are_many_and_hold_no_word_of_praise_or_blame() -> None:
    assert len(set(additions.CIRCUMSTANCES)) == len(additions.CIRCUMSTANCES) >= 40
    slots = ("praise", "quality", "virtue", "blame", "flaw")
    words = set(re.findall(r"\w+", " ".join(additions.CIRCUMSTANCES).lower()))
    assert not words & {word for slot in slots for word in MOVIES[slot]}
    assert not words & {"never", "only", "even", "again", "free", "empty", "full"}
