"""Answers kept on disk: whatever was asked of the same weights in the same way is never asked twice."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property

from sentiment.cache import cache_root, locked
from sentiment.errors import CacheError
from sentiment.models.answer_file import AnswerFile
from sentiment.models.progress import Progress, progress_of
from sentiment.types import Prediction, Predictor, Query

CHUNK = 1024
"""Queries between two commits: what an interruption loses at most."""


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
        self._file = AnswerFile(self.path, note)

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
        known = self._file.read(distinct)
        if len(known) < len(distinct):
            with self._turn():
                known = self._file.read(distinct, mend=True)
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

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Hold the lock of the stored answers; where there can be none, nothing is stored, and each asks for itself."""
        with ExitStack() as stack:
            try:
                stack.enter_context(locked(self.path, self._note))
            except CacheError as error:
                self._refuse(error)
            yield

    def _keep(self, answers: Mapping[str, Prediction]) -> None:
        if not self._disk_refused:
            try:
                self._file.add(answers)
            except CacheError as error:
                self._refuse(error)

    def _refuse(self, error: CacheError) -> None:
        """A full or read-only disk costs the next run its time, not this one its answers."""
        if not self._disk_refused:
            self._note(f"{error}; the next run has to ask again")
        self._disk_refused = True


def _by_prompt(queries: Sequence[Query]) -> list[Query]:
    """The queries of one prompt one after the other, prompts in order of first use: they share their beginning."""
    place = {prompt: i for i, prompt in enumerate(dict.fromkeys(query.prompt for query in queries))}
    return sorted(queries, key=lambda query: place[query.prompt])
