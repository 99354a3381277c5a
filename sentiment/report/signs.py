"""How rulings are shown, wherever they are: no ruling is told by its color alone."""

from __future__ import annotations

from dataclasses import dataclass

from sentiment.types import Ruling


@dataclass(frozen=True)
class Sign:
    """What stands for a ruling."""

    sign: str
    """On the page, before its name."""
    tone: str
    """Class that colors it there: good, bad, open or plain."""
    picture: str
    """In Markdown, which has no colors."""
    word: str
    """On the terminal; at most five letters."""
    meaning: str = ""
    """What that word means, where it is not the ruling's own name."""


SIGNS = {
    Ruling.FAIL: Sign("✗", "bad", "❌", "FAIL"),
    Ruling.KNOWN: Sign("◆", "open", "🔶", "known", "over budget, accepted with a reason"),
    Ruling.INCONCLUSIVE: Sign("?", "open", "❔", "open", "inconclusive"),
    Ruling.PASS: Sign("✓", "good", "✅", "pass"),
    Ruling.IMPROVED: Sign("▲", "good", "⏫", "gain", "better than the baseline"),
    Ruling.REPORTED: Sign("–", "plain", "➖", "-", "reported, not judged"),
}
"""The worst first."""
SEVERITY = {ruling: place for place, ruling in enumerate(SIGNS)}
"""The place of a ruling in that order."""
