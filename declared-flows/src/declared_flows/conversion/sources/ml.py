"""Model servers of the old files as sources of the kind `ml`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from declared_flows.conversion.part import Part
from declared_flows.conversion.secrets import text_or_secret
from declared_flows.conversion.sources.http_api import address_of, headers_of
from declared_flows.conversion.sources.source import ADVICE, OldSource, Use

PREDICT = "predict"
_PICKED = "@"
_V2 = re.compile(r"/v2/models/([A-Za-z0-9._-]+)/infer/?$")
_URI = re.compile(r"(models|runs):/\S+")

type Leaves = dict[tuple[str, ...], Any]


@dataclass(eq=False)
class OldMl(OldSource):
    """A model.

    Args:
        model: what stands under the model's name, where one server has several.
    """

    model: Part | None = None

    kind = "ml"
    whole = "prediction"

    def operation(self, use: Use) -> str:
        """Ours has one operation for one row."""
        del use
        return PREDICT

    def params(self, use: Use) -> dict[str, Any]:
        """The inputs, whatever stood around them."""
        names = self._names()
        return {names[path]: value for path, value in _leaves(use.params).items() if path in names}

    def declaration(self) -> dict[str, Any] | None:
        """The ways to the model, what it takes and what it gives."""
        uses = self.uses.get(PREDICT, [])
        if not uses:
            self.part.note(f"no endpoint asks `{self.identity}`: it is left out")
            return None
        ways = list(self._ways())
        found: dict[str, Any] = {"kind": "ml", "load": ways[0] if len(ways) == 1 else ways, **dict(self._limits())}
        names = self._names()
        found["inputs"] = {name: self._input(path) for path, name in names.items()}
        fields = sorted({field for use in uses for field in use.fields})
        if fields and fields != [self.whole]:
            found["outputs"] = {field: {} for field in fields}
        self.part.tick("type", "name", "source_id", "id", "models", "description", "operations", "endpoints")
        self.part.note_rest(ADVICE)
        return found

    def _input(self, path: tuple[str, ...]) -> dict[str, Any]:
        is_always_given = all(path in _leaves(use.params) for use in self.uses[PREDICT])
        return {} if is_always_given else {"optional": True}

    def _names(self) -> dict[tuple[str, ...], str]:
        """The name of each input, by where it stands in what is sent. What is always the same is no input."""
        uses = [_leaves(use.params) for use in self.uses[PREDICT]]
        paths = dict.fromkeys(path for leaves in uses for path in leaves)
        inputs = [path for path in paths if not _is_constant(path, uses)]
        last = [path[-1] for path in inputs]
        return {path: path[-1] if last.count(path[-1]) == 1 else "_".join(path) for path in inputs}

    def _ways(self) -> Iterator[dict[str, Any]]:
        """The strategies, in the order in which they were tried."""
        model = self.model
        loaded = model.part("source", "loading", "artifact") if model is not None else None
        loaded = loaded if loaded is not None else self.part.part("source", "loading")
        if loaded is not None and loaded.is_mapping:
            yield from self._container_of(loaded)
        yield from self._file_or_registry(model if model is not None else self.part)
        if self.part.has("base_url") or self.part.has("url"):
            yield {"http": self._server()}

    def _file_or_registry(self, part: Part) -> Iterator[dict[str, Any]]:
        if (path := part.text("model_path", "artifact_path", "path")) is not None:
            part.tick("model_type")
            yield {"artifact": {"path": path}}
        if (uri := part.text("model_uri", "registry_uri")) is not None:
            if _URI.fullmatch(uri) is None:
                part.note(f"`{uri}` is not an address in MLflow's registry: say models:/name@alias")
            tracking = part.text("tracking_uri", "mlflow_tracking_uri")
            yield {"registry": {"uri": uri} | ({"tracking_uri": tracking} if tracking else {})}

    def _container_of(self, part: Part) -> Iterator[dict[str, Any]]:
        kind = (part.text("type", "kind") or "").lower()
        if kind in ("local_artifact", "artifact", "local", "file"):
            part.tick("startup_command", "command", "host", "port", "startup_delay")
            part.note("the process is started, awaited and ended by the service itself, without a command or a delay")
            yield {"artifact": {"path": part.text("path", "model_path") or ""}}
        elif kind in ("docker", "ecr"):
            image = ("image",) if kind == "docker" else ("repository", "tag", "region", "account")
            found: dict[str, Any] = {name: text for name in image if (text := part.text(name)) is not None}
            found |= {"port": port} if (port := part.value_of("container_port", "port")) is not None else {}
            found |= self._variables(part)
            part.tick("host_port", "pull", "startup_delay")
            yield {kind: found | self._protocol(self._path())}
        elif kind in ("mlflow", "registry"):
            yield from self._file_or_registry(part)
        else:
            part.note(f"there is no way `{kind}` to a model: say http, registry, artifact, docker or ecr")
        part.note_rest(ADVICE)

    def _variables(self, part: Part) -> dict[str, Any]:
        variables = list(part.parts("environment", "env"))
        env = {each.name: text_or_secret(each, str(each.value), f"{self.identity}_{each.name}") for each in variables}
        return {"env": env} if env else {}

    def _server(self) -> dict[str, Any]:
        path = self._path()
        url = address_of(self.part, self.identity)
        told = headers_of(self.part, self.identity)
        if self.model is not None and self.model.has("headers"):
            own = headers_of(self.model, self.identity)
            told = {**told, **own}
        protocol = self._protocol(path)
        ahead = (
            path[: path.rindex("/invocations")] if protocol["protocol"] == "mlflow" and "/invocations" in path else ""
        )
        if protocol["protocol"] == "v2" and isinstance(found := _V2.search(path), re.Match):
            ahead = path[: found.start()]
        return {"url": f"{url}{ahead}", **protocol, **told}

    def _path(self) -> str:
        model = self.model if self.model is not None else self.part
        path = model.text("endpoint", "path", "predict_path") or self.part.text("endpoint", "predict_path")
        if path is None:
            path = next((text for part in self._operations() if (text := part.text("endpoint", "path"))), None)
        if model is not self.part:
            model.tick("method", "timeout", "name", "version", "description")
            model.note_rest(ADVICE)
        return f"/{path.strip('/')}" if path else ""

    def _protocol(self, path: str) -> dict[str, Any]:
        said = (self.part.text("protocol", "serving", "type") or "").lower()
        if path.endswith("/invocations") or said == "mlflow":
            return {"protocol": "mlflow"}
        if (found := _V2.search(path)) is not None:
            return {"protocol": "v2", "model": found[1]}
        self.part.note("check `body` and `pick`: the old files do not declare the server's inputs and outputs")
        return {"protocol": "json"} | ({"path": path} if path else {}) | {"body": self._body(), "pick": _PICKED}

    def _body(self) -> dict[str, Any]:
        names = self._names()
        body: dict[str, Any] = {}
        for use in self.uses[PREDICT]:
            for path, value in _leaves(use.params).items():
                inner = body
                for name in path[:-1]:
                    inner = inner.setdefault(name, {})
                inner[path[-1]] = f"{{{names[path]}}}" if path in names else value
        return body


def _leaves(params: Any, ahead: tuple[str, ...] = ()) -> Leaves:
    if not isinstance(params, dict) or not params:
        return {ahead: params} if ahead else {}
    return {path: value for name, item in params.items() for path, value in _leaves(item, (*ahead, name)).items()}


def _is_constant(path: tuple[str, ...], uses: list[Leaves]) -> bool:
    values = [leaves.get(path) for leaves in uses]
    is_filled = any(isinstance(value, str) and "$" in value for value in values)
    return not is_filled and all(value == values[0] for value in values)
