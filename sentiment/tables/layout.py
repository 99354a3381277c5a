"""How a table is laid out, where its user says so."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from sentiment.errors import DataError

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What may stand between the cells of a line, in the order in which it is tried, and what it is called."""
_WRITTEN = {"\\t": "\t", "tab": "\t", "comma": ",", "semicolon": ";"}


@dataclass(frozen=True)
class Layout:
    """What the file alone does not say. Raises `DataError` for an unknown encoding or an impossible delimiter."""

    encoding: str | None = None
    """A codec's name; None: UTF-8, or what a byte order mark says."""
    delimiter: str | None = None
    """Between the cells of a line; None: what fits. `tab` and `\\t` are a tab."""
    columns: tuple[str, ...] = ()
    """Names for a file whose first line is no header."""

    def __post_init__(self) -> None:
        if self.delimiter is not None:
            object.__setattr__(self, "delimiter", _WRITTEN.get(self.delimiter.lower(), self.delimiter))
            if len(self.delimiter) != 1 or self.delimiter in '"\r\n':
                raise DataError(f"delimiter {self.delimiter!r} must be one character, such as ; or tab")
        if self.encoding is not None:
            object.__setattr__(self, "encoding", _codec(self.encoding))
        if len(set(self.columns)) < len(self.columns) or not all(self.columns):
            raise DataError(f"columns {', '.join(map(repr, self.columns))} must be different names, none of them empty")


UNTOLD = Layout()
"""Where a user could have said more, and said nothing."""


def _codec(name: str) -> str:
    try:
        "a".encode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise DataError(
            f"encoding {name!r} is unknown; give one that Python knows, such as cp1252, latin-1, utf-16 or shift_jis"
        ) from None
