"""Connections and statements of the old files as sources of the kind `database`."""

import re
from collections.abc import Sequence
from typing import Any

from declared_flows.conversion.part import Part
from declared_flows.conversion.schemas import fields_of
from declared_flows.conversion.secrets import (
    credentials,
    has_placeholder,
    secret,
    secret_of,
    text_or_secret,
    with_defaults,
)
from declared_flows.conversion.sources.source import ADVICE, OldSource, Use

_TEXT_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_BIND = re.compile(r"(?<![\w:]):([A-Za-z_]\w*)")
_DRIVER_BIND = re.compile(r"%\((\w+)\)s")
_TEMPLATE = re.compile(r"'?\$?\{\{?\s*([A-Za-z_]\w*)\s*\}?\}'?")
_WRITES = re.compile(r"\s*(insert|update|delete|replace|merge)\b", re.IGNORECASE)
_ONE = frozenset({"one", "single", "first", "fetch_one", "fetchone", "row", "object"})
_MANY = frozenset({"many", "all", "list", "fetch_all", "fetchall", "rows", "array"})
_VALUE = frozenset({"value", "scalar"})


class OldDatabase(OldSource):
    """A connection, and the statements that are sent over it."""

    kind = "database"

    def params(self, use: Use) -> dict[str, Any]:
        """Those that the statement has."""
        statement = self._statement(use.operation)
        if statement is None:
            use.part.note(
                f"there is no statement `{use.operation}` for `{self.identity}`: add it to the source by hand"
            )
            return use.params
        binds = binds_of(statement_text(statement, quietly=True))
        for name in use.params.keys() - set(binds):
            use.part.note(f"the parameter `{name}` is left out: the statement has no `:{name}`", "params", name)
        return {name: value for name, value in use.params.items() if name in binds}

    def changes(self, use: Use) -> bool:
        """What its first word says."""
        statement = self._statement(use.operation)
        return statement is not None and bool(_WRITES.match(statement_text(statement, quietly=True)))

    def declaration(self) -> dict[str, Any] | None:
        """The connection, with the statements that are used or stand below it."""
        operations = {name: self._operation(name, part) for name in self._names() if (part := self._statement(name))}
        if not operations:
            self.part.note(f"no statement is sent over `{self.identity}`: it is left out")
            return None
        found = {"kind": "database", **self._connection(), **dict(self._limits()), "operations": operations}
        self.part.tick("type", "driver", "dialect", "operations", "queries", "name", "source_id", "id")
        self.part.tick("pool_timeout", "pool_recycle", "max_overflow", "pool_pre_ping", "connect_args", "echo")
        self.part.note_rest(ADVICE)
        return found

    def _names(self) -> Sequence[str]:
        own = [part.name for part in self._operations()]
        return list(dict.fromkeys([*own, *self.uses]))

    def _statement(self, name: str) -> Part | None:
        own = next((part for part in self._operations() if part.name == name), None)
        return own or self.beside.get(name)

    def _operation(self, name: str, part: Part) -> dict[str, Any]:
        sql = statement_text(part)
        declared = fields_of(_descriptions_of(part), are_needed=True)
        params = {bind: declared.get(bind, {}) for bind in binds_of(sql)}
        found: dict[str, Any] = {"sql": sql}
        if text := part.text("description"):
            found["description"] = text
        if params:
            found["params"] = params
        found |= {"returns": returns} if (returns := self._returns(name, part)) != "one" else {}
        if _WRITES.match(sql):
            found["write"] = True
        if isinstance(most := part.value_of("max_rows"), int):
            found["max_rows"] = most
        part.tick("source_id", "source", "connection", "params", "parameters", "name", "type")
        part.note_rest(ADVICE)
        return found

    def _returns(self, name: str, part: Part) -> str:
        said = (part.text("returns", "fetch", "result", "result_type", "return_type") or "").lower()
        for known, words in (("one", _ONE), ("many", _MANY), ("value", _VALUE)):
            if said in words:
                return known
        uses = self.uses.get(name, ())
        if any(use.is_list for use in uses):
            return "many"
        if not any(use.fields for use in uses) and not _WRITES.match(statement_text(part, quietly=True)):
            part.note(f"`{name}` is taken to give one row: say `returns: many` where it gives a list")
        return "one"

    def _connection(self) -> dict[str, Any]:
        given = self.part.text("connection_string", "url", "dsn", "uri", "database_url")
        if given is None:
            return self._assemble()
        given = with_defaults(self.part, given)
        if secret_of(given):
            return {"url": text_or_secret(self.part, given, "")}
        url, user, password = credentials(given)
        url = _driverless(url)
        if has_placeholder(url) or (user and has_placeholder(user)):
            self.part.note("the address is a secret as a whole: postgresql://USER:PASSWORD@HOST:PORT/NAME")
            return {"url": secret(self.part, f"{self.identity}_url")}
        self._check(url)
        return {"url": url} | ({"user": user} if user else {}) | self._password(password)

    def _assemble(self) -> dict[str, Any]:
        part = self.part
        kind = (part.text("type", "driver", "dialect") or "").lower().partition("+")[0]
        name = with_defaults(part, part.text("database", "dbname", "db_name", "path", "file") or "")
        if kind == "sqlite" or (not kind and not part.has("host")):
            return {"url": f"sqlite:///{name.removeprefix('sqlite:///')}"}
        host, port, user = (
            with_defaults(part, part.text(*names) or "")
            for names in (("host", "hostname"), ("port",), ("user", "username"))
        )
        if any(map(has_placeholder, (host, port, user, name))):
            part.tick("password")
            part.note("the address is a secret as a whole: postgresql://USER:PASSWORD@HOST:PORT/NAME")
            return {"url": secret(part, f"{self.identity}_url")}
        url = f"{_driverless(kind)}://{host}{':' + port if port else ''}/{name}"
        self._check(url)
        return {"url": url} | ({"user": user} if user else {}) | self._password(part.text("password"))

    def _password(self, password: str | None) -> dict[str, Any]:
        if not password:
            return {}
        name = secret_of(password)
        if name is None:
            self.part.note("credentials do not belong in a file: this becomes a secret")
        return {"password": secret(self.part, name or f"{self.identity}_password")}

    def _check(self, url: str) -> None:
        if not url.startswith(("sqlite:", "postgresql:")):
            self.part.note(f"there is no `{url.partition(':')[0]}` here: SQLite and PostgreSQL are what there is")


