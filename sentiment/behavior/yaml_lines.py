"""YAML that remembers its lines. Only plain data is read: no tag of a file ever makes an object."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

import yaml

from sentiment.errors import BehaviorError

Location = tuple[str | int, ...]
"""Field names and list places, from the root down."""

_TAG = "tag:yaml.org,2002:"
_READ_AS = {"bool": "true or false", "int": "a number", "float": "a number", "timestamp": "a date", "null": "nothing"}
_WIDTH = 60
"""Characters of a value in a message."""


class _Located(yaml.constructor.SafeConstructor):
    """Says where a value stands that looks like a date or a number, and is none."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            if not isinstance(node, yaml.ScalarNode):
                raise
            raise yaml.constructor.ConstructorError(None, None, f"{_quoted(node)} ({error})", node.start_mark) from None


class _Loader(_Located, yaml.SafeLoader):
    """Written in Python."""


class _FastLoader(_Located, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Ten times as fast where PyYAML came with libyaml, but thousands of brackets crash the interpreter."""


def load(path: Path, *, trusted: bool = False) -> tuple[yaml.Node, Any]:
    """The root node of a file and its data. Only a `trusted` file, one of our own, is read with libyaml.

    Raises `BehaviorError`, naming file and line, for a file that is missing, empty, not UTF-8 or not YAML,
    and for a field that stands twice in one mapping, or whose name is no text.
    """
    text = _text_of(path)
    load_with: Any = _FastLoader if trusted else _Loader
    try:
        loader = load_with(text)
        root = loader.get_single_node()
        if root is None:
            raise BehaviorError(f"{path} is empty")
        _check_fields(root)
        return root, loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = f"{error.problem or error.context}{_remedy(error)}"
        raise BehaviorError(f"{path}, line {line}: not valid YAML: {problem}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BehaviorError(f"{path}, line {line}: character {chr(error.character)!r} is not allowed in YAML") from None
    except (ValueError, RecursionError) as error:  # thousands of brackets
        raise BehaviorError(f"{path}: not valid YAML: {error}") from None


def at(root: yaml.Node, location: Location) -> yaml.Node | None:
    """What stands at a location; None where there is nothing."""
    found = _way(root, location)
    return found[-1][1] if len(found) == len(location) + 1 else None


def line_of(root: yaml.Node, location: Location) -> int:
    """The line of what stands at a location, or of the closest thing around it; 1-based."""
    return _way(root, location)[-1][0].line + 1


def misread(node: yaml.Node | None) -> str | None:
    """What became of a text that was written without quotes, and the remedy; None where that is not the matter."""
    if isinstance(node, yaml.MappingNode):
        return "a text is wanted here, and a colon makes a field of it: put it in quotes"
    if not _is_plain(node) or node.tag == f"{_TAG}str":
        return None
    return (
        f"a text is wanted here; {_quoted(node)}" if node.value else "a text is wanted here, and nothing stands there"
    )


def labels_misread(entry: yaml.Node | None, location: Location = ()) -> Iterator[tuple[Location, str]]:
    """Labels of an entry that was read without errors which are no word for a label and yet read as true or false."""
    if isinstance(entry, yaml.MappingNode):
        for key, value in entry.value:
            yield from labels_misread(value, (*location, key.value))
    elif isinstance(entry, yaml.SequenceNode):
        for place, value in enumerate(entry.value):
            yield from labels_misread(value, (*location, place))
    elif {"label", "labels"} & set(location) and _is_plain(entry) and entry.value.lower() in ("yes", "no", "on", "off"):
        yield location, entry.value


def _way(root: yaml.Node, location: Location) -> list[tuple[yaml.Mark, yaml.Node]]:
    """The nodes from the root to a location, as far as there are any, and where each begins, with its field's name."""
    way = [(root.start_mark, root)]
    for part in location:
        node = way[-1][1]
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                break
            way.append((found[0].start_mark, found[1]))
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            way.append((node.value[part].start_mark, node.value[part]))
        else:
            break
    return way


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BehaviorError(f"{path} cannot be read: {error.strerror or error}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BehaviorError(f"{path}, line {line}: not valid UTF-8") from None


def _is_plain(node: yaml.Node | None) -> TypeGuard[yaml.ScalarNode]:
    return isinstance(node, yaml.ScalarNode) and node.style is None


def _quoted(node: yaml.ScalarNode) -> str:
    value = node.value if len(node.value) <= _WIDTH else f"{node.value[:_WIDTH]}..."
    what = _READ_AS.get(node.tag.removeprefix(_TAG), "something else")
    return f'YAML reads {value} without quotes as {what}: write "{value}"'


def _remedy(error: yaml.MarkedYAMLError) -> str:
    if isinstance(error, yaml.constructor.ConstructorError):
        return ""
    if "'\\t'" in str(error.problem):
        return "; indent with spaces, not tabs"
    return "; a text with signs that mean something in YAML stands in quotes"


def _check_fields(root: yaml.Node) -> None:
    """Every field's name is a text, and stands once in its mapping."""
    waiting, seen = [root], {id(root)}
    while waiting:
        node = waiting.pop()
        inner = list(node.value) if isinstance(node, yaml.SequenceNode) else []
        if isinstance(node, yaml.MappingNode):
            inner = [each for pair in node.value for each in pair]
            names: set[str] = set()
            for key, _ in node.value:
                problem = None
                if not isinstance(key, yaml.ScalarNode):
                    problem = "a field's name is a text; one that begins with a bracket or brace stands in quotes"
                elif key.value in names:
                    problem = f"field {key.value!r} stands here twice"
                elif _is_plain(key) and key.tag.removeprefix(_TAG) in _READ_AS:
                    problem = f"a field's name is a text; {_quoted(key)}"
                if problem:
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                names.add(key.value)
        fresh = [each for each in inner if id(each) not in seen]
        seen.update(map(id, fresh))
        waiting += fresh
