"""A model behind a server with OpenAI's interface as a predictor: vLLM, SGLang, llama.cpp, Ollama, hosted ones.

Requests go through the `openai` client, several at a time. A failed one is tried again; where the server says that it
is asked too often, all of them wait as long as it says. Keys come from the environment, and are written nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sentiment.errors import SubjectError, shown
from sentiment.predictors.at_once import at_once
from sentiment.predictors.endpoint_facts import Endpoint, server_said, what_went_wrong
from sentiment.predictors.pace import Pace, waiting_time
from sentiment.predictors.token_shares import label_shares
from sentiment.prompting.answers import parse_answer
from sentiment.prompting.messages import messages_of
from sentiment.types import Prediction, Query

TOP = 20
"""Log-probabilities asked for at a position: the most that OpenAI and, unless told otherwise, vLLM give."""
_AMBIENT = ("OPENAI_CUSTOM_HEADERS", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")
"""What the client puts into its requests out of the environment: it may name who asks, or hold a key."""
_PASSING = (408, 409, 429)
"""Statuses, beside those from 500 on, after which the same request may well be answered, as the client has it."""


@dataclass(frozen=True)
class _Way:
    """How a server has to be asked, as far as servers differ."""

    asks_for_shares: bool = True
    length_field: str = "max_tokens"


class EndpointPredictor:
    """Asks the endpoint, greedily; shares come from the log-probabilities where the server gives any."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name, self.endpoint, self.fingerprint = name, endpoint, endpoint.fingerprint
        self._way = _Way()

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order. Raises `SubjectError` when the server gives none."""
        found = dict(self.stream(list(dict.fromkeys(queries))))
        return [found[query] for query in queries]

    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[Query, Prediction]]:
        """Each query with its answer, as they come. Raises `SubjectError` when the server gives none, once those that
        it gave are out."""
        pace = Pace()
        self._client  # noqa: B018  (made once, before there are threads)
        try:
            yield from at_once(queries, lambda query: self._patiently(query, pace), self.endpoint.workers, pace.stop)
        finally:
            pace.stop()

    @cached_property
    def _client(self) -> Any:
        from openai import OpenAI

        # without a key the client would look for one in the environment, and send it anywhere
        key = self.endpoint.secret or "none"
        with _without_ambient(() if self.endpoint.is_openai else _AMBIENT):
            return OpenAI(base_url=self.endpoint.url, api_key=key, timeout=self.endpoint.timeout, max_retries=0)

    def _patiently(self, query: Query, pace: Pace) -> Prediction:
        """The answer, tried as often as the endpoint says; being asked to wait counts only while nobody gets one."""
        import openai

        tried, answered = 0, -1
        while True:
            pace.wait()
            way = self._way
            try:
                found = self._asked(query, way)
            except (openai.APIError, ValueError) as error:
                status = getattr(error, "status_code", None)
                if self._adapted(error, way):
                    continue
                is_limit = status == 429
                tried = 1 if is_limit and pace.answered > answered else tried + 1
                answered = pace.answered
                if pace.stopped or tried >= self.endpoint.attempts or not _is_passing(error):
                    raise self._failed(error, query) from None
                after = _header(error, "retry-after")
                seconds = waiting_time(after, tried)
                if seconds is None:
                    raise SubjectError(
                        f"{self.name}: {self.endpoint.url} asks to come back after {after} seconds; run it again then, "
                        "and it goes on"
                    ) from None
                if is_limit or after:
                    pace.hold(seconds)
                else:
                    pace.pause(seconds)
                continue
            pace.answered += 1
            return found

    def _asked(self, query: Query, way: _Way) -> Prediction:
        """One request, one answer. Raises `ValueError` for what is none."""
        common = {"model": self.endpoint.model, "temperature": 0, "extra_body": dict(self.endpoint.extra) or None}
        common[way.length_field] = self.endpoint.max_tokens
        if self.endpoint.api == "chat":
            shares = {"logprobs": True, "top_logprobs": TOP} if way.asks_for_shares else {}
            response = self._client.chat.completions.create(messages=messages_of(query), **common, **shares)
        else:
            prompt = "\n\n".join(message["content"] for message in messages_of(query))
            shares = {"logprobs": TOP} if way.asks_for_shares else {}
            response = self._client.completions.create(prompt=prompt, **common, **shares)
        try:
            return self._read(response, query)
        except (AttributeError, IndexError, KeyError, TypeError):
            told = shown(self.endpoint.without_key(str(response)))
            raise ValueError(f"what is no answer of its interface: {told}") from None

    def _read(self, response: Any, query: Query) -> Prediction:
        choice = response.choices[0]
        text = (choice.message.content if self.endpoint.api == "chat" else choice.text) or ""
        words = query.prompt.words
        shares, mass = label_shares(_positions(choice), words)
        return Prediction(parse_answer(text, words), shares, mass, text)

    def _failed(self, error: Exception, query: Query) -> SubjectError:
        said = f"{self.name}: {self.endpoint.url} {what_went_wrong(error, self.endpoint, query, self._offered)}"
        return SubjectError(self.endpoint.without_key(said))

    def _offered(self) -> str:
        with suppress(Exception):  # only to be helpful: what went wrong is told anyway
            names = [model.id for model in self._client.models.list().data]
            return f"; it has {', '.join(names[:10])}"
        return ""

    def _adapted(self, error: Any, way: _Way) -> bool:
        """Whether another way of asking than this one may be understood; from then on it is the way."""
        if getattr(error, "status_code", None) not in (400, 422):
            return False
        said = server_said(error).lower()
        if "logprob" in said and way.asks_for_shares:
            self._way = replace(self._way, asks_for_shares=False)
            return True
        if "max_completion_tokens" in said and way.length_field == "max_tokens":
            self._way = replace(self._way, length_field="max_completion_tokens")
            return True
        return False


def _positions(choice: Any) -> list[Mapping[str, float]]:
    """By position of the answer: token -> log-probability, of the best ones; empty where the server gives none."""
    told = getattr(choice, "logprobs", None)
    if told is None:
        return []
    content = _field(told, "content")
    if content is not None:
        return [
            {_field(each, "token"): _field(each, "logprob") for each in [*(_field(place, "top_logprobs") or ()), place]}
            for place in content
        ]
    return [dict(position) for position in _field(told, "top_logprobs") or () if position]


def _field(value: Any, name: str) -> Any:
    """Of an object, or of a mapping, as which the client gives what its own records do not know."""
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def _is_passing(error: Exception) -> bool:
    import openai

    status = getattr(error, "status_code", None)
    return isinstance(error, openai.APIConnectionError) or status in _PASSING or (status or 0) >= 500


def _header(error: Any, name: str) -> str | None:
    response = getattr(error, "response", None)
    return None if response is None else response.headers.get(name)


@contextmanager
def _without_ambient(names: Sequence[str]) -> Iterator[None]:
    """Without these variables, which are read when a client is made."""
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
