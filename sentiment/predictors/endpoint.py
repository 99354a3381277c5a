"""A model behind a server with OpenAI's interface as a predictor: vLLM, SGLang, llama.cpp, Ollama, hosted ones.

Requests go through the `openai` client, several at a time. A failed one is tried again; where the server says that it
is asked too often, all of them wait as long as it says. Keys come from the environment, and are written nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from functools import cached_property
from typing import Any

from sentiment.errors import SubjectError, shown
from sentiment.predictors.endpoint_facts import Endpoint, what_went_wrong
from sentiment.predictors.pace import Pace, waiting_time
from sentiment.predictors.token_shares import label_shares
from sentiment.prompting.answers import parse_answer
from sentiment.prompting.messages import messages_of
from sentiment.types import Prediction, Query

TOP = 20
"""Log-probabilities asked for at a position: the most that OpenAI and, unless told otherwise, vLLM give."""


class EndpointPredictor:
    """Asks the endpoint, greedily; shares come from the log-probabilities where the server gives any."""

    def __init__(self, name: str, endpoint: Endpoint) -> None:
        self.name, self.endpoint, self.fingerprint = name, endpoint, endpoint.fingerprint
        self._key = endpoint.secret
        self._asks_for_shares = True
        self._length_field = "max_tokens"

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """One prediction per query, in order. Raises `SubjectError` when the server gives none."""
        found = dict(self.stream(list(dict.fromkeys(queries))))
        return [found[query] for query in queries]

    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[Query, Prediction]]:
        """Each query with its answer, as they come. Raises `SubjectError` when the server gives none, once those that
        it gave are out."""
        pace = Pace()
        pool = ThreadPoolExecutor(self.endpoint.workers, thread_name_prefix=f"endpoint-{self.name}")
        waiting = {pool.submit(self._patiently, query, pace): query for query in queries}
        try:
            for future in as_completed(list(waiting)):
                if future.exception() is not None:
                    break
                yield waiting.pop(future), future.result()
            pace.stop()
            pool.shutdown(cancel_futures=True)  # those on their way still come
            ended = [future for future in waiting if not future.cancelled()]
            yield from ((waiting[future], future.result()) for future in ended if future.exception() is None)
            for future in ended:
                future.result()  # raises what ended it
        finally:
            pace.stop()
            pool.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _client(self) -> Any:
        try:
            from openai import OpenAI
        except ImportError:
            raise SubjectError(
                f"{self.name}: an endpoint is asked through the openai package; pip install openai"
            ) from None
        # without a key the client would look for one in the environment, and send it anywhere
        return OpenAI(
            base_url=self.endpoint.url, api_key=self._key or "none", timeout=self.endpoint.timeout, max_retries=0
        )

    def _patiently(self, query: Query, pace: Pace) -> Prediction:
        """The answer, tried as often as the endpoint says; being asked to wait counts only while nobody gets one."""
        import openai

        tried, answered = 0, -1
        while True:
            pace.wait()
            try:
                found = self._asked(query)
            except (openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError) as error:
                is_limit = isinstance(error, openai.RateLimitError)
                tried = 1 if is_limit and pace.answered > answered else tried + 1
                answered = pace.answered
                if tried >= self.endpoint.attempts or pace.stopped:
                    raise self._failed(error, query) from None
                seconds = waiting_time(_header(error, "retry-after"), tried)
                if seconds is None:
                    after = _header(error, "retry-after")
                    raise SubjectError(
                        f"{self.name}: {self.endpoint.url} asks to come back after {after} seconds; run it again then, "
                        "and it goes on"
                    ) from None
                if is_limit or _header(error, "retry-after"):
                    pace.hold(seconds)
                else:
                    pace.pause(seconds)
                continue
            except openai.APIStatusError as error:
                if self._adapted(error):
                    continue
                raise self._failed(error, query) from None
            except (openai.APIError, ValueError) as error:
                raise self._failed(error, query) from None
            pace.answered += 1
            return found

    def _asked(self, query: Query) -> Prediction:
        """One request, one answer."""
        common = {"model": self.endpoint.model, "temperature": 0, "extra_body": dict(self.endpoint.extra) or None}
        common[self._length_field] = self.endpoint.max_tokens
        if self.endpoint.api == "chat":
            shares = {"logprobs": True, "top_logprobs": TOP} if self._asks_for_shares else {}
            response = self._client.chat.completions.create(messages=messages_of(query), **common, **shares)
        else:
            prompt = "\n\n".join(message["content"] for message in messages_of(query))
            shares = {"logprobs": TOP} if self._asks_for_shares else {}
            response = self._client.completions.create(prompt=prompt, **common, **shares)
        return self._read(response, query)

    def _read(self, response: Any, query: Query) -> Prediction:
        choices = getattr(response, "choices", None)
        if not choices:
            raise ValueError(f"what came back is no answer but {shown(response)}")
        choice = choices[0]
        text = (choice.message.content if self.endpoint.api == "chat" else choice.text) or ""
        words = query.prompt.words
        shares, mass = label_shares(_positions(choice), words)
        return Prediction(parse_answer(text, words), shares, mass, text)

    def _failed(self, error: Exception, query: Query) -> SubjectError:
        said = f"{self.name}: {self.endpoint.url} {what_went_wrong(error, self.endpoint, query, self._offered)}"
        return SubjectError(said.replace(self._key, "[key]") if self._key else said)

    def _offered(self) -> str:
        with suppress(Exception):  # only to be helpful: what went wrong is told anyway
            names = [model.id for model in self._client.models.list().data]
            return f"; it has {', '.join(names[:10])}"
        return ""

    def _adapted(self, error: Any) -> bool:
        """Whether another way of asking may be understood; from then on it is the way."""
        said = str(error.message).lower()
        if error.status_code not in (400, 422):
            return False
        if "logprob" in said and self._asks_for_shares:
            self._asks_for_shares = False
            return True
        if "max_completion_tokens" in said and self._length_field == "max_tokens":
            self._length_field = "max_completion_tokens"
            return True
        return False


def _positions(choice: Any) -> list[Mapping[str, float]]:
    """By position of the answer: token -> log-probability, of the best ones; empty where the server gives none."""
    told = choice.logprobs
    if told is None:
        return []
    content = getattr(told, "content", None)
    if content is not None:
        return [{each.token: each.logprob for each in [*position.top_logprobs, position]} for position in content]
    return [dict(position) for position in getattr(told, "top_logprobs", None) or () if position]


def _header(error: Any, name: str) -> str | None:
    response = getattr(error, "response", None)
    return None if response is None else response.headers.get(name)
