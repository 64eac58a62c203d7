"""Writes files as people would: what is short on one line, texts of several lines as blocks."""

import json
from typing import Any

import yaml

_WIDTH = 10_000
"""Texts are never broken up: an expression is easier to read, and to mend, in one piece."""

_LONGEST_INLINE = 96


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  the library's
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the library's
        return True


def _mapping(dumper: yaml.SafeDumper, value: dict[str, Any]) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=_is_short(value))


def _sequence(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=_is_short(value))


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


def _is_short(value: Any) -> bool:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return len(text) <= _LONGEST_INLINE and "\\n" not in text


_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(list, _sequence)
_Dumper.add_representer(str, _string)


def yaml_text(value: dict[str, Any], heading: str) -> str:
    """The text of a file.

    Args:
        value: what it says.
        heading: what it is, for people.
    """
    body = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return f"# {heading}\n{body}"
