"""The kinds of classifiers that users name: what each needs to be told.

[tool.sentiment.subjects.mine]
kind = "endpoint"
target = "http://127.0.0.1:8000/v1#my-model"
version = "2026-03"
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from sentiment.errors import shown
from sentiment.paths import at_home
from sentiment.profiles.fields import LabelSettings

_NAME = r"^[a-z][a-z0-9_]*$"


class _Kind(BaseModel):
    """What every kind may be told."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    target: str = Field(min_length=1)
    promises: bool = True
    """Whether the budgets of behaviors hold for it."""

    def resolved(self, folder: Path) -> Self:
        """The same with a target that is a file or folder seen from `folder`, where that is what it is."""
        return self


class _OnDisk(_Kind):
    def resolved(self, folder: Path) -> Self:
        """As above."""
        path = folder / at_home(self.target)
        return self.model_copy(update={"target": str(path)}) if path.exists() else self


class PythonSubject(_Kind):
    """`module:function`, from a list of texts to as many answers."""

    kind: Literal["python"]
    version: str | None = None
    """Changes whenever its answers could; without one they are asked anew in every run."""
    abstains: bool = False
    """Whether no answer is an answer of its own."""


class ModelSubject(_OnDisk):
    """Folder or hub id of a causal language model, or folder of a PEFT adapter, asked with the house prompt."""

    kind: Literal["model"]
    on_base: str | None = None
    """The base that an adapter is judged on, where that is not what it names."""

    def resolved(self, folder: Path) -> Self:
        """As above, for both."""
        found = super().resolved(folder)
        base = None if self.on_base is None else folder / at_home(self.on_base)
        return found.model_copy(update={"on_base": str(base)}) if base is not None and base.is_dir() else found


class ClassifierSubject(_OnDisk):
    """Folder or hub id of a transformers sequence classifier."""

    kind: Literal["classifier"]
    labels: LabelSettings = LabelSettings()
    """What its classes mean, where their names do not say; it abstains where its best class is one of `ignore`."""
    revision: str | None = None
    """Commit of the hub repository."""
    max_length: int | None = Field(default=None, ge=8)
    """Tokens after which a text is cut; None: what model and tokenizer can take."""
    token_budget: int = Field(default=4096, ge=1)
    """Most tokens, padding included, of one forward pass."""


class EndpointSubject(_Kind):
    """`URL#MODEL` of a server with OpenAI's interface."""

    kind: Literal["endpoint"]
    api: Literal["chat", "completions"] = "chat"
    key: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """Name of the environment variable that holds the key; None: `OPENAI_API_KEY` for OpenAI, none for others."""
    version: str | None = None
    """Changes whenever its answers could; without one they are asked anew in every run."""
    workers: int = Field(default=8, ge=1, le=256)
    """Requests at a time."""
    timeout: float = Field(default=60.0, gt=0, le=3600)
    """Seconds that the server may be silent."""
    attempts: int = Field(default=5, ge=1, le=20)
    """How often one query is tried before the run ends."""
    max_tokens: int = Field(default=8, ge=1, le=65536)
    """Length of an answer."""
    extra: dict[str, Any] = {}
    """Sent along with every request, such as `chat_template_kwargs = {enable_thinking = false}`."""

    @field_validator("target")
    @classmethod
    def _names_server_and_model(cls, target: str) -> str:
        url, _, model = target.partition("#")
        found = urlsplit(url)
        found.port  # noqa: B018  (raises `ValueError` for what is none)
        if found.scheme not in ("http", "https") or not found.hostname or not model:
            raise ValueError("write URL#MODEL, such as http://127.0.0.1:8000/v1#my-model")
        if found.username or found.password or found.query:
            raise ValueError("a URL is printed in reports, so no key may stand in it: put that into the environment")
        return target

    @field_validator("extra")
    @classmethod
    def _is_json(cls, extra: dict[str, Any]) -> dict[str, Any]:
        try:
            json.dumps(extra, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"extra is sent as JSON, which cannot hold it: {error}") from None
        return extra

    @property
    def url(self) -> str:
        """Of the server, up to its `/v1`."""
        return self.target.partition("#")[0]

    @property
    def model(self) -> str:
        """As the server calls it."""
        return self.target.partition("#")[2]


class AnswersSubject(_OnDisk):
    """A CSV, JSONL or parquet file of answers to the queries that `sentiment export` wrote."""

    kind: Literal["answers"]
    abstains: bool = False
    """Whether no answer is an answer of its own."""


SubjectSettings = Annotated[
    PythonSubject | ModelSubject | ClassifierSubject | EndpointSubject | AnswersSubject,
    Field(discriminator="kind"),
]
KINDS = ("python", "model", "classifier", "endpoint", "answers")
SubjectName = Annotated[str, Field(pattern=_NAME)]
_named = TypeAdapter(dict[SubjectName, SubjectSettings])


def parsed(text: str) -> tuple[str, SubjectSettings]:
    """What `NAME=KIND:TARGET` says. Raises `ValueError`."""
    name, equals, rest = text.partition("=")
    kind, colon, target = rest.partition(":")
    if not equals or not colon:
        raise ValueError("write NAME=KIND:TARGET, such as mine=python:my_package.model:classify")
    try:
        return name, _named.validate_python({name: {"kind": kind, "target": target}})[name]
    except ValidationError as error:
        raise ValueError(problems_of(error)) from None


def problems_of(error: ValidationError, at: str = "") -> str:
    """Every wrong field with what is wrong with it, each once, in one line."""
    return "; ".join(dict.fromkeys(_problem(each, at) for each in error.errors()))


def _problem(problem: Any, at: str) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    parts = [str(part) for part in problem["loc"]]
    last = parts[-1] if parts else ""
    place = 2 if parts[:1] == ["subjects"] else 1  # behind a subject's name pydantic says of which kind it is
    told = [part for i, part in enumerate(parts) if part != "[key]" and not (i == place and part in KINDS)]
    where = ".".join([*filter(None, [at]), *told])
    known = ", ".join(KINDS)
    if kind == "union_tag_invalid":
        said = f"kind {shown(context['tag'])} is unknown; known are {known}"
    elif kind == "union_tag_not_found":
        said = f"kind is missing, one of {known}, and target"
    elif kind == "missing":
        said = "is missing"
    elif kind == "string_pattern_mismatch" and last == "[key]":
        said = "a name is made of small letters, digits and _, and begins with a letter"
    elif kind == "extra_forbidden":
        said = "there is no such field"
    elif last == "key":
        said = "the name of an environment variable is wanted, never a key itself"
    elif kind == "value_error":  # it names what may be shown of the value
        said = problem["msg"].removeprefix("Value error, ")
    else:
        said = f"{problem['msg']}, got {shown(problem['input'])}"
    return f"{where}: {said}" if where else said
