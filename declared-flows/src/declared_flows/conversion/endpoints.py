"""An endpoint of the old files as a flow of ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from declared_flows.conversion.part import Part
from declared_flows.conversion.references import LEFT_OUT, Path, References
from declared_flows.conversion.request import OldRequest
from declared_flows.conversion.schemas import fields_of
from declared_flows.conversion.sources.feast import feature_of
from declared_flows.conversion.sources.source import KINDS, OldSource, Use, slug, step_name
from declared_flows.conversion.times import seconds_of
from declared_flows.notation.durations import format_duration

_ADVICE = "convert it by hand; docs/flows-reference.md lists the keys of a flow"
_STEP_ADVICE = "convert it by hand; docs/flows-reference.md lists the keys of a step"
_COMPUTED = ("direct", "request", "static", "transform", "computed")
_SOURCES = ("data_sources", "sources", "steps")
_TIMES = ("timeout", "timeout_ms", "timeout_seconds")
_DEFAULT_SECONDS = 2.0
_ANSWER = ""
"""Who reads a step, where that is no step but the answer."""

type Resolve = Callable[[str, Part], OldSource | None]
"""The source that a data source of a kind asks."""


@dataclass(frozen=True)
class Defaults:
    """What holds for all endpoints.

    Args:
        domain: the name of the domain.
        prefix: what every address begins with.
        seconds: time of an answer.
    """

    domain: str
    prefix: str = ""
    seconds: float | None = None


class Endpoint:
    """An endpoint: read when it is made, written once all are read.

    Args:
        part: where it stands.
        name: its name there.
        defaults: what holds for all.
        resolve: finds sources.
    """

    def __init__(self, part: Part, name: str, defaults: Defaults, resolve: Resolve) -> None:
        self._part = part
        self._defaults = defaults
        self._resolve = resolve
        domain, own = slug(defaults.domain), slug(name)
        self.name = own if own == domain or own.startswith(f"{domain}-") else slug(domain, own)
        """Of the flow."""
        self._request = OldRequest(part, f"/{domain}/{own}", defaults.prefix)
        self._steps: dict[str, dict[str, Any]] = {}
        self._asked: dict[str, tuple[OldSource, Use]] = {}
        self._reads: dict[str, set[Path]] = {}
        self._read_by: dict[str, set[str]] = {_ANSWER: set()}
        self._reader = _ANSWER
        self._references = References(self._known)
        sources = list(part.parts(*_SOURCES))
        self._names = {_old_name(source): step_name(_old_name(source)) for source in sources}
        self._features = {self._names[_old_name(source)] for source in sources if _kind_of(source) == "feast"}
        for source in sources:
            self._read_source(source)
        self._reader = _ANSWER
        self._response = self._read_response()
        self._leave_out_unread()
        self._answer = self._read_answer()
        self._seconds = seconds_of(part, *_TIMES) or defaults.seconds
        part.tick("name", "id", "operation_id", "endpoint_type", "domain", "primary_source")

    def flow(self, name: str, names: Mapping[OldSource, str]) -> dict[str, Any]:
        """The flow, once all endpoints are read.

        Args:
            name: its name.
            names: our name of each source.
        """
        steps = {step: self._finish(step, found, names) for step, found in self._steps.items()}
        flow: dict[str, Any] = {
            "name": name,
            "description": self._part.text("description"),
            "route": self._request.route(),
            "request": self._request.declaration(),
            "timeout": self._timeout(),
            "steps": steps,
            "response": self._unwrap(self._response),
            "answer": self._answer,
        }
        self._part.note_rest(_ADVICE)
        return {key: value for key, value in flow.items() if value}

    def _timeout(self) -> str | None:
        """Time of the answer: what was said, and no shorter than a step may take."""
        own = [seconds_of(use.part, *_TIMES) or 0.0 for _, use in self._asked.values()]
        longest = max(own, default=0.0)
        if longest > (self._seconds or _DEFAULT_SECONDS):
            return format_duration(longest)
        return format_duration(self._seconds) if self._seconds else None

    def _read_source(self, part: Part) -> None:
        name = self._names[_old_name(part)]
        if name in self._read_by:
            part.note(f"there is a data source `{name}` already: name this one otherwise, by hand")
            return
        self._reader = name
        self._read_by[name] = set()
        kind = _kind_of(part)
        part.tick("type", "kind")
        step = self._options(part)
        given = part.part("params", "parameters", "input", "inputs")
        found = self._references.value(given) if given is not None else {}
        params = {} if found is LEFT_OUT else found
        if kind in _COMPUTED:
            self._steps[name] = {"value": params, **step}
        elif kind not in KINDS:
            part.note(f"there is no data source of the type `{kind}`: say {', '.join(KINDS)}; the step is left out")
        elif (source := self._resolve(kind, part)) is not None:
            told = params if isinstance(params, dict) else {"input": params}
            types = {each: said for each, value in told.items() if (said := self._request.type_of(value))}
            use = Use(part, name, part.text("operation", "query_name") or name, told, self._reads_of(name), types)
            source.add(use)
            self._asked[name] = source, use
            self._steps[name] = step
        part.tick("name", "id", "primary", "depends_on", "description", "source_id", "source", "operation")
        part.note_rest(_STEP_ADVICE)

    def _options(self, part: Part) -> dict[str, Any]:
        """What a step has beside its source."""
        found: dict[str, Any] = {}
        condition = part.part("condition", "when", "if")
        if condition is not None and (when := self._references.condition(condition)) is not LEFT_OUT:
            found["when"] = when
        if (seconds := seconds_of(part, *_TIMES)) is not None:
            found["timeout"] = format_duration(seconds)
        if isinstance(again := part.value_of("retries", "retry_count"), int):
            found["attempts"] = again + 1
        if (age := seconds_of(part, "cache_ttl", "cache_ttl_seconds", "cache", in_seconds=True)) is not None:
            found["cache"] = format_duration(age)
        default = part.value_of("default", "fallback", "default_value")
        if part.value_of("optional") is True or part.value_of("required") is False or default is not None:
            found["optional"] = True
        return found | ({"default": default} if default is not None else {})

    def _reads_of(self, name: str) -> set[Path]:
        return self._reads.setdefault(name, set())

    def _leave_out_unread(self) -> None:
        """Ours takes no step that nothing reads, unless it changes something."""
        while unread := [name for name in self._steps if self._is_idle(name)]:
            for name in unread:
                del self._steps[name]
                part = self._part
                if name in self._asked:
                    source, use = self._asked.pop(name)
                    source.remove(use)
                    part = use.part
                part.note(f"nothing reads the data source `{name}`: it is left out")

    def _is_idle(self, name: str) -> bool:
        if any(name in self._read_by[reader] for reader in (*self._steps, _ANSWER) if reader != name):
            return False
        asked = self._asked.get(name)
        return asked is None or not asked[0].changes(asked[1])

    def _finish(self, name: str, step: dict[str, Any], names: Mapping[OldSource, str]) -> dict[str, Any]:
        if name not in self._asked:
            return {key: self._unwrap(value) for key, value in step.items()}
        source, use = self._asked[name]
        params = self._unwrap(source.params(use))
        return {
            "source": names[source],
            "operation": source.operation(use),
            **({"params": params} if params else {}),
            **step,
        }

    def _read_response(self) -> dict[str, Any]:
        mapping = self._part.part("response_mapping", "response", "output_mapping")
        if mapping is not None and mapping.value:
            value = self._references.value(mapping)
            if isinstance(value, dict) and value:
                return self._rename(value)
        primary = self._primary()
        names = [primary] if primary else list(self._steps)
        for name in names:
            self._read_by[_ANSWER].add(name)
            self._reads_of(name).add(())
        if primary:
            self._part.note(f"what `{primary}` gives was the whole answer; here it is a field: name its fields by hand")
        return {name: f"${name}" for name in names}

    def _rename(self, value: dict[str, Any]) -> dict[str, Any]:
        if "degraded" in value:
            self._part.note("the service adds `degraded` itself: the field becomes `isDegraded`")
            value["isDegraded"] = value.pop("degraded")
        return value

    def _primary(self) -> str | None:
        said = self._part.text("primary_source")
        marked = [
            _old_name(source)
            for source in self._part.parts(*_SOURCES)
            if source.is_mapping and source.value.get("primary") is True
        ]
        found = next((self._names[name] for name in (said, *marked) if name in self._names), None)
        if found is None and len(self._steps) == 1:
            found = next(iter(self._steps))
        return found if found in self._steps else None

    def _read_answer(self) -> dict[str, Any]:
        declared = self._part.part("response_schema", "output_schema")
        if declared is None:
            return {}
        fields = fields_of(declared, are_needed=False)
        for name in fields.keys() - self._response.keys():
            declared.note(f"the answer has no field `{name}`: its description is left out")
        return {name: schema for name, schema in fields.items() if name in self._response}

    def _unwrap(self, value: Any) -> Any:
        """A value with the fields in it that whole answers are in ours."""
        if isinstance(value, dict):
            return {name: self._unwrap(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._unwrap(item) for item in value]
        if isinstance(value, str) and value[:1] == "$" and value[1:] in self._asked:
            source, use = self._asked[value[1:]]
            if source.whole and not use.fields:
                return f"{value}.{source.whole}"
        return value

    def _known(self, path: Path, part: Part) -> Path | None:
        root, *rest = path
        if root == "request":
            return self._request.reference(rest, part)
        if root in self._names:
            name = self._names[root]
            self._read_by[self._reader].add(name)
            if name in self._features and (found := feature_of(rest)):
                self._reads_of(name).add((":".join(found),))
                return name, found[-1]
            self._reads_of(name).add(tuple(rest))
            return name, *rest
        part.note(f"there is no `${'.'.join(path)}`: see that the caller or a step gives it")
        return None


def _kind_of(part: Part) -> str:
    return str(part.value.get("type") or part.value.get("kind") or "").lower() if part.is_mapping else ""


def _old_name(part: Part) -> str:
    said = (part.value.get("name") or part.value.get("id")) if part.is_mapping else None
    return str(said or part.name)