def statement_text(part: Part, *, quietly: bool = False) -> str:
    """The text of a statement, with our parameters in it."""
    names = ("query", "sql", "statement")
    text = part.value if isinstance(part.value, str) else part.text(*names) or ""
    bound = _TEMPLATE.sub(lambda found: f":{found[1]}", _DRIVER_BIND.sub(r":\1", text.strip().removesuffix(";")))
    if "?" in bound and (listed := _names_of(part)):
        for name in listed:
            bound = bound.replace("?", f":{name}", 1)
    if _TEMPLATE.search(text) and not quietly:
        part.note("values are bound, never written into a statement: see that each `:name` stands for a value", "query")
    return "\n".join(line.rstrip() for line in bound.splitlines())


def binds_of(sql: str) -> list[str]:
    """The parameters of a statement, each once."""
    return list(dict.fromkeys(_BIND.findall(_TEXT_LITERAL.sub("''", sql))))


def _descriptions_of(part: Part) -> Part | None:
    """What is said of parameters beyond their names."""
    params = part.part("params", "parameters")
    return params if params is not None and not _names_of(part) else None


def _names_of(part: Part) -> list[str]:
    params = part.value.get("params", part.value.get("parameters")) if part.is_mapping else None
    is_list = isinstance(params, list) and all(isinstance(name, str) for name in params)
    return [str(name) for name in params] if is_list and params else []


def _driverless(url: str) -> str:
    bare = re.sub(r"^(\w+)\+\w+", r"\1", url)
    return re.sub(r"^postgres(?=:|$)", "postgresql", bare)
