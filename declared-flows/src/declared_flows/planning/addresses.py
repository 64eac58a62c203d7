"""Checks the address of a flow, and the parameters that it and the query contain."""

import re
from collections.abc import Iterator, Sequence
from string import Formatter

from declared_flows.notation.base import Place
from declared_flows.notation.declaration import FlowDeclaration, RequestDeclaration

HOLE = re.compile(r"\{[^}]+\}")
"""A part of an address that the caller fills."""

_WRITTEN = ("string", "integer", "number", "boolean")
"""Types whose values can be written as text."""


def pattern_of(path: str) -> str:
    """Return an address without the names of its parameters: two flows can't share one."""
    return HOLE.sub("{}", path)


def check_address(
    flow: FlowDeclaration, reserved_paths: Sequence[str] = (), *, knows_request: bool = True
) -> Iterator[tuple[Place, str]]:
    """Yield what is wrong, and where in the flow; skip the request if its declaration could not be read."""
    path, request = flow.route.path, flow.request
    if reserved := next((reserved for reserved in reserved_paths if _covers(path, reserved)), None):
        yield ("route", "path"), f"`{reserved}` is an address of the service's own: choose another"
    if request.body and flow.route.method == "GET":
        yield ("request", "body"), "a GET has no body: use `query`, or `method: POST`"
    if knows_request:
        yield from _check_texts(request)
        yield from _check_path_params(request, [name for _, name, _, _ in Formatter().parse(path) if name])


def _check_texts(request: RequestDeclaration) -> Iterator[tuple[Place, str]]:
    """Check the query and headers: they are text, which does not fit every type."""
    for name, schema in request.query.items():
        items = schema.items if schema.type == "array" else schema
        if (items is not None and items.type not in (*_WRITTEN, None)) or schema.record:
            yield ("request", "query", name), f"`{name}`: a query has texts, numbers, truth values, and lists of them"
    for name, schema in request.headers.items():
        if schema.type not in (*_WRITTEN, None) or schema.record:
            yield ("request", "headers", name), f"`{name}`: a header is a text, a number or a truth value"


def _check_path_params(request: RequestDeclaration, holes: Sequence[str]) -> Iterator[tuple[Place, str]]:
    for name in sorted({name for name in holes if holes.count(name) > 1}):
        yield ("route", "path"), f"`{{{name}}}` is in the address twice"
    for name in sorted(set(holes)):
        if name not in request.path:
            yield ("route", "path"), f"`{{{name}}}` is not declared: add it to `request.path`"
    for name, schema in request.path.items():
        if name not in holes:
            yield ("request", "path", name), f"`{name}` is not in the address: add `{{{name}}}` there"
        if schema.type not in _WRITTEN:
            yield ("request", "path", name), f"`{name}`: a part of an address has a type: string, integer …"


def _covers(path: str, reserved: str) -> bool:
    """Whether an address can, once filled in, equal a reserved one or lie below it."""
    parts, own = path.split("/"), reserved.split("/")
    return len(parts) >= len(own) and all(
        part == other or part.startswith("{") for part, other in zip(parts, own, strict=False)
    )
