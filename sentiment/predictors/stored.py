"""Answers kept: whatever was asked of the same classifier in the same way is never asked twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path

from sentiment.cache import cache_root, keep, kept, locked
from sentiment.errors import CacheError, SubjectError, shown
from sentiment.predictors.answer_file import AnswerFile
from sentiment.predictors.progress import progress_of
from sentiment.types import Prediction, Predictor, Query, StreamingPredictor

CHUNK = 256
"""Queries that are asked at a time: between two of them answers are stored and progress is told, so it is what an
interruption loses at most."""
OLD = 24 * 3600.0
"""Seconds after which an interrupted run whose answers do not last is begun anew."""
_SINCE, _MOMENT = ".since.json", "%Y-%m-%d %H:%M"
PAUSE = 1.0
"""Seconds of answers that stream in, between two times that they are stored."""

Heard = Callable[[Mapping[str, Prediction]], str]
"""Told of the answers so far, by the digest of their query; says what to show beside the progress."""


class StoredPredictor:
    """A predictor that looks its answers up first, and loads the one within only for new queries.

    Processes that ask the same fingerprint take turns: the first one answers, the others read. Without a fingerprint
    answers are kept for as long as this object lives.
    """

    def __init__(
        self, name: str, fingerprint: str | None, load: Callable[[], Predictor], note: Callable[[str], None] = print
    ) -> None:
        self.name, self.fingerprint = name, fingerprint or ""
        self._load, self._note = load, note
        self._disk_refused = False
        self._asked: set[str] = set()
        self.path = answers_path(fingerprint) if fingerprint else None
        self._answers = AnswerFile(self.path, note) if self.path else AnswersInMemory()

    @cached_property
    def model(self) -> Predictor:
        """The predictor behind the store, loaded on first use."""
        return self._load()

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order. Raises `SubjectError` for a query that has no answer."""
        known = self.ask(queries)
        missing = next((query for query in queries if query.digest not in known), None)
        if missing is not None:
            raise SubjectError(f"{self.name}: there is no answer to query {missing.digest}, {shown(missing.text)}")
        return [known[query.digest] for query in queries]

    def ask(self, queries: Sequence[Query], heard: Heard | None = None) -> Mapping[str, Prediction]:
        """The answers, by the digest of their query; recorded ones may lack some.

        `heard` is called before the first new answer and whenever some are stored.
        """
        distinct = {query.digest: query for query in queries}
        self._asked |= distinct.keys()
        known = self._answers.read(distinct)
        if len(known) < len(distinct):
            with self._turn():
                known = self._answers.read(distinct, mend=True)
                missing = [query for digest, query in distinct.items() if digest not in known]
                self._ask(_by_prompt(missing), known, heard)
        elif heard:
            heard(known)
        return known

    def _ask(self, missing: Sequence[Query], known: dict[str, Prediction], heard: Heard | None) -> None:
        """Add the missing answers to `known`, chunk by chunk."""
        with progress_of(len(missing), self._note) as progress:
            progress.describe(heard(known) if heard else self.name)
            for answers in self._answered(missing):
                self._keep(answers)
                known |= answers
                if heard:
                    progress.describe(heard(known))
                progress.advance(len(answers))

    def _answered(self, missing: Sequence[Query]) -> Iterator[dict[str, Prediction]]:
        """Answers as they come, in parts that are worth storing."""
        if isinstance(self.model, StreamingPredictor):
            yield from _parts(self.model.stream(missing))
            return
        for begin in range(0, len(missing), CHUNK):
            chunk = missing[begin : begin + CHUNK]
            yield {query.digest: one for query, one in zip(chunk, self.model.predict(chunk), strict=True)}

    def forget_asked(self) -> None:
        """Delete the stored answers to what was asked of this object; those to other questions stay."""
        if self.path is None or self._disk_refused or not self.path.exists():
            return
        with suppress(CacheError), locked(self.path, self._note):  # what stays is found too old one day
            if isinstance(self._answers, AnswerFile) and self._answers.drop(self._asked) == 0:
                forget(self.fingerprint)

    def release(self) -> None:
        """Forget the loaded model, so that its memory can go to the next one."""
        self.__dict__.pop("model", None)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Hold the lock of the stored answers; where there can be none, nothing is stored, and each asks for itself."""
        with ExitStack() as stack:
            if self.path is not None:
                try:
                    stack.enter_context(locked(self.path, self._note))
                except CacheError as error:
                    self._refuse(error)
            yield

    def _keep(self, answers: Mapping[str, Prediction]) -> None:
        if not self._disk_refused:
            try:
                self._answers.add(answers)
            except CacheError as error:
                self._refuse(error)

    def _refuse(self, error: CacheError) -> None:
        """A full or read-only disk costs the next run its time, not this one its answers."""
        if not self._disk_refused:
            self._note(f"{error}; the next run has to ask again")
        self._disk_refused = True


class AnswersInMemory:
    """Answers of a predictor that nobody can tell from a changed one: they are good for this run alone."""

    def __init__(self) -> None:
        self._known: dict[str, Prediction] = {}

    def read(self, digests: Iterable[str], *, mend: bool = False) -> dict[str, Prediction]:
        """Those that are known, by the digest of their query."""
        return {digest: self._known[digest] for digest in digests if digest in self._known}

    def add(self, answers: Mapping[str, Prediction]) -> None:
        """Keep these."""
        self._known.update(answers)


def _parts(stream: Iterator[tuple[Query, Prediction]]) -> Iterator[dict[str, Prediction]]:
    """What streams in, some at a time; what came before an error is among it."""
    part: dict[str, Prediction] = {}
    began = time.monotonic()
    try:
        for query, answer in stream:
            part[query.digest] = answer
            if len(part) >= CHUNK or time.monotonic() - began >= PAUSE:
                yield part
                part, began = {}, time.monotonic()
    except (Exception, KeyboardInterrupt):
        if part:
            yield part
        raise
    if part:
        yield part


def answers_path(fingerprint: str) -> Path:
    """Where the answers of that fingerprint are stored."""
    return cache_root() / "predictions" / f"{fingerprint}.sqlite"


def begun(fingerprint: str) -> None:
    """Remember from when on answers of that fingerprint were given. Raises `CacheError`."""
    path = answers_path(fingerprint)
    if not path.exists():
        keep(path.with_suffix(_SINCE), {"since": _now()})


def given_when(fingerprint: str, note: Callable[[str], None]) -> str:
    """When the stored answers of that fingerprint were given, in words; empty: there are none."""
    path = answers_path(fingerprint)
    if not path.exists():
        return ""
    last = time.strftime(_MOMENT, time.gmtime(path.stat().st_mtime))
    since = (kept(path.with_suffix(_SINCE), ["since"], note) or {}).get("since", last)
    return f"{since} UTC" if since == last else f"{since} to {last} UTC"


def forget(fingerprint: str) -> None:
    """Delete what is stored under that fingerprint."""
    for each in _files_of(fingerprint):
        with suppress(OSError):  # it is asked for again with another fingerprint, or found too old
            each.unlink(missing_ok=True)


def is_old(fingerprint: str) -> bool:
    """Whether what is stored under it, answers or a noise floor, is more than `OLD` ago."""
    times = [path.stat().st_mtime for path in _files_of(fingerprint) if path.exists()]
    return bool(times) and time.time() - max(times) > OLD


def _files_of(fingerprint: str) -> list[Path]:
    path = answers_path(fingerprint)
    return [path, path.with_suffix(".noise.json"), path.with_suffix(_SINCE)]


def _now() -> str:
    return time.strftime(_MOMENT, time.gmtime())


def _by_prompt(queries: Sequence[Query]) -> list[Query]:
    """The queries of one prompt one after the other, prompts in order of first use: they share their beginning."""
    place = {prompt: i for i, prompt in enumerate(dict.fromkeys(query.prompt for query in queries))}
    return sorted(queries, key=lambda query: place[query.prompt])
