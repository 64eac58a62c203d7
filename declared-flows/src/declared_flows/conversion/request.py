"""What a caller of an old endpoint gives, and where: address, method, parameters and body."""

import re
from collections.abc import Sequence
from typing import Any

from declared_flows.conversion.part import Part
from declared_flows.conversion.references import Path
from declared_flows.conversion.schemas import fields_of, object_of

_ADVICE = "convert it by hand; docs/flows-reference.md lists the keys of a request"
_DECLARED = ("request_schema", "request", "input_schema", "parameters", "inputs")
_PARTS = {"path_params": "path", "query_params": "query", "headers": "headers"}
_ANY_PARTS = {**_PARTS, "path": "path", "query": "query"}
_BODIES = ("body", "json", "data")
_HOLE = re.compile(r"\{(\w+)\}")
_OLD_HOLE = re.compile(r"(?<=/):(\w+)|<(?:\w+:)?(\w+)>")
_OURS = re.compile(r"\$request\.(path|query|headers|body)\.(\w+)")
_WITHOUT_BODY = (None, "GET", "DELETE")


class OldRequest:
    """The request of an endpoint.

    Args:
        part: the endpoint.
        place: what its address is where it says none.
        prefix: what every address begins with.
    """

    def __init__(self, part: Part, place: str, prefix: str) -> None:
        self._part = part
        given = part.text("path", "route", "url")
        self._is_addressed = given is not None
        self._path = _address(given or place, prefix.rstrip("/"))
        self._holes: Sequence[str] = _HOLE.findall(self._path)
        self._method = self._declared_method()
        self._fields: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "headers": {}}
        self._body: dict[str, Any] | None = None
        self._reads_body = False
        if (declared := part.part(*_DECLARED)) is not None:
            self._read_parameters(declared)
        self._read_parts(part, _PARTS)

    def reference(self, names: Sequence[str], asking: Part) -> Path | None:
        """Where `$request.…` is in ours.

        Args:
            names: what stands behind `$request`.
            asking: where that stands.
        """
        if not names:
            asking.note("`$request` as a whole is taken as its body")
        if not names or names[0] in _BODIES:
            return self._in_body(names[1:], asking)
        if names[0] in _ANY_PARTS:
            where = _ANY_PARTS[names[0]]
            return self._in_part(where, names[1:]) if len(names) > 1 else ("request", where)
        return self._guess(names, asking)

    def type_of(self, value: Any) -> str | None:
        """The type of a value that is a part of the request; None for another one, and where none is said."""
        found = _OURS.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return None
        fields = (self._body or {}).get("properties", {}) if found[1] == "body" else self._fields[found[1]]
        kind: str | None = fields.get(found[2], {}).get("type")
        return kind

    def route(self) -> dict[str, str]:
        """The method and the address; once everything is read that is read of the request."""
        method = self._method or ("POST" if self._has_body else "GET")
        if method == "GET" and self._has_body:
            self._part.note("a GET has no body: it becomes a POST", "method")
            method = "POST"
        missing = [name for name in self._fields["path"] if name not in self._holes]
        path = "".join([self._path, *(f"/{{{name}}}" for name in missing)])
        if missing or not self._is_addressed:
            why = "it lacks what is read of it" if self._is_addressed else "it was said nowhere"
            self._part.note(f"check the address `{path}`: {why}")
        summary = self._part.text("summary", "title")
        return {"method": method, "path": path} | ({"summary": summary} if summary else {})

    def declaration(self) -> dict[str, Any]:
        """What the caller gives, in ours."""
        for name in self._holes:
            if name not in self._fields["path"]:
                self._assume("path", name)
        found: dict[str, Any] = {name: fields for name, fields in self._fields.items() if fields}
        return found | ({"body": self._body or {"type": "object"}} if self._has_body else {})

    @property
    def _has_body(self) -> bool:
        return self._body is not None or self._reads_body

    def _declared_method(self) -> str | None:
        methods = self._part.value_of("method", "http_method", "methods")
        if isinstance(methods, list):
            if len(methods) > 1:
                self._part.note("a flow has one method: the first is taken, add a flow for each other one", "methods")
            methods = next(iter(methods), None)
        return str(methods).upper() if methods else None

    def _read_parameters(self, part: Part) -> None:
        if not self._read_parts(part, _ANY_PARTS):
            self._read_plain(part)
        part.note_rest(_ADVICE)

    def _read_parts(self, part: Part, parts: dict[str, str]) -> bool:
        """Read what says where it stands; whether anything does."""
        found = [(ours, inner) for theirs, ours in parts.items() if (inner := part.part(theirs)) is not None]
        for ours, inner in found:
            self._fields[ours] |= fields_of(inner, are_needed=ours == "path")
        if ours_body := [inner for name in _BODIES if (inner := part.part(name)) is not None]:
            self._body = object_of(ours_body[0])
        return bool(found or ours_body)

    def _read_plain(self, part: Part) -> None:
        """Read fields whose location (path, query or body) is not declared."""
        fields = fields_of(part, are_needed=True)
        here = {name: schema for name, schema in fields.items() if name in self._holes}
        self._fields["path"] |= {name: schema | {"optional": False} for name, schema in here.items()}
        for schema in self._fields["path"].values():
            schema.pop("optional", None)
        rest = {name: schema for name, schema in fields.items() if name not in self._holes}
        if self._method in _WITHOUT_BODY:
            self._fields["query"] |= rest
        elif rest:
            self._body = {"type": "object", "properties": rest}

    def _in_body(self, names: Sequence[str], asking: Part) -> Path:
        self._reads_body = True
        fields = (self._body or {}).get("properties")
        if names and fields is not None and names[0] not in fields:
            fields[names[0]] = {"optional": True}
            asking.note(f"`{names[0]}` is not described in the body: it is taken as optional, of any type")
        return "request", "body", *names

    def _in_part(self, where: str, names: Sequence[str]) -> Path:
        name = names[0].lower().replace("-", "_") if where == "headers" else names[0]
        if name not in self._fields[where]:
            self._assume(where, name)
        return "request", where, name, *names[1:]

    def _guess(self, names: Sequence[str], asking: Part) -> Path | None:
        """Guess where an undeclared `$request.x` comes from."""
        for where, fields in self._fields.items():
            if names[0] in fields:
                return "request", where, *names
        if names[0] in self._holes or (not self._is_addressed and names[0].endswith("id")):
            return self._in_part("path", names)
        if self._method in _WITHOUT_BODY and self._body is None:
            return self._in_part("query", names)
        return self._in_body(names, asking)

    def _assume(self, where: str, name: str) -> None:
        self._fields[where][name] = {"type": "string"} | ({} if where == "path" else {"optional": True})
        self._part.note(f"`{name}` in the {where} is taken as a string: say another type where it has one")


def _address(given: str, prefix: str) -> str:
    path = _OLD_HOLE.sub(lambda found: f"{{{found[1] or found[2]}}}", f"/{given.strip('/')}")
    return path if not prefix or path.startswith(f"{prefix}/") else f"/{prefix.strip('/')}{path}"
