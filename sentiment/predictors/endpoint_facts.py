"""What is said of an endpoint: which model, how it is asked, and what went wrong, in words without a key."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from sentiment.errors import reason_of, shown
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
    """Seconds that one answer may take."""
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
        host = urlsplit(self.url).hostname or ""
        is_openai = host == _OPENAI or host.endswith(f".{_OPENAI}")
        return self.key or ("OPENAI_API_KEY" if is_openai else None)

    @property
    def secret(self) -> str:
        """The key itself; empty: there is none."""
        return os.environ.get(self.variable or "", "")


def what_went_wrong(error: Exception, endpoint: Endpoint, query: Query, offered: Callable[[], str]) -> str:
    """The predicate of a sentence about the server; `offered` says which models it has."""
    import openai

    status = getattr(error, "status_code", None)
    if isinstance(error, openai.APITimeoutError):
        return f"gave no answer within {endpoint.timeout:g} seconds"
    if isinstance(error, openai.APIConnectionError):
        cause = error.__cause__ or error
        return f"cannot be reached ({type(cause).__name__}: {reason_of(cause)})"
    if status in (401, 403):
        return f"refuses {_refused(endpoint)} (status {status})"
    if status == 404:
        return f"has no model {endpoint.model!r}, or no {endpoint.api} interface (status 404){offered()}"
    message = reason_of(Exception(getattr(error, "message", None) or str(error)))
    return f"answers {f'status {status}, ' if status else ''}{message}, asked about {shown(query.text)}"


def _refused(endpoint: Endpoint) -> str:
    if endpoint.secret:
        return f"the key in {endpoint.variable}"
    if endpoint.variable:
        return f"to be asked without a key; {endpoint.variable} is not set"
    return (
        "to be asked without a key; name the environment variable that holds it, "
        'key = "...", in [tool.sentiment.subjects.NAME]'
    )
