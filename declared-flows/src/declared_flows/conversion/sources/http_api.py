"""APIs of the old files as sources of the kind `api`."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from declared_flows.conversion.part import Part
from declared_flows.conversion.schemas import schema_of
from declared_flows.conversion.secrets import (
    credentials,
    has_placeholder,
    secret,
    secret_of,
    text_or_secret,
    with_defaults,
)
from declared_flows.conversion.sources.source import ADVICE, OldSource, Use
from declared_flows.conversion.times import seconds_of
from declared_flows.notation.durations import format_duration

_HOLE = re.compile(r"\$?\{\{?\s*(\w+)\s*\}?\}")
_PATHS = ("path", "endpoint", "url")
_BODIES = ("body", "body_template", "json", "request_body", "body_params")
_WITHOUT_BODY = ("GET", "HEAD", "DELETE")
_COLON = re.compile(r"(?<=/):(\w+)")
_KEPT_ANYWAY = frozenset({"accept", "content-type", "user-agent", "content-length", "host"})


@dataclass(frozen=True)
class _Call:
    """What is sent by an operation.

    Args:
        method: of HTTP.
        path: with `{name}` for each value in it.
        query: what stands behind the `?`.
        body: its template.
        takes_all: whether what has no place of its own goes into the query or the body.
    """

    method: str
    path: str
    query: dict[str, Any]
    body: Any
    takes_all: bool

    @property
    def places(self) -> list[str]:
        """The parameters that have a place, each once."""
        return list(dict.fromkeys([*_holes(self.path), *_holes(self.query), *_holes(self.body)]))


@dataclass(eq=False)
class OldApi(OldSource):
    """An API, and the calls that are made to it."""

    _calls: dict[str, _Call] = field(default_factory=dict)

    kind = "api"

    def params(self, use: Use) -> dict[str, Any]:
        """Those that have a place in the call."""
        part = self._part_of(use.operation)
        if part is None:
            use.part.note(f"there is no operation `{use.operation}` of `{self.identity}`: add it to the source by hand")
            return use.params
        call = self._call(part)
        if call.takes_all:
            return use.params
        for name in sorted(use.params.keys() - set(call.places)):
            use.part.note(f"the parameter `{name}` is left out: the call has no place for it", "params", name)
        return {name: value for name, value in use.params.items() if name in call.places}

    def changes(self, use: Use) -> bool:
        """Every call but a GET may."""
        part = self._part_of(use.operation)
        return part is not None and self._call(part).method != "GET"

    def declaration(self) -> dict[str, Any] | None:
        """The address, who we are there, and the calls."""
        operations = {part.name: self._operation(part) for part in self._operations() if part.is_mapping}
        if not operations:
            self.part.note(f"`{self.identity}` has no operations: it is left out")
            return None
        found = {"kind": "api", "url": address_of(self.part, self.identity), **headers_of(self.part, self.identity)}
        found |= {**dict(self._limits()), "operations": operations}
        self.part.tick("type", "name", "source_id", "id", "description")
        self.part.note_rest(ADVICE)
        return found

    def _part_of(self, name: str) -> Part | None:
        return next((part for part in self._operations() if part.name == name and part.is_mapping), None)

    def _call(self, part: Part) -> _Call:
        """The call of an operation; notes on it are made once."""
        if part.name not in self._calls:
            method = (part.text("method") or "GET").upper()
            path = _COLON.sub(r"{\1}", _HOLE.sub(r"{\1}", part.text(*_PATHS) or "/"))
            query, body = _query(part), _body(part)
            takes_all = body is None
            self._calls[part.name] = _Call(method, f"/{path.lstrip('/')}", query, body, takes_all)
        return self._calls[part.name]

    def _operation(self, part: Part) -> dict[str, Any]:
        call = self._call(part)
        uses = self.uses.get(part.name, [])
        rest = sorted({name for use in uses for name in use.params} - set(call.places)) if call.takes_all else []
        added = {name: f"{{{name}}}" for name in rest}
        in_query = call.method in _WITHOUT_BODY
        query = {**call.query, **(added if in_query else {})}
        body = call.body if in_query or not added else added
        described = _schemas(part)
        params = {name: _schema(described.get(name, {}), name, uses) for name in [*call.places, *rest]}
        found = {
            "method": call.method if call.method != "GET" else None,
            "path": call.path,
            "query": query,
            "body": body,
            "params": params,
            "pick": _pick(part),
        }
        _note_rest(part)
        return {name: value for name, value in found.items() if value}


def _query(part: Part) -> dict[str, Any]:
    """What stands behind the `?`. `{city: {type: string}}` describes it, `{city: "{city}"}` says what is sent."""
    given = part.value.get("query_params", part.value.get("query", part.value.get("params")))
    if isinstance(given, list):
        names = [str(item.get("name") if isinstance(item, dict) else item) for item in given]
        return {name: f"{{{name}}}" for name in names}
    members = given.items() if isinstance(given, dict) else ()
    return {name: f"{{{name}}}" if isinstance(value, dict) else _as_template(value) for name, value in members}


def _schemas(part: Part) -> dict[str, Any]:
    """What is said of the parameters of a call, by their names."""
    found: dict[str, Any] = {}
    for given in (part.part("path_params"), part.part("query_params", "query", "params")):
        for member in given.members() if given is not None and given.is_mapping else ():
            if member.is_mapping:
                found[member.name] = schema_of(member)
    return found


def _schema(described: dict[str, Any], name: str, uses: list[Use]) -> dict[str, Any]:
    is_always_given = all(name in use.params for use in uses)
    return described if is_always_given or "default" in described else {**described, "optional": True}


def _pick(part: Part) -> str | None:
    path = part.text("response_path", "pick", "jmespath", "data_path")
    return path.removeprefix("$.") if path else None


def _note_rest(part: Part) -> None:
    if (seconds := seconds_of(part, "timeout", "timeout_ms", "timeout_seconds")) is not None:
        advice = f"say `timeout: {format_duration(seconds)}` in the steps that make it"
        part.note(f"a call has no time limit of its own: {advice}", "timeout")
    for header in part.parts("headers"):
        if header.name.lower() not in _KEPT_ANYWAY:
            header.note(f"the header `{header.name}` of one call: say it as `headers` of the operation, by hand")
    part.tick("method", *_PATHS, *_BODIES, "path_params", "description", "name", "type")
    part.note_rest(ADVICE)


def address_of(part: Part, identity: str) -> Any:
    """The address of a server, or the secret that it is."""
    given = with_defaults(part, part.text("base_url", "url", "endpoint_url", "host") or "")
    if not given:
        part.note("the address is missing: say `url`")
        return "http://localhost"
    if has_placeholder(given):
        part.note(f"an address can't come from the environment: write it here in place of `{given}`")
        return "http://localhost"
    url, user, password = credentials(given)
    if user or password:
        part.note(f"an address holds no user and password: say `auth` of `{identity}` by hand")
    return url.rstrip("/")


def headers_of(part: Part, identity: str) -> dict[str, Any]:
    """Who we are there, and the headers of every call."""
    headers: dict[str, Any] = {}
    auth: dict[str, Any] = dict(_auth(part, identity))
    given = part.part("headers")
    for header in given.members() if given is not None else ():
        text = str(header.value)
        if header.name.lower() == "authorization" and text.startswith("Bearer ") and not auth:
            auth = {"bearer": _secret_always(header, text.removeprefix("Bearer ").strip(), f"{identity}_token")}
        elif header.name.lower() == "authorization" or (has_placeholder(text) and not auth):
            auth = {"header": {"name": header.name, "value": text_or_secret(header, text, f"{identity}_{header.name}")}}
        elif has_placeholder(text):
            header.note(f"the header `{header.name}` has a secret, and there is one already: say both by hand")
        elif header.name.lower() not in _KEPT_ANYWAY:
            headers[header.name] = text
    return ({"auth": auth} if auth else {}) | ({"headers": headers} if headers else {})


def _auth(part: Part, identity: str) -> Iterator[tuple[str, Any]]:
    auth = part.part("auth", "authentication")
    if auth is None:
        return
    kind = (auth.text("type", "kind") or "").lower()
    if kind in ("bearer", "token", "oauth2") and (token := auth.text("token", "value")):
        yield "bearer", _secret_always(auth, token, f"{identity}_token")
    elif kind == "basic":
        user = text_or_secret(auth, auth.text("username", "user") or "", f"{identity}_user")
        yield (
            "basic",
            {"user": user, "password": _secret_always(auth, auth.text("password") or "", f"{identity}_password")},
        )
    elif kind in ("api_key", "apikey", "header", "key"):
        name = auth.text("header", "header_name", "name") or "X-API-Key"
        yield (
            "header",
            {
                "name": name,
                "value": _secret_always(auth, auth.text("key", "value", "api_key", "token") or "", f"{identity}_key"),
            },
        )
    elif kind not in ("none", ""):
        auth.note(f"there is no `auth` of the type `{kind}`: say bearer, basic, header or query by hand")
    auth.note_rest(ADVICE)


def _secret_always(part: Part, text: str, fallback: str) -> dict[str, str]:
    name = secret_of(text)
    if name is None and not has_placeholder(text):
        part.note("credentials do not belong in a file: this becomes a secret")
    return secret(part, name or fallback)


def _body(part: Part) -> Any:
    """The template of the body; None where there is none."""
    given = part.part(*_BODIES)
    if given is None:
        return None
    if isinstance(given.value, str):
        try:
            return _as_template(json.loads(given.value))
        except ValueError:
            given.note("the body is not JSON text: write it as YAML, with `{name}` for each value")
            return {}
    if isinstance(given.value, list) and all(isinstance(name, str) for name in given.value):
        return {name: f"{{{name}}}" for name in given.value}
    return _as_template(given.value)


def _as_template(value: Any) -> Any:
    match value:
        case str():
            return re.sub(r"^\$([A-Za-z_]\w*)$", r"{\1}", _HOLE.sub(r"{\1}", value))
        case dict():
            return {name: _as_template(item) for name, item in value.items()}
        case list():
            return [_as_template(item) for item in value]
    return value


def _holes(value: Any) -> list[str]:
    match value:
        case str():
            return _HOLE.findall(value)
        case dict():
            return [hole for item in value.values() for hole in _holes(item)]
        case list():
            return [hole for item in value for hole in _holes(item)]
    return []
