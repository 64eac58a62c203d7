"""What can be wrong with the declaration of an HTTP service, found without one."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from declared_flows.notation.base import Place, Text
from declared_flows.notation.suggestions import suggest
from declared_flows.sources.http_api.address import UnusableAddress, address_of
from declared_flows.sources.http_api.options import Authentication, HttpApiOptions, HttpOperation
from declared_flows.sources.http_api.picking import BadExpression, compile_pick
from declared_flows.sources.http_api.templates import names_in

type Finding = tuple[Place, str]

RESERVED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that belong to the connection, not to a declaration."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BODILESS = ("GET", "DELETE")


def diagnose(options: HttpApiOptions) -> Iterator[Finding]:
    """All of them: where in the declaration, and what is right."""
    if isinstance(options.url, str):
        try:
            address_of(options.url)
        except UnusableAddress as error:
            yield ("url",), str(error)
    taken = dict[str, str]()
    if options.auth:
        yield from _of_authentication(options.auth)
        taken = _headers_of_authentication(options.auth)
    yield from _of_headers((), options.headers, taken)
    for name, operation in options.operations.items():
        yield from _of_operation(("operations", name), operation, options.auth, taken)


def _of_authentication(auth: Authentication) -> Iterator[Finding]:
    secrets: list[tuple[Place, Text | None]] = [
        (("auth", "bearer"), auth.bearer),
        (("auth", "basic", "password"), auth.basic.password if auth.basic else None),
        (("auth", "header", "value"), auth.header.value if auth.header else None),
        (("auth", "query", "value"), auth.query.value if auth.query else None),
    ]
    for place, text in secrets:
        if isinstance(text, str):
            yield place, f"a secret does not stand in a file: say `{place[-1]}: {{secret: its_name}}`"
    if auth.header:
        yield from _of_header_name(("auth", "header", "name"), auth.header.name)
    if auth.basic and isinstance(auth.basic.user, str) and ":" in auth.basic.user:
        yield ("auth", "basic", "user"), "a user has no colon (RFC 7617)"


def _headers_of_authentication(auth: Authentication) -> dict[str, str]:
    if auth.bearer or auth.basic:
        return {"authorization": "auth"}
    return {auth.header.name.lower(): "auth.header"} if auth.header else {}


def _of_headers(place: Place, headers: Iterable[str], taken: dict[str, str]) -> Iterator[Finding]:
    for name in headers:
        yield from _of_header_name((*place, "headers", name), name)
        if name.lower() in taken:
            yield (
                (*place, "headers", name),
                f"`{taken[name.lower()]}` gives this header: leave out the one or the other",
            )


def _of_header_name(place: Place, name: str) -> Iterator[Finding]:
    if not _TOKEN.fullmatch(name):
        yield place, f"`{name}` is not the name of a header"
    elif name.lower() in RESERVED:
        yield place, f"the header `{name}` belongs to the connection: leave it out"


def _of_operation(
    place: Place, operation: HttpOperation, auth: Authentication | None, taken: dict[str, str]
) -> Iterator[Finding]:
    yield from _of_path((*place, "path"), operation)
    yield from _of_headers(place, operation.headers, taken)
    if auth and auth.query and auth.query.name in operation.query:
        yield (*place, "query", auth.query.name), "`auth.query` gives this: leave out the one or the other"
    if operation.body is not None and operation.method in _BODILESS:
        yield (*place, "body"), f"a {operation.method} has no body: leave it out, or say `method: POST`"
    yield from _of_params(place, operation)
    try:
        compile_pick(operation.pick)
    except BadExpression as error:
        yield (*place, "pick"), f"it is no JMESPath: {error}"


def _of_path(place: Place, operation: HttpOperation) -> Iterator[Finding]:
    path = operation.path
    if "?" in path or "#" in path:
        yield place, "a path has no `?` and no `#`: what comes after it stands in `query`"
    if any(segment in (".", "..") for segment in path.split("/")) or not path.isprintable():
        yield place, "a path has no steps (`.`, `..`) and no control characters"
    if "//" in path:
        yield place, "a path has no empty segment: `//` is one slash too many"
    for name in dict.fromkeys(names_in(path)):
        schema = operation.params.get(name)
        if schema and (schema.type in ("object", "array") or schema.may_be_null):
            yield (
                (*place[:-1], "params", name),
                f"`{{{name}}}` in a path is a text, a number or a truth value, always there",
            )


def _of_params(place: Place, operation: HttpOperation) -> Iterator[Finding]:
    templates: dict[str, Any] = {
        "path": operation.path,
        "query": operation.query,
        "headers": operation.headers,
        "body": operation.body,
    }
    used = {part: list(dict.fromkeys(names_in(template))) for part, template in templates.items()}
    for part, names in used.items():
        for name in names:
            if name not in operation.params:
                yield (
                    (*place, part),
                    f"`{{{name}}}` is not among `params`: declare it there{suggest(name, operation.params)}",
                )
    known = {name for names in used.values() for name in names}
    for name in operation.params:
        if name not in known:
            yield (*place, "params", name), f"nothing says `{{{name}}}`: leave it out{suggest(name, known)}"
