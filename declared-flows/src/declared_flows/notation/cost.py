"""How costly an expression is, judged before it is computed: by what it does, and how much it is given.

The macros of the library copy what they have found so far for each item, so that a list of n items costs n² steps, and
one within another n³. It makes each regular expression ready again whenever it is used. What is too costly for the
event loop is left to a process of its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

MOST_STEPS = 30_000
"""Steps that the expressions of a template may take together on the event loop: a few milliseconds."""

_STEPS_OF_A_VALUE = 5
"""Steps to hand over one value."""

_CHARACTERS_OF_A_VALUE = 32
"""Characters of a text that cost as much as a value of their own, where the text stays whole."""

_SCALARS = frozenset({int, float, bool, type(None)})
_MACRO_CALL = re.compile(r"\.\s*(?:map|filter|exists|exists_one|all)\s*\(")
_MACRO = re.compile(rf"{_MACRO_CALL.pattern}|[()]")
_QUADRATIC = frozenset({"distinct", "join", "replace"})
_BY_CHARACTER = frozenset({"charAt", "indexOf", "join", "matches", "replace", "reverse", "split", "substring"})
_FIXED_PATTERN = re.compile(r"\bmatches\s*\(\s*[rR]?(?:''|[A-Za-z_][\w.]*\s*,\s*[rR]?'')\s*\)")
_MATCHES = re.compile(r"\bmatches\s*\(")
_SIMPLE_TEXT = re.compile(r"(?:[\w \-.^$+*|()\[\]@/:,;#%&=!~]|(?<!\()\?|\\{1,2}[.+*?$()/|\-\[\]]){,60}", re.ASCII)
"""A text that is quick to make ready as a pattern: no counted repetition, no class of Unicode, no flags.

What cannot be told from its text, such as an escaped character, is not simple.
"""

_NEVER = -1
"""The size up to which an expression is cheap, where none is small enough."""


class Budget:
    """What the expressions of a template may cost together on the event loop."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = float(MOST_STEPS)

    def take(self, steps: float) -> bool:
        """Take steps from it; whether there were as many."""
        self._left -= steps
        return self._left >= 0


class Cost:
    """The cost of an expression.

    Args:
        bare: its text, with each text within it empty.
        functions: the functions that it calls.
        texts: what stands between the quotation marks of its texts.
    """

    def __init__(self, bare: str, functions: frozenset[str], texts: Sequence[str] = ()) -> None:
        patterns = len(_MATCHES.findall(bare)) if _MACRO_CALL.search(bare) else 0
        self._power = _power(bare, functions) + bool(patterns)
        self._steps_of_one = (_STEPS_OF_A_VALUE if self._power == 1 else 1) * (1 + patterns)
        self._written = bare.count(",")
        is_known = not _has_costly_pattern(bare, texts) and not _multiplies(bare, functions)
        self._most = int((MOST_STEPS / self._steps_of_one) ** (1 / self._power)) if is_known else _NEVER
        self._characters = 1 if functions & _BY_CHARACTER else _CHARACTERS_OF_A_VALUE

    def fits(self, given: Iterable[Any], budget: Budget) -> bool:
        """Take what the expression costs for these values from the budget; whether that is enough.

        Looks no further into the values than it must.
        """
        size, most = self._written, self._most
        for value in given:
            size += 1 if type(value) in _SCALARS else _size(value, most, self._characters)
            if size > most:
                return False
        return size <= most and budget.take(self._steps_of_one * size**self._power)


def _has_costly_pattern(bare: str, texts: Sequence[str]) -> bool:
    """Whether making a regular expression ready can take long: it is itself computed, or not simple."""
    patterns = len(_MATCHES.findall(bare))
    if patterns > len(_FIXED_PATTERN.findall(bare)):
        return True
    return patterns > 0 and not all(map(_SIMPLE_TEXT.fullmatch, texts))


def _power(bare: str, functions: frozenset[str]) -> int:
    """Return the power of the size that the steps grow with."""
    if "flatten" in functions:  # a macro can have made lists of n lists of n items
        return 2 * (1 + len(_MACRO_CALL.findall(bare)))
    return 1 + _nested_macros(bare) + bool(functions & _QUADRATIC)


def _multiplies(bare: str, functions: frozenset[str]) -> bool:
    """Whether macros work on the many items that others have made, which `flatten` puts into one list."""
    return "flatten" in functions and len(_MACRO_CALL.findall(bare)) > 1


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
            if size <= most:
                size += sum(len(key) // characters for key in value if isinstance(key, str))
                left.extend(value.values())
        elif isinstance(value, list | tuple):
            size += 0 if len(value) <= most else len(value)
            left.extend(value if len(value) <= most else ())
        elif isinstance(value, BaseModel):
            size += 2 * len(type(value).model_fields)
    return size
