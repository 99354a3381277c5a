"""Answers of one model in one SQLite file, each with a checksum of its own.

The file may be damaged, of another user, or on a disk that is full or read-only: whatever of it cannot be trusted
is as if it had never been stored, and said.
"""

from __future__ import annotations

import hashlib
import math
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sentiment import cache
from sentiment.errors import CacheError
from sentiment.files import remove
from sentiment.types import Label, Prediction, shares_of

BATCH = 512
"""Queries that one statement looks up."""
BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a file; it belongs to that file and to no other of its name."""
_FIELDS = "query, label, p_positive, label_mass, text, cut"
_TABLE = """create table if not exists answers
(query text primary key, label integer, p_positive real, label_mass real, text text, cut integer, checksum text)
without rowid"""
_COLUMNS = [*_FIELDS.split(", "), "checksum"]
_REFUSALS = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_IOERR,
}
"""Errors of the disk or of another process; any other is damage, and so is a read that came out short."""


class AnswerFile:
    """The file at `path`; `note` hears what is wrong with it."""

    def __init__(self, path: Path, note: Callable[[str], object]) -> None:
        self.path, self._note = path, note

    def read(self, digests: Iterable[str], *, mend: bool = False) -> dict[str, Prediction]:
        """Stored answers by the digest of their query; those that are damaged are left out.

        With `mend`, for whoever holds the lock of the file: damage is said, and a file that is beyond reading is
        deleted, so that answers can be stored again.
        """
        if not os.path.lexists(self.path):
            return {}
        try:
            with self._opened("rw") as database:
                rows = [row for batch in _batches(list(digests)) for row in _selected(database, batch)]
        except (sqlite3.Error, CacheError) as error:
            if mend:
                self._give_up(error)
            return {}
        found = {row[0]: _prediction(row) for row in rows}
        good = {digest: answer for digest, answer in found.items() if answer is not None}
        if mend and len(good) < len(found):
            damaged = len(found) - len(good)
            self._note(f"damaged among the stored answers {self.path}, and asked again: {damaged:,} of {len(found):,}")
        return good

    def add(self, answers: Mapping[str, Prediction]) -> None:
        """Store the answers. Raises `CacheError` when they cannot be."""
        rows = [_row(digest, answer) for digest, answer in answers.items()]
        try:
            self._insert(rows)
        except sqlite3.Error as error:
            if not _is_damage(error):
                raise self._refused(error) from None
            self._give_up(error)
            try:
                self._insert(rows)
            except sqlite3.Error as again:
                raise self._refused(again) from None

    def drop(self, digests: Iterable[str]) -> int:
        """Delete the answers to these queries; how many are left. Raises `CacheError` when they cannot be."""
        try:
            with self._opened("rw") as database, database:
                database.executemany("delete from answers where query = ?", ((digest,) for digest in digests))
                return int(database.execute("select count(*) from answers").fetchone()[0])
        except sqlite3.Error as error:
            raise self._refused(error) from None

    def _insert(self, rows: Sequence[tuple]) -> None:
        with cache.storing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened("rwc") as database, database:
            database.execute(_TABLE)
            database.executemany("insert or replace into answers values (?, ?, ?, ?, ?, ?, ?)", rows)

    def _give_up(self, error: Exception) -> None:
        """Say what is wrong, and delete a file that is damaged."""
        if isinstance(error, sqlite3.Error) and not _is_damage(error):
            self._note(f"stored answers {self.path} cannot be read ({error}): they are asked again")
            return
        self._note(f"stored answers {self.path} are unreadable ({error}) and start anew")
        with suppress(OSError):  # what cannot be deleted cannot be written either, and that is said when it is tried
            for path in (self.path, *(self.path.with_name(self.path.name + suffix) for suffix in BESIDE)):
                remove(path)

    def _refused(self, error: sqlite3.Error) -> CacheError:
        return CacheError(f"answers cannot be stored in {self.path} ({error}); {cache.REMEDY}")

    @contextmanager
    def _opened(self, mode: str) -> Iterator[sqlite3.Connection]:
        """The database; never created by reading, and only read where it cannot be written."""
        if os.path.isdir(self.path):  # noqa: PTH112  (says no where it may not look)
            raise sqlite3.DatabaseError("it is a folder")
        with closing(connected(self.path, mode)) as database:
            _make_whole(database)
            yield database


def connected(path: Path, mode: str) -> sqlite3.Connection:
    """A connection in one of SQLite's modes `rw` and `rwc`, which creates the file."""
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", timeout=60, uri=True)
    database.text_factory = lambda data: data.decode("utf-8", "replace")  # the checksum tells what is damaged
    return database


def _make_whole(database: sqlite3.Connection) -> None:
    """Give the rows of a file of before, which had no checksums, theirs. Raises `sqlite3.Error` for foreign columns."""
    columns = _columns(database)
    if columns == _COLUMNS[:-1]:
        database.create_function("checksum_of", len(columns), lambda *row: _checksum(row), deterministic=True)
        try:
            with database:
                database.execute("begin immediate")
                if _columns(database) == columns:  # another process may have been faster
                    database.execute("alter table answers add column checksum text")
                    database.execute(f"update answers set checksum = checksum_of({_FIELDS})")
        except sqlite3.OperationalError as error:
            if _is_damage(error):
                raise  # else it can only be read, and is read as it is
    elif columns and columns != _COLUMNS:
        raise sqlite3.DatabaseError(f"its columns are {', '.join(columns)}")


def _columns(database: sqlite3.Connection) -> list[str]:
    return [row[1] for row in database.execute("pragma table_info(answers)")]


def _selected(database: sqlite3.Connection, digests: Sequence[str]) -> list[tuple]:
    marks = ",".join("?" * len(digests))
    return database.execute(f"select * from answers where query in ({marks})", list(digests)).fetchall()


def _batches(digests: Sequence[str]) -> Iterator[Sequence[str]]:
    return (digests[begin : begin + BATCH] for begin in range(0, len(digests), BATCH))


def _is_damage(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    if code in (sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS):
        return True
    return code is None or code & 0xFF not in _REFUSALS


def _row(digest: str, answer: Prediction) -> tuple:
    label = None if answer.label is None else int(answer.label)
    row = (digest, label, _number(answer.p_positive), _number(answer.label_mass), answer.text, int(answer.cut))
    return (*row, _checksum(row))


def _number(value: float | None) -> float | None:
    """As SQLite keeps it, which takes NaN for nothing."""
    return None if value is None or math.isnan(value) else float(value)


def _checksum(row: Sequence[Any]) -> str:
    return hashlib.sha256(repr(tuple(row)).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _prediction(row: Sequence[Any]) -> Prediction | None:
    """The answer, or None where the row is not what was stored."""
    facts, checksum = row[:6], row[6:]
    if checksum and checksum[0] != _checksum(facts):  # a file of before that can only be read has none
        return None
    _, label, p_positive, label_mass, text, cut = facts
    if any(not isinstance(share, float | None) for share in (p_positive, label_mass)) or not isinstance(text, str):
        return None
    try:
        return Prediction(None if label is None else Label(label), shares_of(p_positive), label_mass, text, bool(cut))
    except ValueError:
        return None
