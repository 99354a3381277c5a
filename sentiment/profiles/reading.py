"""Reading a profile: the file, those that it extends, and what is said of a wrong field."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sentiment.errors import ProfileError, PromptError, reason_of, shown
from sentiment.paths import at_home
from sentiment.profiles.fields import Profile

BUILTIN = Path(__file__).parent


def builtin_profiles() -> list[str]:
    """Names of the profiles that come with the package."""
    return sorted(path.stem for path in BUILTIN.glob("*.toml"))


def load_profile(name_or_file: str) -> Profile:
    """The profile of that name, or in that TOML file.

    Raises `ProfileError` when it is unknown, not TOML, or has a wrong field, type or value.
    """
    path = BUILTIN / f"{name_or_file}.toml" if name_or_file in builtin_profiles() else at_home(name_or_file)
    values = _read_toml(path)
    try:
        profile = Profile.model_validate(values)
        profile.house_prompt  # noqa: B018  (building it checks it)
    except ValidationError as error:
        raise ProfileError(f"profile {path}: {_first_problem(error)}") from None
    except PromptError as error:
        raise ProfileError(f"profile {path}: {error}") from None
    return profile


def _read_toml(path: Path, seen: tuple[Path, ...] = ()) -> dict[str, Any]:
    if path.suffix != ".toml" or not path.is_file():
        known = ", ".join(builtin_profiles())
        raise ProfileError(f"unknown profile {str(path)!r}; use one of {known}, or the path of a .toml file")
    if path.resolve() in seen:
        raise ProfileError(f"profile {path} extends itself")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ProfileError(f"profile {path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:  # also bytes that are no UTF-8, and figures of thousands of digits
        raise ProfileError(f"profile {path} is not valid TOML: {reason_of(error)}") from None
    parent = values.pop("extends", None)
    if parent is None:
        return values
    if not isinstance(parent, str):
        raise ProfileError(f"profile {path}: extends must be a profile's name or file, got {shown(parent)}")
    builtin = BUILTIN / f"{parent}.toml"
    start = builtin if builtin.is_file() else path.parent / at_home(parent)
    return _merged(_read_toml(start, (*seen, path.resolve())), values)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`below` with the fields of `above` laid over it, table by table."""
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(key), dict)
        merged[key] = _merged(below[key], value) if both and key != "architecture" else value
    return merged


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    # pydantic puts what a field may be instead among the names, as in test.constrained-int; fields have no hyphen
    where = ".".join(str(part) for part in problem["loc"] if "-" not in str(part)) or "profile"
    if problem["type"] == "extra_forbidden":
        allowed = ", ".join(_fields_at(problem["loc"][:-1]))
        return f"unknown field {shown(where)}; allowed here: {allowed}"
    if problem["type"] == "missing":
        return f"field {where!r} is missing"
    return f"field {shown(where)}: {problem['msg'].removeprefix('Value error, ')}, got {shown(problem['input'])}"


def _fields_at(location: tuple[int | str, ...]) -> list[str]:
    """Field names of the table at a path such as `("model",)`."""
    table: type[BaseModel] = Profile
    for part in location:
        annotation = table.model_fields[str(part)].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            break
        table = annotation
    return sorted(table.model_fields)
