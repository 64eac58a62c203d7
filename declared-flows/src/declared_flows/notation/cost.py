"""How costly an expression is, judged before it is computed: by what it does, and how much it is given.

The macros of the library copy what they have found so far for each item, so that a list of n items costs n² steps, and
one within another n³. What is too costly for the event loop is left to a process of its own.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

MOST_STEPS = 30_000
"""Steps that an expression may take on the event loop: a few milliseconds."""

_STEPS_OF_A_VALUE = 5
"""Steps to hand over one value."""

_CHARACTERS_OF_A_VALUE = 32
"""Characters of a text that cost as much as a value of their own, where the text stays whole."""

_SCALARS = frozenset({int, float, bool, type(None)})
_MACRO = re.compile(r"\.\s*(?:map|filter|exists|exists_one|all)\s*\(|[()]")
_QUADRATIC = frozenset({"distinct", "join", "replace"})
_BY_CHARACTER = frozenset({"charAt", "indexOf", "join", "matches", "replace", "reverse", "split", "substring"})
_FIXED_PATTERN = re.compile(r"\bmatches\s*\(\s*[rR]?(?:''|[A-Za-z_][\w.]*\s*,\s*[rR]?'')\s*\)")
_MATCHES = re.compile(r"\bmatches\s*\(")


class Cost:
    """The cost of an expression.

    Args:
        bare: its text, with each text within it empty.
        functions: the functions that it calls.
    """

    def __init__(self, bare: str, functions: frozenset[str]) -> None:
        power = 1 + _nested_macros(bare) + bool(functions & _QUADRATIC)
        steps = MOST_STEPS / _STEPS_OF_A_VALUE if power == 1 else MOST_STEPS
        self._written = bare.count(",")
        self._most = 0 if _has_unknown_pattern(bare) else int(steps ** (1 / power))
        self._characters = 1 if functions & _BY_CHARACTER else _CHARACTERS_OF_A_VALUE

    def is_small(self, given: Iterable[Any]) -> bool:
        """Whether the expression is cheap for these values; looks no further than it must."""
        size, most = self._written, self._most
        for value in given:
            size += 1 if type(value) in _SCALARS else _size(value, most, self._characters)
            if size > most:
                return False
        return size <= most


def _has_unknown_pattern(bare: str) -> bool:
    """Whether a regular expression is itself computed: making it ready can take long."""
    return len(_MATCHES.findall(bare)) > len(_FIXED_PATTERN.findall(bare))


def _nested_macros(bare: str) -> int:
    """Return how deeply macros are nested in each other."""
    deepest, open_brackets = 0, list[bool]()
    for found in _MACRO.finditer(bare):
        if found[0] == ")":
            if open_brackets:
                open_brackets.pop()
        else:
            open_brackets.append(found[0] != "(")
            deepest = max(deepest, sum(open_brackets))
    return deepest


def _size(given: Any, most: int, characters: int) -> int:
    """Return how many values there are, those within others included; at least ``most + 1`` if there are more."""
    size, left = 0, [given]
    while left and size <= most:
        value = left.pop()
        size += 1
        if isinstance(value, str):
            size += len(value) // characters
        elif isinstance(value, Mapping):
            size += len(value)
            left.extend(value.values() if len(value) <= most else ())
        elif isinstance(value, list | tuple):
            size += 0 if len(value) <= most else len(value)
            left.extend(value if len(value) <= most else ())
        elif isinstance(value, BaseModel):
            size += 2 * len(type(value).model_fields)
    return size
