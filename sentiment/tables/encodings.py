"""The text of a user's file: unpacked, decoded, and refused where its bytes are something else.

Read is UTF-8, and UTF-16 or UTF-32 that begin with a byte order mark; other encodings are read when they are named,
never guessed. A UTF-8 file with some damage is read, and its undecodable bytes become lone surrogates, which make bad
rows. It is no such file, and is refused, where most of its characters beyond ASCII are not UTF-8: the whole file
decides, since the first odd byte may come late.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from sentiment.errors import DataError
from sentiment.tables.guess import likely_encoding
from sentiment.tables.layout import Layout
from sentiment.tables.rows import SURROGATE

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_OTHER_KINDS = {
    b"PK\x03\x04": "a ZIP archive or a spreadsheet; unpack it, or export it as CSV",
    b"PAR1": "a parquet file; name it .parquet",
    b"version https://git-lfs": "a Git LFS pointer, not the file itself; run git lfs pull",
}
_HEAD = 4096
_PIECE = 2**20


@dataclass(frozen=True)
class TextFile:
    """A file of text that was read through once."""

    path: Path
    encoding: str
    """A codec's name."""
    packed: bool
    """Whether it is compressed with gzip, whatever its name."""
    looks_like: str | None = None
    """The likely encoding of a file that should be UTF-8 and is not, empty where none is likely; None where all is
    well."""

    @property
    def errors(self) -> str:
        """What becomes of undecodable bytes: lone surrogates, in encodings that hold ASCII as it is."""
        return "surrogateescape" if _holds_ascii(self.encoding) else "strict"

    @property
    def encoding_name(self) -> str:
        """The encoding, for messages."""
        return self.encoding.removesuffix("-sig").upper()

    @property
    def is_utf8(self) -> bool:
        """Whether its bytes, undecodable ones too, can be written to UTF-8 files as they are."""
        return self.encoding.startswith("utf-8")

    @contextmanager
    def open(self, newline: str) -> Iterator[TextIO]:
        """The text from its start; line ends stay as they are."""
        with self._bytes() as binary, io.TextIOWrapper(binary, self.encoding, self.errors, newline) as text:
            yield text

    def _bytes(self) -> BinaryIO:
        return cast(BinaryIO, gzip.open(self.path, "rb")) if self.packed else self.path.open("rb")


def open_text(path: Path, layout: Layout | None) -> TextFile:
    """The file as text. Raises `DataError` where it is none, or is not in the encoding that it should be in."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
        packed = head.startswith(b"\x1f\x8b")
        if packed:
            with gzip.open(path, "rb") as unpacked:
                head = unpacked.read(_HEAD)
        refuse_other_kinds(path, head)
        asked = layout.encoding if layout is not None else None
        codec = _encoding(path, head, asked, "save it as UTF-8" if layout is None else None)
        return _read_through(TextFile(path, codec, packed), asked)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataError(f"{path} is damaged: what gzip packed cannot be unpacked to its end; fetch it again") from None


def refuse_other_kinds(path: Path, head: bytes) -> None:
    """Raise `DataError` where a file begins like one of another kind."""
    for mark, what in _OTHER_KINDS.items():
        if head.startswith(mark):
            raise DataError(f"{path} is {what}")


def _encoding(path: Path, head: bytes, asked: str | None, remedy: str | None) -> str:
    marked = next((codec for mark, codec in _MARKS.items() if head.startswith(mark)), None)
    if marked is None:
        if asked is None and (wide := _unmarked(head)):
            raise DataError(f"{path} looks like UTF-16 without a byte order mark; {remedy or _remedy(wide)}")
        return asked or "utf-8"
    family = marked.removesuffix("-sig")
    if asked is not None and not asked.startswith(family):
        raise DataError(f"{path} begins with the byte order mark of {family}, so it is not {asked}; do not name it so")
    return marked


def _unmarked(head: bytes) -> str | None:
    """The kind of UTF-16 that a text with a zero in most of every two bytes is in."""
    pairs = len(head) // 2
    for first, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = head[first::2].count(0), head[1 - first :: 2].count(0)
        if zeros > 0.4 * pairs and others < 0.1 * pairs:
            return codec
    return None


def _read_through(file: TextFile, asked: str | None) -> TextFile:
    """The file, once all of it was decoded."""
    try:
        for _ in _pieces(file, "strict"):
            pass
        return file
    except UnicodeError as error:
        if file.errors == "strict":
            raise DataError(
                f"{file.path} is not {file.encoding} to its end ({getattr(error, 'reason', error)}); it is damaged, "
                "or another encoding must be named"
            ) from None
    if asked is not None:  # whoever names an encoding knows the file: bytes that do not fit are damage
        return file
    odd = beyond = 0
    for piece in _pieces(file, file.errors):
        odd += len(SURROGATE.findall(piece))
        beyond += len(piece) - len(piece.encode("ascii", "ignore"))
    if 2 * odd <= beyond:
        return file
    return TextFile(file.path, file.encoding, file.packed, likely_encoding(_odd_lines(file)))


def _pieces(file: TextFile, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(file.encoding)(errors)
    with file._bytes() as binary:
        while piece := binary.read(_PIECE):
            yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _holds_ascii(encoding: str) -> bool:
    probe = "text,1\n"
    try:
        return probe.encode(encoding) == probe.encode("ascii")
    except UnicodeError:
        return False


def _odd_lines(file: TextFile, most: int = 200) -> bytes:
    """The first lines that are not UTF-8."""
    odd: list[bytes] = []
    with file._bytes() as binary:
        for line in binary:
            if len(odd) == most:
                break
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                odd.append(line[:_PIECE])
    return b"".join(odd)


def not_utf8(file: TextFile, said: str) -> DataError:
    """What to tell of a file that is in another encoding; `said` tells how much of it."""
    looks = f"it looks like {file.looks_like}" if file.looks_like else "it looks like no text in a usual encoding"
    remedy = _remedy(file.looks_like or "NAME")
    return DataError(f"{file.path} is not UTF-8: {said}; {looks}; {remedy}; --encoding utf-8 passes over those rows")


def _remedy(encoding: str) -> str:
    return f"give --encoding {encoding} (in a profile, encoding of [data]) or save it as UTF-8"
