"""Answers kept on disk: whatever was asked of the same weights in the same way is never asked twice."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path

from sentiment.cache import cache_root, locked
from sentiment.models.progress import Progress, progress_of
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
        self._disk_refused = False
        self.path = cache_root() / "predictions" / f"{fingerprint}.sqlite"

    @cached_property
    def model(self) -> Predictor:
        """The predictor behind the store, loaded on first use."""
        return self._load()

    def predict(
        self, queries: Sequence[Query], heard: Callable[[Mapping[str, Prediction]], str] | None = None
    ) -> list[Prediction]:
        """One prediction per query, in order.

        `heard` is called before the first new answer and whenever a chunk is stored, with the answers so far by
        the digest of their query; it returns what to show beside the progress.
        """
        distinct = {query.digest: query for query in queries}
        known = self._known(distinct)
        if len(known) < len(distinct):
            with locked(self.path, self._note):
                known = self._known(distinct)
                missing = [query for digest, query in distinct.items() if digest not in known]
                self._ask(_by_prompt(missing), known, heard)
        elif heard:
            heard(known)
        return [known[query.digest] for query in queries]

    def _ask(
        self,
        missing: Sequence[Query],
        known: dict[str, Prediction],
        heard: Callable[[Mapping[str, Prediction]], str] | None,
    ) -> None:
        """Add the missing answers to `known`, chunk by chunk."""
        with progress_of(len(missing), self._note) as progress:
            progress.describe(heard(known) if heard else self.name)
            for begin in range(0, len(missing), CHUNK):
                chunk = missing[begin : begin + CHUNK]
                answers = {query.digest: one for query, one in zip(chunk, self._answered(chunk, progress), strict=True)}
                self._keep(answers)
                known |= answers
                if heard:
                    progress.describe(heard(known))

    def _answered(self, chunk: Sequence[Query], progress: Progress) -> list[Prediction]:
        """The model's answers; a model that tells of each one moves the progress along."""
        if not hasattr(self.model, "heard"):
            answers = self.model.predict(chunk)
            progress.advance(len(chunk))
            return answers
        self.model.heard = progress.advance
        try:
            return self.model.predict(chunk)
        finally:
            self.model.heard = lambda: None

    def release(self) -> None:
        """Forget the loaded model, so that its memory can go to the next one."""
        if self.__dict__.pop("model", None) is not None:
            import torch  # a model that was loaded has imported it

            gc.collect()
            torch.cuda.empty_cache()

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
        try:
            with self._database() as database, database:
                database.executemany("insert or replace into answers values (?, ?, ?, ?, ?, ?)", rows)
        except sqlite3.OperationalError as error:  # a full disk costs the next run its time, not this one its answers
            if not self._disk_refused:
                self._note(f"answers cannot be stored in {self.path} ({error}): the next run has to ask again")
            self._disk_refused = True

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(_opened(self.path, self._note)) as database:
            yield database


def _by_prompt(queries: Sequence[Query]) -> list[Query]:
    """The queries of one prompt one after the other, prompts in order of first use: they share their beginning."""
    place = {prompt: i for i, prompt in enumerate(dict.fromkeys(query.prompt for query in queries))}
    return sorted(queries, key=lambda query: place[query.prompt])


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
