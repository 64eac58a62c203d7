"""Conditions and derived values: expressions of the Common Expression Language (CEL), which reach nothing but values.

Source: https://github.com/cel-expr/cel-spec. Its types are strict: `1 + 1.5` is a mistake, `double(1) + 1.5` is not.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import cel
from cel.stdlib import STDLIB_FUNCTIONS
from pydantic import BaseModel

from declared_flows.notation.cost import Budget, Cost
from declared_flows.notation.records import field_of, to_document
from declared_flows.notation.suggestions import suggest

type Values = Mapping[str, Any]

# The library writes to the log which value a function did not take.
logging.getLogger("cel").setLevel(logging.CRITICAL)

_EXTRA = {
    name.removeprefix("math."): STDLIB_FUNCTIONS[name]
    for name in (
        "bool",
        "charAt",
        "distinct",
        "first",
        "flatten",
        "indexOf",
        "join",
        "last",
        "lowerAscii",
        "math.abs",
        "math.ceil",
        "math.floor",
        "math.round",
        "max",
        "min",
        "replace",
        "reverse",
        "slice",
        "sort",
        "split",
        "substring",
        "sum",
        "trim",
        "upperAscii",
    )
}
_BUILT_IN = frozenset(
    {"contains", "double", "duration", "dyn", "endsWith", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"}
    | {"getFullYear", "getHours", "getMilliseconds", "getMinutes", "getMonth", "getSeconds", "int", "matches", "size"}
    | {"startsWith", "string", "timestamp", "type", "uint"}
)
FUNCTIONS = frozenset({*_EXTRA, *_BUILT_IN, "all", "exists", "exists_one", "filter", "has", "map"})
"""The functions that an expression can call."""

_TEXT_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_BOUND = re.compile(r"\.\s*(?:map|filter|exists|exists_one|all)\s*\(\s*([A-Za-z_]\w*)\s*,")
_PATH = re.compile(r"(?<![\w.)\]])([A-Za-z_]\w*)((?:\s*\.\s*[A-Za-z_]\w*)+)(\s*\()?")

_REASONS: Mapping[type[Exception], str] = {
    KeyError: "a field is not there",
    IndexError: "an item is not there",
    ZeroDivisionError: "it divides by zero",
    OverflowError: "a number is too large",
    TypeError: "a value is null or of another type than the operation takes",
}


MOST_CHARACTERS = 10_000
"""Length of the longest expression."""


class InvalidExpression(ValueError):
    """The text is not an expression; the message says why."""


class TooCostly(Exception):
    """An expression takes too long for the event loop; a copy of it from another process would take its time."""


class NotComputable(Exception):
    """An expression has no value for what it was given.

    Args:
        source: the expression.
        reason: why, for people; never a value.
    """

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"`{source}` can't be computed: {reason}")
        self.source = source
        self.reason = reason


class Expression:
    """A compiled expression.

    Args:
        source: its text.
        is_limited: whether it is only to be computed while that is cheap.

    Raises:
        InvalidExpression: if it is not an expression.
    """

    def __init__(self, source: str, *, is_limited: bool = True) -> None:
        self.source = source.strip()
        if len(self.source) > MOST_CHARACTERS:
            raise InvalidExpression(f"it is longer than {MOST_CHARACTERS:,} characters")
        try:
            self._program = cel.compile(self.source)
        except ValueError as error:
            raise InvalidExpression(_short(str(error))) from error
        calls = {name for name in self._program.functions() if name.isidentifier() and not name.startswith("_")}
        if unknown := sorted(calls - FUNCTIONS):
            raise InvalidExpression(f"there is no function `{unknown[0]}`{suggest(unknown[0], FUNCTIONS)}")
        self._functions = {name: _EXTRA[name] for name in calls & _EXTRA.keys()}
        bare = _TEXT_LITERAL.sub("''", self.source)
        self._cost = Cost(bare, frozenset(calls), _texts(self.source)) if is_limited else None
        self._bound = frozenset(_BOUND.findall(bare))
        self.roots = frozenset(self._program.variables()) - self._bound
        """The names of the values that it reads."""
        self.paths = tuple(self._find_paths(bare))
        """The fields that it reads, from a root on."""
        self._whole = frozenset(root for root in self.roots if self._reads_whole(root, bare))
        self._read = (
            *((root,) for root in self._whole),
            *(path for path in self.paths if path[0] not in self._whole),
        )

    def value(self, values: Values, budget: Budget | None = None) -> Any:
        """Its value.

        Args:
            values: what it may read.
            budget: what it may cost, together with others; one of its own if there is none.

        Raises:
            NotComputable: if it has none.
            TooCostly: if it takes longer than the event loop can wait.
        """
        if self._cost and not self._cost.fits(self._given(values), budget or Budget()):
            raise TooCostly
        # Only what is read goes to the library, which copies all that it is given, each time.
        context: dict[str, Any] = {root: to_plain(values[root]) if root in self._whole else {} for root in self.roots}
        for path in self.paths:
            if path[0] not in self._whole:
                _put(context, path, values)
        try:
            return _as_json(self._program.execute({**context, **self._functions}))
        except Exception as error:
            # The library raises whatever fits, also RuntimeError and ValueError, and shows values in the text.
            reason = _REASONS.get(type(error), "a function does not take the value that it is given")
            raise NotComputable(self.source, reason) from error

    def __reduce__(self) -> tuple[Callable[[str], "Expression"], tuple[str]]:
        """Return what makes it in a process of its own, where it may take its time."""
        return _unlimited, (self.source,)

    def _given(self, values: Values) -> Iterator[Any]:
        """What it reads, once for each mention of a field."""
        for path in self._read:
            value: Any = values
            for part in path:
                if type(value) is not dict and not isinstance(value, Mapping | BaseModel):
                    break
                value = get_part(value, part)
            yield value

    def _reads_whole(self, root: str, bare: str) -> bool:
        """Whether a root is read other than by fields of it."""
        for found in re.finditer(rf"(?<![\w.]){root}\b(\s*\.\s*[A-Za-z_]\w*(\s*\()?)?", bare):
            if found[1] is None or found[2] is not None:
                return True
        return False

    def _find_paths(self, bare: str) -> Iterator[tuple[str, ...]]:
        for root, rest, call in _PATH.findall(bare):
            names = [name.strip() for name in rest.split(".") if name.strip()]
            if root in self.roots and (names := names[:-1] if call else names):
                yield (root, *names)


def _texts(source: str) -> list[str]:
    """Return what stands between the quotation marks of the texts in an expression."""
    return [text[1:-1] for text in _TEXT_LITERAL.findall(source)]


@lru_cache(maxsize=256)
def _unlimited(source: str) -> Expression:
    return Expression(source, is_limited=False)


def _put(context: dict[str, Any], path: tuple[str, ...], values: Values) -> None:
    """Copy what stands at a path of the values to the same path of the context, if it exists."""
    given, taken = values[path[0]], context[path[0]]
    if not isinstance(given, Mapping | BaseModel):
        context[path[0]] = to_plain(given)
        return
    for name in path[1:-1]:
        if not isinstance(taken, dict):
            return  # another path took it whole
        if (given := get_part(given, name, _ABSENT)) is _ABSENT:
            return
        if not isinstance(given, Mapping | BaseModel):
            taken[name] = to_plain(given)
            return
        taken = taken.setdefault(name, {})
    if isinstance(taken, dict) and (last := get_part(given, path[-1], _ABSENT)) is not _ABSENT:
        taken[path[-1]] = to_plain(last)


_ABSENT = object()


def get_part(value: Any, part: str | int, absent: Any = None) -> Any:
    """Return a field or an item of a value; ``absent`` if there is none."""
    if type(value) is dict:  # what most values are: this is done for each field of each answer
        return value.get(part, absent)
    if isinstance(part, int):
        return value[part] if isinstance(value, list) and part < len(value) else absent
    if isinstance(value, Mapping):
        return value.get(part, absent)
    if isinstance(value, BaseModel):
        return field_of(value, part, absent)
    return absent


def to_plain(value: Any) -> Any:
    """Return a value with records as their documents, the form that expressions and responses use."""
    if isinstance(value, BaseModel):
        return to_document(value)
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    return value


def _as_json(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case None | bool() | int() | float() | str() | dict() | list():
            return value
    raise TypeError


def _short(text: str) -> str:
    found = re.search(r"Syntax error: (.*)|ERROR: [^:]*:\d+:\d+: (.*)", text)
    reason = next(filter(None, found.groups()), text) if found else text
    return f"it is not an expression: {reason.split(' expecting ')[0]}"
