"""Frozen dataclasses as JSON can hold them, and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

from sentiment.errors import SentimentError

LEVELS = 20
"""Facts of ours are nested less deeply than this; what walks deeper ones would not return."""

_SCALARS = ("str", "int", "float", "bool")
_Record = TypeVar("_Record")


def reader(kind: type[_Record], *, whole: bool) -> Callable[[Any], _Record]:
    """What makes a record of that kind, with the records within it, from mappings, lists and scalars.

    It raises `ValueError`, in one line, for a value of another kind ("5" is no number, 1 no truth), a figure that is
    not finite and what the record itself refuses; where the record must be `whole`, also for what is missing. Unknown
    keys are left out. Any string will do, also one with lone surrogates.
    """
    # dataclasses in pydantic's strict mode take no mappings, so it is the scalars that are strict
    validator = SchemaValidator(_exact(TypeAdapter(kind).core_schema, whole))

    def read(value: Any) -> _Record:
        try:
            return validator.validate_python(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        except SentimentError as error:
            raise ValueError(str(error)) from None

    return read


def plain(value: Any) -> Any:
    """The value as what JSON can hold: records become mappings, figures that are not finite null, unknown kinds their
    text."""
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


def is_deeper(value: Any, levels: int = LEVELS) -> bool:
    """Whether mappings and lists are nested more deeply than that."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    if inner is None:
        return False
    return levels == 0 or any(is_deeper(each, levels - 1) for each in inner)


def _exact(schema: Any, whole: bool) -> Any:
    if isinstance(schema, list):
        return [_exact(each, whole) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if whole and schema.get("type") == "default":
        return _exact(schema["schema"], whole)
    exact = {key: _exact(each, whole) for key, each in schema.items()}
    if schema.get("type") in _SCALARS:
        exact["strict"] = True
    return exact | ({"allow_inf_nan": False} if schema.get("type") == "float" else {})
