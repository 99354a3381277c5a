"""Which encoding bytes are likely in, for a message; nothing is ever read by this guess alone."""

from __future__ import annotations

_CANDIDATES = ("cp1252", "mac_roman", "cp850", "cp1250", "cp1251", "koi8_r", "shift_jis", "euc_kr", "gb18030")
_UNLIKELY = {"shift_jis": ("\uff61", "\uff9f"), "euc_kr": ("\u4e00", "\u9fff")}
"""Half-width kana, and Chinese characters in Korean: more likely two bytes of something else."""
_TYPOGRAPHY = frozenset("‘’“”–—…€£©®™°·«»¿¡½¼¾•\xa0、。「」！？，：")


def likely_encoding(odd: bytes) -> str:
    """The encoding in which lines that are not UTF-8 read most like words; empty where they do in none."""
    fits = {codec: _fit(odd, codec) for codec in _CANDIDATES}
    best = max(fits, key=lambda codec: fits[codec])
    return best if fits[best] > 0.5 else ""


def _fit(odd: bytes, codec: str) -> float:
    """Share of the characters beyond ASCII that stand where such characters stand in words and sentences."""
    try:
        text = odd.decode(codec)
    except UnicodeDecodeError:
        return 0.0
    low, high = _UNLIKELY.get(codec, ("\uffff", "\uffff"))
    beyond = [i for i, char in enumerate(text) if not char.isascii()]
    fitting = sum(
        not low <= text[i] <= high and _plausible(text[max(i - 1, 0) : i], text[i], text[i + 1 : i + 2]) for i in beyond
    )
    return fitting / max(len(beyond), 1)


def _plausible(before: str, char: str, after: str) -> bool:
    if char in _TYPOGRAPHY:
        return True
    if not char.isalpha():
        return False
    if char.isupper():
        return not before.isalpha()
    ascii_letters = [side.isascii() for side in (before, after) if side.isalpha()]
    if char < "\u0250":  # Latin letters, most of whose neighbors are ASCII
        return len(ascii_letters) < 2 or any(ascii_letters)
    return not any(ascii_letters)
