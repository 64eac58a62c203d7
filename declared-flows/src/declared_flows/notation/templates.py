"""Values of a declaration that are filled when a flow runs: references, expressions, texts with expressions in them.

`$house.rooms[0].area` is a reference; what is not there is null. `${ CEL }` is the value of an expression, and within a
longer text it is written into it. `$$` is a dollar sign. All else stands for itself.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from declared_flows.notation.base import Place
from declared_flows.notation.cost import Budget
from declared_flows.notation.expressions import (
    MOST_CHARACTERS,
    Expression,
    InvalidExpression,
    Values,
    get_part,
    to_plain,
)

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_REFERENCE = re.compile(rf"\$({_NAME})((?:\.{_NAME}|\[\d{{1,6}}\])*)")
_PART = re.compile(rf"\.({_NAME})|\[(\d+)\]")

type Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """That a template reads a value: a root, and the fields from there; where it stands in the declaration."""

    root: str
    path: Path
    place: Place


class Template(ABC):
    """A value to be."""

    __slots__ = ()

    def value(self, values: Values) -> Any:
        """The value.

        Raises:
            NotComputable: if an expression has none.
            TooCostly: if its expressions together take longer than the event loop can wait.
        """
        return self.value_within(Budget(), values)

    @abstractmethod
    def value_within(self, budget: Budget, values: Values) -> Any:
        """The value, as part of a template whose expressions share a budget."""

    def reads(self) -> Iterator[Read]:
        """Everything that it reads."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Constant(Template):
    """A value that is known."""

    constant: Any

    def value_within(self, budget: Budget, values: Values) -> Any:  # noqa: ARG002  it is the same whatever there is
        return self.constant


@dataclass(frozen=True, slots=True)
class Reference(Template):
    """A value of the request or of a step, or a part of it."""

    root: str
    path: Path
    place: Place = ()

    def value_within(self, budget: Budget, values: Values) -> Any:  # noqa: ARG002  a reference costs nothing
        found = values[self.root]
        for part in self.path:
            found = get_part(found, part)
        return found

    def reads(self) -> Iterator[Read]:
        yield Read(self.root, self.path, self.place)


@dataclass(frozen=True, slots=True)
class Computed(Template):
    """The value of an expression."""

    expression: Expression
    place: Place = ()

    def value_within(self, budget: Budget, values: Values) -> Any:
        return self.expression.value(values, budget)

    def reads(self) -> Iterator[Read]:
        deeper = {path[0] for path in self.expression.paths}
        yield from (Read(root, (), self.place) for root in sorted(self.expression.roots - deeper))
        yield from (Read(path[0], path[1:], self.place) for path in self.expression.paths)


@dataclass(frozen=True, slots=True)
class Written(Template):
    """A text with expressions in it."""

    parts: tuple[str | Computed, ...]

    def value_within(self, budget: Budget, values: Values) -> str:
        return "".join(
            part if isinstance(part, str) else _text(part.value_within(budget, values)) for part in self.parts
        )

    def reads(self) -> Iterator[Read]:
        for part in self.parts:
            if isinstance(part, Computed):
                yield from part.reads()


@dataclass(frozen=True, slots=True)
class Composed(Template):
    """An object whose fields are templates."""

    fields: Mapping[str, Template]

    def value_within(self, budget: Budget, values: Values) -> dict[str, Any]:
        return {name: template.value_within(budget, values) for name, template in self.fields.items()}

    def reads(self) -> Iterator[Read]:
        for template in self.fields.values():
            yield from template.reads()


@dataclass(frozen=True, slots=True)
class Listed(Template):
    """An array whose items are templates."""

    items: Sequence[Template]

    def value_within(self, budget: Budget, values: Values) -> list[Any]:
        return [template.value_within(budget, values) for template in self.items]

    def reads(self) -> Iterator[Read]:
        for template in self.items:
            yield from template.reads()


@dataclass
class Compiler:
    """Makes templates of the values of a declaration, and collects what is wrong with them."""

    diagnostics: list[tuple[Place, str]] = field(default_factory=list)

    def template(self, value: Any, place: Place) -> Template:
        """Return the template of a value at a place; null if the value is not a template."""
        if isinstance(value, Mapping):
            fields = {name: self.template(item, (*place, name)) for name, item in value.items()}
            return Constant(dict(value)) if _are_constant(fields.values(), value.values()) else Composed(fields)
        if isinstance(value, list | tuple):
            items = [self.template(item, (*place, index)) for index, item in enumerate(value)]
            return Constant(list(value)) if _are_constant(items, value) else Listed(items)
        return self._of_text(value, place) if isinstance(value, str) and "$" in value else Constant(value)

    def _of_text(self, text: str, place: Place) -> Template:
        if found := _REFERENCE.fullmatch(text):
            path = tuple(name or int(index) for name, index in _PART.findall(found[2]))
            return Reference(found[1], path, place)
        try:
            parts = tuple(_parts(text, place))
        except InvalidExpression as error:
            self.diagnostics.append((place, f"{text!r}: {error}"))
            return Constant(None)
        if len(parts) == 1:
            return Constant(parts[0]) if isinstance(parts[0], str) else parts[0]
        return Written(parts)


def _are_constant(templates: "Sequence[Template] | Any", values: Any) -> bool:
    return all(
        isinstance(template, Constant) and template.constant is value
        for template, value in zip(templates, values, strict=True)
    )


def _parts(text: str, place: Place) -> Iterator[str | Computed]:
    rest, written = text, ""
    while (dollar := rest.find("$")) >= 0:
        written, rest = written + rest[:dollar], rest[dollar:]
        if rest.startswith("$$"):
            written, rest = written + "$", rest[2:]
        elif rest.startswith("${"):
            if written:
                yield written
            expression, rest = _expression(rest[2:])
            yield Computed(expression, place)
            written = ""
        else:
            raise InvalidExpression("write `$step.field`, `${expression}`, or `$$` for a dollar sign")
    if written + rest:
        yield written + rest


def _expression(text: str) -> tuple[Expression, str]:
    """The expression that a text begins with, and what is left after its brace."""
    diagnostic = InvalidExpression("the closing brace is missing")
    for index, character in enumerate(text[: MOST_CHARACTERS + 1]):
        if character == "}":
            try:
                return Expression(text[:index]), text[index + 1 :]
            except InvalidExpression as error:
                diagnostic = error
    raise diagnostic


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
    return str(to_plain(value))
