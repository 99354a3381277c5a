"""The normal form by which two texts count as the same."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_KEPT = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")
_OTHER_TO_SPACE = bytes(byte if byte in _KEPT else 32 for byte in range(256))


def normalise(text: str) -> str:
    """`<br>` to space, NFKC, lower case, every run of characters other than a-z and 0-9 to one space, strip.

    Any string is accepted, lone surrogates included: they are "other characters".
    """
    text = _BREAK.sub(" ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    # through bytes, where translate is a table look-up: five times faster than a regular expression
    return b" ".join(text.lower().encode("ascii", "replace").translate(_OTHER_TO_SPACE).split()).decode()


def text_digest(text: str) -> str:
    """SHA-256, in hex, of the normal form: equal for texts that are exact duplicates of each other."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()
