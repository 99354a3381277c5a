"""Edits that change how a review is written and nothing that it says: spelling slips, contractions, case, look, blanks.

An edit maps a review to a review of the same id and label, and draws only from the generator that it is
given. What is added to a review from outside is in `additions`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from random import Random

from sentiment.types import Edit, Review

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_GAP = re.compile(r" +")

NEGATING = frozenset(
    [
        "never",
        "nothing",
        "nobody",
        "nowhere",
        "neither",
        "none",
        "hardly",
        "barely",
        "scarcely",
        "rarely",
        "seldom",
        "without",
        "cannot",
    ]
)
"""Words in which one wrong letter can turn the opinion ("noting good"); they are never misspelt."""


def text_edit(change: Callable[[str, Random], str]) -> Edit:
    """The edit that changes the text alone. A text of nothing but blanks stays as it is."""

    @wraps(change)
    def edit(review: Review, random: Random) -> Review:
        if not review.text.strip():
            return review
        return replace(review, text=change(review.text, random))

    return edit


def typos(one_in: int = 8) -> Edit:
    """An inner letter swapped with the next, left out or doubled, in one word of `one_in` but at least in one.

    Words under four letters, with an apostrophe or that negate are spared, and so is the first and the
    last letter of every word. A letter is left out of words over seven letters only.
    """

    @text_edit
    def edit(text: str, random: Random) -> str:
        words = list(_WORD.finditer(text))
        fit = [word.start() for word in words if _may_be_misspelt(word[0])]
        slips = set(random.sample(fit, min(len(fit), max(1, round(len(words) / one_in)))))
        return _WORD.sub(lambda word: _misspelt(word[0], random) if word.start() in slips else word[0], text)

    return edit


@text_edit
def contractions(text: str, random: Random) -> str:
    """Every "isn't" becomes "is not" and every "is not" becomes "isn't", wherever both are idiomatic.

    Questions keep theirs ("Isn't it?"), and so does an ambiguous 's ("it's been").
    """
    return _CONTRACTIONS.sub(_other_form, text)


@text_edit
def casing(text: str, random: Random) -> str:
    """All upper case, all lower case, or Every Word With A Capital."""
    capitals = _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:], text)
    # a few letters come back from upper case as others ("ı" as "i"): such a text is not shouted
    fit = [new for new in (text.upper(), text.lower(), capitals) if new != text and new.casefold() == text.casefold()]
    return random.choice(fit) if fit else text


@text_edit
def whitespace(text: str, random: Random) -> str:
    """Doubled spaces, tabs or line breaks between words, blanks before and after."""
    wider = random.choice(("  ", "   ", "\t", "\n", " \n"))
    text = _at_some_gaps(text, lambda gap: wider, random)
    return random.choice((" ", "  ", "\t", "\n")) + text + random.choice(("", " ", "   ", "\n"))


@text_edit
def unicode_look(text: str, random: Random) -> str:
    """Two of: typographic quotes and dashes, no-break spaces, ligatures, full-width letters in words without
    opinion, accents as separate characters, invisible joiners between words.

    A reader sees the same text; undoing quotes, dashes and joiners, NFKC makes it the same characters.
    """
    changed = 0
    for look in random.sample(_LOOKS, len(_LOOKS)):
        new = look(text, random)
        changed += new != text
        text = new
        if changed == 2:
            break
    return text


def _may_be_misspelt(word: str) -> bool:
    return len(word) >= 4 and word.isalpha() and word.lower() not in NEGATING


def _misspelt(word: str, random: Random) -> str:
    inner = range(1, len(word) - 1)
    unlike = [i for i in inner[:-1] if word[i] != word[i + 1]]
    at = random.choice(inner)
    slips = [word[: at + 1] + word[at:]]
    if len(word) > 7:  # a shorter word may become another: "friend" "fiend", "boring" "bring", "adorned" "adored"
        slips.append(word[:at] + word[at + 1 :])
    if unlike:
        at = random.choice(unlike)
        slips.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    return random.choice(slips)


def _either(forms: dict[str, str]) -> str:
    """A pattern for any of the forms, with either apostrophe."""
    return "|".join(re.escape(form).replace("'", "['’]") for form in forms)


def _both_ways(forms: dict[str, str]) -> dict[str, str]:
    return forms | {long: short for short, long in forms.items()}


_VERBS = ["is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "could", "would", "should"]
_NOT = _both_ways({f"{verb}n't": f"{verb} not" for verb in _VERBS} | {"can't": "cannot", "won't": "will not"})
_BE = _both_ways({f"{subject}'s": f"{subject} is" for subject in ("it", "that", "there", "he", "she")})
_LONG = {f"{subject}'re": f"{subject} are" for subject in ("you", "we", "they")} | {"i'm": "i am"}
_LONG |= {f"{subject}'ve": f"{subject} have" for subject in ("i", "you", "we", "they")}
_LONG |= {f"{subject}'ll": f"{subject} will" for subject in ("i", "you", "we", "they", "it", "he", "she")}
_FORMS = _NOT | _BE | _LONG
_CONTRACTIONS = re.compile(
    rf"""(?<!\bwhy\ )(?<!\bwhat\ )(?<!\bas\ )(?<!['’\w-])
    (?: (?:{_either(_NOT)}) (?!['’\w-]) (?!\s+(?:i|it|he|she|we|you|they|there)\b) (?![^.!]*\?)
      | (?:{_either(_BE)}) (?=\s+(?:an?|the|so|too|very|quite|not|no|nothing)\b) (?!\s+\w+\s+been\b)
      | (?:{_either(_LONG)}) (?!['’\w-])
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def _other_form(match: re.Match[str]) -> str:
    found = match[0]
    form = _FORMS[found.lower().replace("’", "'")]
    if found.isupper():
        return form.upper()
    if not found[1:].islower():  # "is NOT": the stress would be lost
        return found
    return form[0].upper() + form[1:] if found[0].isupper() else form


def _at_some_gaps(text: str, change: Callable[[str], str], random: Random) -> str:
    """The text with about a quarter of its gaps between words changed, at least one."""
    gaps = [gap.start() for gap in _GAP.finditer(text)]
    chosen = set(random.sample(gaps, -(-len(gaps) // 4)))
    return _GAP.sub(lambda gap: change(gap[0]) if gap.start() in chosen else gap[0], text)


def _typographic(text: str, random: Random) -> str:
    text = re.sub(r"""(?<![^\s(\[])"(?=\S)""", "“", text).replace('"', "”")
    text = re.sub(r"(?<![^\s(\[])'(?=\S)", "‘", text).replace("'", "’")
    return text.replace("--", "—").replace(" - ", " – ").replace("...", "…")


def _no_break(text: str, random: Random) -> str:
    return _at_some_gaps(text, lambda gap: "\u00a0" * len(gap), random)


def _ligatures(text: str, random: Random) -> str:
    return text.replace("fi", "ﬁ").replace("fl", "ﬂ")


def _full_width(text: str, random: Random) -> str:
    plain = re.compile(r"\b(?:the|and|this|that|with|film|movie)\b", re.IGNORECASE | re.ASCII)
    return plain.sub(lambda word: "".join(chr(ord(letter) + 0xFEE0) for letter in word[0]), text, count=1)


def _apart(text: str, random: Random) -> str:
    return unicodedata.normalize("NFD", text)


def _joiners(text: str, random: Random) -> str:
    return _at_some_gaps(text, lambda gap: gap + "\u200d", random)


_LOOKS = (_typographic, _no_break, _ligatures, _full_width, _apart, _joiners)
