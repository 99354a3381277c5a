"""Answers kept on disk: whatever was asked of the same weights in the same way is never asked twice."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path

from sentiment.cache import cache_root, locked
from sentiment.types import Label, Prediction, Predictor, Query

CHUNK = 1024
"""Queries between two commits: what an interruption loses at most."""
_TABLE = """create table if not exists answers
(query text primary key, label integer, p_positive real, label_mass real, text text, cut integer) without rowid"""


class StoredPredictor:
    """A predictor that looks its answers up first, and loads its model only for new queries.

    Processes that ask the same weights take turns: the first one answers, the others read.
    """

    def __init__(
        self, name: str, fingerprint: str, load: Callable[[], Predictor], note: Callable[[str], None] = print
    ) -> None:
        self.name, self.fingerprint = name, fingerprint
        self._load, self._note = load, note
        self.path = cache_root() / "predictions" / f"{fingerprint}.sqlite"

    @cached_property
    def model(self) -> Predictor:
        """The predictor behind the store, loaded on first use."""
        return self._load()

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order."""
        distinct = {query.digest: query for query in queries}
        known = self._known(distinct)
        if len(known) < len(distinct):
            with locked(self.path, self._note):
                known = self._known(distinct)
                missing = [query for digest, query in distinct.items() if digest not in known]
                for begin in range(0, len(missing), CHUNK):
                    chunk = missing[begin : begin + CHUNK]
                    predictions = self.model.predict(chunk)
                    answers = {query.digest: one for query, one in zip(chunk, predictions, strict=True)}
                    self._keep(answers)
                    known |= answers
        return [known[query.digest] for query in queries]

    def release(self) -> None:
        """Forget the loaded model, so that its memory can go to the next one."""
        self.__dict__.pop("model", None)
        gc.collect()

    def _known(self, digests: Iterable[str]) -> dict[str, Prediction]:
        """Stored answers by the digest of their query."""
        wanted = list(digests)
        with self._database() as database:
            rows = [
                row
                for begin in range(0, len(wanted), CHUNK)
                for row in _selected(database, wanted[begin : begin + CHUNK])
            ]
        return {row[0]: _prediction(row) for row in rows}

    def _keep(self, answers: Mapping[str, Prediction]) -> None:
        rows = [
            (digest, None if p.label is None else int(p.label), p.p_positive, p.label_mass, p.text, int(p.cut))
            for digest, p in answers.items()
        ]
        with self._database() as database, database:
            database.executemany("insert or replace into answers values (?, ?, ?, ?, ?, ?)", rows)

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(_opened(self.path, self._note)) as database:
            yield database


def _selected(database: sqlite3.Connection, digests: Sequence[str]) -> list[tuple]:
    marks = ",".join("?" * len(digests))
    return database.execute(f"select * from answers where query in ({marks})", list(digests)).fetchall()


def _opened(path: Path, note: Callable[[str], None]) -> sqlite3.Connection:
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked or read-only, not damaged
            raise
        note(f"stored predictions {path} are unreadable ({error}) and start anew")
        path.unlink()
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=60)
    try:
        database.execute(_TABLE)
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def _prediction(row: tuple) -> Prediction:
    _, label, p_positive, label_mass, text, cut = row
    return Prediction(None if label is None else Label(label), p_positive, label_mass, text, bool(cut))
