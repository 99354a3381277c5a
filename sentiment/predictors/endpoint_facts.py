"""What is said of an endpoint: which model, how it is asked, and what went wrong, in words without a key."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from sentiment.errors import SubjectError, reason_of, shown
from sentiment.files import digest_of
from sentiment.types import Query

ENDPOINT_VERSION = 1
"""Raised by hand when a change could alter what is asked or how an answer is read."""
_OPENAI = "openai.com"
_ASKED = ("url", "model", "api", "max_tokens", "extra")
"""What of an endpoint changes its answers."""


@dataclass(frozen=True)
class Endpoint:
    """A model on a server, and how it is asked."""

    url: str
    """Up to its `/v1`."""
    model: str
    """As the server calls it."""
    api: Literal["chat", "completions"] = "chat"
    """`chat`: a prompt that is meant as plain text is the user's message; `completions`: a system message stands before
    the rest."""
    key: str | None = None
    """Environment variable that holds the key; None: `OPENAI_API_KEY` for OpenAI's own servers, and no key for
    others, which should not see it."""
    workers: int = 8
    """Requests at a time."""
    timeout: float = 60.0
    """Seconds that the server may be silent."""
    attempts: int = 5
    """How often a query is tried."""
    max_tokens: int = 8
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Sent along with every request."""

    @property
    def fingerprint(self) -> str:
        """Of what is asked; what answers is the server's affair."""
        asked = {name: value for name, value in asdict(self).items() if name in _ASKED}
        return digest_of(["endpoint", ENDPOINT_VERSION, json.dumps(asked, sort_keys=True)])

    @property
    def variable(self) -> str | None:
        """The environment variable that is looked into."""
        return self.key or ("OPENAI_API_KEY" if self.is_openai else None)

    @property
    def is_openai(self) -> bool:
        """Whether it is a server of OpenAI's own."""
        host = urlsplit(self.url).hostname or ""
        return host == _OPENAI or host.endswith(f".{_OPENAI}")

    @property
    def secret(self) -> str:
        """The key itself; empty: there is none. Raises `SubjectError` for what no header can hold."""
        key = os.environ.get(self.variable or "", "").strip()
        if not all("!" <= character <= "~" for character in key):
            raise SubjectError(f"the key in {self.variable} holds a blank, or what is no ASCII: no header can hold it")
        return key

    def without_key(self, text: str) -> str:
        """The text with the key blotted out, wherever it stands in it."""
        key = self.secret
        return text.replace(key, "[key]") if key else text


def what_went_wrong(error: Exception, endpoint: Endpoint, query: Query, offered: Callable[[], str]) -> str:
    """The predicate of a sentence about the server; `offered` says which models it has."""
    import openai

    def reason(of: BaseException | str) -> str:  # blotted out before it is shortened
        return reason_of(Exception(endpoint.without_key(str(of))))

    status = getattr(error, "status_code", None)
    if isinstance(error, openai.APITimeoutError):
        return f"was silent for {endpoint.timeout:g} seconds"
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        return f"cannot be reached ({type(cause).__name__}: {reason(cause)})"
    if status in (401, 403):
        return f"refuses {_refused(endpoint)} (status {status})"
    if status == 404:
        return f"has no model {endpoint.model!r}, or no {endpoint.api} interface (status 404){offered()}"
    message = reason(server_said(error))
    return f"answers {f'status {status}, ' if status else ''}{message}, asked about {shown(query.text)}"


def server_said(error: Exception) -> str:
    """What the server gave as its reason, in whatever form it did."""
    message = str(getattr(error, "message", "") or error)
    response = getattr(error, "response", None)
    if response is None or not message.startswith("Error code:"):
        return message
    return f"{message}: {response.text}"  # the client found no reason in OpenAI's form


def _refused(endpoint: Endpoint) -> str:
    if endpoint.secret:
        return f"the key in {endpoint.variable}"
    if endpoint.variable:
        return f"to be asked without a key; {endpoint.variable} is not set"
    return (
        "to be asked without a key; name the environment variable that holds it, "
        'key = "...", in [tool.sentiment.subjects.NAME]'
    )
