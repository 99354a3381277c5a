"""From what a model wrote to the label it means. Text in, label out; no model here.

The rule is made so that one generated token usually settles it, which is what lets a single forward
pass stand for a whole generation (`settled_by`):

1. `<think>...</think>` blocks are dropped; an unfinished one is no answer.
2. Leading blanks, punctuation and markup are passed over.
3. An answer that opens with a label word is that label, whatever follows. Words of four letters and
   more also count when inflected ("positively"); shorter ones ("yes", "no") only as whole words.
4. Else, as in "The sentiment is: POSITIVE.", the label words anywhere in the text count, unless a
   negation stands before them ("not positive"). Exactly one distinct label must be left.
5. Neither word, or both: None. It is counted as unanswered and never folded into a class.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sentiment.types import Label

INFLECTED_FROM = 4
"""Letters from which on a word may go on: "positively" is positive, "nothing" is not "no"."""

_THINK = re.compile(r"\A\s*</think>|<think>.*?</think>|<think>.*", re.DOTALL | re.IGNORECASE)
_LEAD = re.compile(r"[\W_]*")
_NEGATION = (
    r"(?:\b(?:not|never|hardly|neither|nor|non|without)|n't|n\u2019t)[\s\-]+"
    r"(?:(?:a|an|at\s+all|very|really|so|that|particularly)\s+)*"
)


def parse_answer(text: str, words: tuple[str, str]) -> Label | None:
    """The label that an answer means, or None for neither or both.

    `words` are the answer words indexed by `Label`, e.g. `("negative", "positive")`.
    """
    answer = _THINK.sub("", text)
    opening = _opening_label(answer, words)
    if opening is not None:
        return opening
    found = {label for label in Label if _is_named(words[label], answer)}
    return found.pop() if len(found) == 1 else None


def settled_by(first: str, words: tuple[str, str]) -> Label | None:
    """The label that every answer beginning with `first` has, or None while it is open."""
    opening = None if "<" in first else _opening_label(first, words)
    return opening if opening is not None and _may_go_on(words[opening]) else None


def _opening_label(answer: str, words: tuple[str, str]) -> Label | None:
    rest = answer[_LEAD.match(answer).end() :]  # type: ignore[union-attr]  # matches the empty string too
    return next((label for label in Label if _pattern(words[label]).match(rest)), None)


def _is_named(word: str, answer: str) -> bool:
    """Whether the word stands in the answer at least once without a negation before it."""
    return any(not match["negation"] for match in _pattern(word, _NEGATION).finditer(answer))


def _may_go_on(word: str) -> bool:
    return len(word.strip()) >= INFLECTED_FROM


@lru_cache(maxsize=256)
def _pattern(word: str, negation: str = "(?!)") -> re.Pattern[str]:
    end = "" if _may_go_on(word) else r"(?!\w)"
    return re.compile(rf"(?P<negation>{negation})?(?<!\w){re.escape(word.strip())}{end}", re.IGNORECASE)
