"""Texts with parameters in them: `{name}` stands for a value, `{{name}}` for the text `{name}`.

What a value may be depends on where the text goes; a value can't leave its place there.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from declared_flows.errors import UnusableParams

type Values = Mapping[str, Any]

_PARAMETER = re.compile(r"\{\{\w+\}\}|\{([A-Za-z_]\w*)\}")
_CONSTANT_SAFE = "/%:@!$&'()*+,;=-._~"
_SEPARATORS = re.compile(r"[/\\]")
_DOTS = (".", "..")


def names_in(template: Any) -> Iterator[str]:
    """The parameters in a text, or in the texts of a document."""
    match template:
        case str():
            yield from (found[1] for found in _PARAMETER.finditer(template) if found[1])
        case dict():
            for value in template.values():
                yield from names_in(value)
        case list():
            for value in template:
                yield from names_in(value)


def render(template: Any, values: Values) -> Any:
    """A document whose texts are templates.

    Raises:
        UnusableParams: if a value can't be part of a text.
    """
    match template:
        case str():
            whole = _PARAMETER.fullmatch(template)
            return values[whole[1]] if whole and whole[1] else fill(template, values, str)
        case dict():
            return {name: render(value, values) for name, value in template.items()}
        case list():
            return [render(value, values) for value in template]
    return template


def fill(
    template: str, values: Values, encoded: Callable[[str], str] = str, constant: Callable[[str], str] = str
) -> str:
    """A text in which values stand.

    Args:
        template: the text.
        values: by name.
        encoded: encodes a value.
        constant: encodes the text around values.

    Raises:
        UnusableParams: if a value can't be part of a text.
    """
    parts: list[str] = []
    end = 0
    for found in _PARAMETER.finditer(template):
        name = found[1]
        value = encoded(text_of(f"parameter `{name}`", values[name])) if name else constant(found[0][1:-1])
        parts += constant(template[end : found.start()]), value
        end = found.end()
    return "".join([*parts, constant(template[end:])])


def text_of(what: str, value: Any) -> str:
    """A scalar as text, as JSON writes it.

    Raises:
        UnusableParams: if it is not a text, or has half of a surrogate pair.
    """
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return json.dumps(value)
    if not isinstance(value, str):
        raise UnusableParams(f"{what} can't be part of a text: it is not a text, number or truth value")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise UnusableParams(f"{what} has a character that can't be sent")
    return value


def path_of(template: str, values: Values) -> str:
    """The path of an address, encoded.

    Raises:
        UnusableParams: if a value can't be part of a path, or would make a segment empty or a step upwards.
    """
    return "/".join(_segment(segment, values) for segment in template.split("/"))


def _segment(template: str, values: Values) -> str:
    names = list(names_in(template))
    for name in names:
        _check_part(name, text_of(f"parameter `{name}`", values[name]))
    segment = fill(template, values, lambda value: quote(value, safe=""), _encode_constant)
    if names and segment in ("", *_DOTS):
        raise UnusableParams(f"parameter `{names[0]}` makes no part of a path: it is empty, or only dots")
    return segment


def _check_part(name: str, value: str) -> None:
    """Servers that decode a path before they look at it would take encoded separators and dots for steps."""
    if any(part in _DOTS for part in _SEPARATORS.split(value)) and value not in _DOTS:
        raise UnusableParams(f"parameter `{name}` can't be part of a path: it holds a step upwards")
    if not value.isprintable():
        raise UnusableParams(f"parameter `{name}` can't be part of a path: it has a control character")


def _encode_constant(text: str) -> str:
    """Encode the constant part of a path, and keep what is encoded already."""
    return quote(text, safe=_CONSTANT_SAFE)


def query_of(templates: Mapping[str, Any], values: Values) -> str:
    """The query of an address, encoded: lists are repeated, null is left out.

    Raises:
        UnusableParams: if a value can't be part of a query.
    """
    pairs = ((name, render(template, values)) for name, template in templates.items())
    return "&".join(
        f"{quote(name, safe='')}={quote(text_of(f'`{name}` in the query', item), safe='')}"
        for name, value in pairs
        for item in (value if isinstance(value, list | tuple) else [value])
        if item is not None
    )


def headers_of(templates: Mapping[str, str], values: Values) -> dict[str, str]:
    """Headers: null leaves one out.

    Raises:
        UnusableParams: if a value can't be part of a header.
    """
    filled_in = {name: render(template, values) for name, template in templates.items()}
    return {name: _header(name, value) for name, value in filled_in.items() if value is not None}


def _header(name: str, value: Any) -> str:
    text = text_of(f"the header `{name}`", value)
    if not (text.isascii() and text.isprintable()):
        raise UnusableParams(f"the header `{name}` has a character that no header may have")
    return text
