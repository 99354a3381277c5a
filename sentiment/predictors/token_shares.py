"""The labels' shares from the log-probabilities that a server gives for the tokens of an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sentiment.types import Label


def label_shares(
    positions: Sequence[Mapping[str, float]], words: tuple[str, str]
) -> tuple[Mapping[Label, float] | None, float | None]:
    """The shares of the labels and their probability together, at the first position whose likeliest token says
    anything; None for both where neither word's beginning is among the tokens given, or the model thinks aloud.

    `positions`: token -> log-probability, of the likeliest ones of each position; `words` are the answer words indexed
    by `Label`. A token counts for a word that it begins, or that it goes on from ("posit", "positive.", " Positive");
    one that begins both words counts for neither. What a word that is not among the tokens given would have had is
    unknown and counts as nothing: it is less than the least of them.
    """
    for tokens in positions:
        if not tokens:
            return None, None
        best = max(tokens, key=tokens.__getitem__)
        if "<" in best:
            return None, None
        if _bare(best):
            found = _at(tokens, words)
            mass = sum(found.values())
            return ({label: share / mass for label, share in found.items()}, min(mass, 1.0)) if mass else (None, None)
    return None, None


def _at(tokens: Mapping[str, float], words: tuple[str, str]) -> dict[Label, float]:
    found = dict.fromkeys(Label, 0.0)
    for token, logprob in tokens.items():
        meant = [label for label in Label if _begins(_bare(token), words[label].strip().casefold())]
        if len(meant) == 1:
            found[meant[0]] += math.exp(min(logprob, 0.0))
    return found


def _begins(token: str, word: str) -> bool:
    return bool(token) and (word.startswith(token) or token.startswith(word))


def _bare(token: str) -> str:
    """Without the blanks and marks before the word, which answers may open with."""
    return token.lstrip(" \t\r\n\u2581\u0120*_\"'`#.-:([{").rstrip().casefold()
