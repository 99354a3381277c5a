"""Making text that nobody vouches for harmless where it is shown.

Reviews, prompts and names are shown in terminals, spreadsheets and web pages. Control characters
(which drive terminals), direction marks (which reorder what follows) and lone surrogates (which no
file can hold as UTF-8) are written out as escapes such as `\\x1b`; spreadsheet formulas are disarmed.
HTML is escaped by the template engine.
"""

from __future__ import annotations

import re

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
_FORMULA = re.compile("'*[=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")


def visible(text: str) -> str:
    """The text with every control character, direction mark and lone surrogate as an escape.

    Line feeds and tabs stay; what is left can be encoded as UTF-8.
    """
    return _INVISIBLE.sub(_escape, text)


def whole_line(text: str) -> str:
    """The text on one line, whatever its length: for paths, which are to be opened, and for errors, whose remedy
    stands last."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def one_line(text: str, width: int) -> str:
    """At most `width` characters on one line, for a terminal; a longer text ends in an ellipsis."""
    line = whole_line(text)
    return line if len(line) <= width else line[: width - 1] + "…"


def csv_safe(cell: str) -> str:
    """The cell with a leading apostrophe where a spreadsheet could take it for a formula.

    OWASP, "CSV injection": cells that begin with = + - @ (also full-width), tab, carriage return or
    line feed; NUL too. A cell that already has apostrophes before such a character gets one more, so
    `csv_recovered` always gives back what was there.
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def csv_recovered(cell: str) -> str:
    """The cell as it was before `csv_safe`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
