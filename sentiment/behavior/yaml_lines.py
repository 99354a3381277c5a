"""YAML that remembers its lines. Only plain data is read: no tag of a file ever makes an object."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sentiment.errors import BehaviorError

Location = tuple[str | int, ...]
"""Field names and list places, from the root down."""


def load(path: Path) -> tuple[yaml.Node, Any]:
    """The root node of a file and its data.

    Raises `BehaviorError`, naming file and line, for a file that is missing, empty, not UTF-8 or not YAML,
    and for a field that stands twice in one mapping.
    """
    text = _text_of(path)
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        if root is None:
            raise BehaviorError(f"{path} is empty")
        _refuse_repeated_fields(root)
        return root, loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        hint = "; indent with spaces, not tabs" if "'\\t'" in str(error.problem) else ""
        raise BehaviorError(f"{path}, line {line}: not valid YAML: {error.problem or error.context}{hint}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BehaviorError(f"{path}, line {line}: character {chr(error.character)!r} is not allowed in YAML") from None
    except (ValueError, RecursionError) as error:  # a date such as 2020-13-01, or thousands of brackets
        raise BehaviorError(f"{path}: not valid YAML: {error}") from None


def line_of(root: yaml.Node, location: Location) -> int:
    """The line of what stands at a location, or of the closest thing around it; 1-based."""
    node, mark = root, root.start_mark
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                break
            mark, node = found[0].start_mark, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            mark = node.start_mark
        else:
            break
    return mark.line + 1


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


def _refuse_repeated_fields(root: yaml.Node) -> None:
    waiting, seen = [root], {id(root)}
    while waiting:
        node = waiting.pop()
        inner = list(node.value) if isinstance(node, yaml.SequenceNode) else []
        if isinstance(node, yaml.MappingNode):
            inner = [each for pair in node.value for each in pair]
            names: set[object] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in names:
                    problem = f"field {key.value!r} stands here twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                names.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        fresh = [each for each in inner if id(each) not in seen]
        seen.update(map(id, fresh))
        waiting += fresh
