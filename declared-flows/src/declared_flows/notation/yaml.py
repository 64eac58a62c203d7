"""Reads YAML and remembers the line of every value. Plain values only: no tags, no anchors, no merging.

Words mean what YAML 1.2 says: `no`, `on` and `12:30` are texts; only `true` and `false` are truth values.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import yaml

from declared_flows.notation.base import Place

LARGEST_CHARACTERS = 1024 * 1024
"""Size of the largest file that is read."""

MOST_LEVELS = 50
"""How deeply a file may be nested."""


class InvalidYaml(ValueError):
    """The text is no YAML of ours.

    Args:
        line: where, from 1.
        message: what is wrong.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


@dataclass
class LocatedValue:
    """A value, with the line of each of its parts."""

    value: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    """The line of each key and item, from 1."""
    diagnostics: list[InvalidYaml] = field(default_factory=list)
    """What is wrong but did not keep the rest from being read."""

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest place around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]  # it is one there too, its types differ

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.diagnostics: list[InvalidYaml] = []
        self._levels = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # it has no types
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise InvalidYaml(line, "anchors and aliases are not part of the notation: repeat it")
        if tag := getattr(event, "tag", None):
            written = tag.replace("tag:yaml.org,2002:", "!!")
            self.diagnostics.append(InvalidYaml(line, f"there are no tags here: leave out `{written}`"))
            event.tag = None
        if self._levels > MOST_LEVELS:
            raise InvalidYaml(line, f"it is nested too deeply: at most {MOST_LEVELS} levels")
        self._levels += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._levels -= 1


_SIGNS_AND_DIGITS = list("-+0123456789.")
for _tag, _form, _first in (
    ("bool", r"true|false", list("tf")),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"[-+]?[0-9]{1,18}", _SIGNS_AND_DIGITS),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", _SIGNS_AND_DIGITS),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_form})$"), _first)


def read_yaml(text: str) -> LocatedValue:
    """Read the value of a file.

    Raises:
        InvalidYaml: if it can't be read.
    """
    if len(text) > LARGEST_CHARACTERS:
        raise InvalidYaml(1, f"the file is larger than {LARGEST_CHARACTERS:,} characters")
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        found = LocatedValue(diagnostics=loader.diagnostics)
        found.value = None if node is None else _value(node, (), found)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InvalidYaml(mark.line + 1 if mark else 1, _describe(error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        is_encoding = "\udc80" <= text[error.position] <= "\udcff"
        message = "this is not UTF-8" if is_encoding else "there is a character that YAML does not allow"
        raise InvalidYaml(line, message) from error
    return found


def _describe(error: yaml.MarkedYAMLError) -> str:
    if isinstance(error, yaml.composer.ComposerError):
        return "a file is one document: leave out what begins with `---`, or make it a file of its own"
    return f"this is no YAML: {error.problem}" if error.problem else "this is no YAML"


def _value(node: yaml.Node, place: Place, found: LocatedValue) -> Any:
    found.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, found)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, index), found) for index, item in enumerate(node.value)]
    return _scalar(node, found)


def _mapping(node: yaml.MappingNode, place: Place, found: LocatedValue) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise InvalidYaml(line, "a key is a text")
        key = str(key_node.value)
        if key in values:
            found.diagnostics.append(InvalidYaml(line, f"the key `{key}` is there twice"))
            continue
        found.lines[*place, key] = line
        values[key] = _value(value_node, (*place, key), found)
    return values


def _scalar(node: yaml.Node, found: LocatedValue) -> Any:
    value = _MAKERS[node.tag](node.value)
    if isinstance(value, float) and (math.isinf(value) or node.value.lstrip("+-").isdigit()):
        found.diagnostics.append(
            InvalidYaml(node.start_mark.line + 1, "the number is too large: put it in quotes, which make it a text")
        )
    return value


_MAKERS: Mapping[str, Any] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:null": lambda _text: None,
    "tag:yaml.org,2002:bool": lambda text: text == "true",
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
}
