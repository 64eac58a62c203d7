"""Picks a part of an answer by JMESPath (https://jmespath.org)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.parser import ParsedResult
from upstream_resilience.errors import BadUpstreamAnswer

type Pick = Callable[[Any], Any]


class BadExpression(ValueError):
    """It is not a JMESPath expression; the text says why."""


def compile_pick(expression: str | None) -> Pick:
    """Takes an answer and gives what is wanted of it; all of it where there is no expression.

    Raises:
        BadExpression: if it is not a JMESPath expression.
    """
    if expression is None:
        return lambda document: document
    try:
        compiled = jmespath.compile(expression)
    except JMESPathError as error:
        raise BadExpression(" ".join(str(error).split())) from error
    unknown = [name for name in _functions(compiled.parsed) if name not in Functions.FUNCTION_TABLE]
    if unknown:
        raise BadExpression(f"there is no function `{unknown[0]}`")

    def pick(document: Any) -> Any:
        try:
            return compiled.search(document)
        except (JMESPathError, RecursionError, ArithmeticError, TypeError, ValueError) as error:
            raise BadUpstreamAnswer("it is not of the shape that `pick` takes") from error

    return pick


def has_no_place_for(expression: str, document: Any) -> bool:
    """Why an expression finds nothing: whether an answer is of another shape than it takes, such as that of an error.

    Otherwise there is no such thing: a list is too short, or the answer itself says null.
    """
    return _misses(jmespath.compile(expression).parsed, document)


def _misses(node: Mapping[str, Any], value: Any) -> bool:
    children = node["children"]
    match node["type"]:
        case "field":
            return value is not None and not (isinstance(value, dict) and node["value"] in value)
        case "index":
            return value is not None and not isinstance(value, list)
        case "subexpression" | "index_expression" | "pipe":
            for child in children:
                found = ParsedResult("", child).search(value)
                if found is None:
                    return _misses(child, value)
                value = found
        case "projection" | "filter_projection" | "value_projection" | "flatten":
            # They give nothing where they are given no list.
            return ParsedResult("", children[0]).search(value) is not None or _misses(children[0], value)
    return False


def _functions(node: Mapping[str, Any]) -> Iterator[str]:
    if node.get("type") == "function_expression":
        yield str(node["value"])
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _functions(child)
