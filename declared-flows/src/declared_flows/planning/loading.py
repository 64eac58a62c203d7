"""Turns the texts of files into plans. All files are checked, and all that is wrong is reported at once. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from declared_flows.notation.base import Place, Secret
from declared_flows.notation.declaration import FLOW_KEYS, SECTIONS, FlowDeclaration
from declared_flows.notation.diagnostics import Diagnostic, InvalidFlows, Location, place_of
from declared_flows.notation.records import context_with
from declared_flows.notation.suggestions import join_names, suggest
from declared_flows.notation.yaml import InvalidYaml, LocatedValue, read_yaml
from declared_flows.planning.addresses import pattern_of
from declared_flows.planning.plan import FlowPlan, SourceSignature
from declared_flows.planning.planner import plan_flow
from declared_flows.planning.surroundings import Surroundings
from declared_flows.sources.port import SourceKind, SourceOptions


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """A source as a file declares it."""

    name: str
    file: str
    options: SourceOptions
    kind: SourceKind[Any]
    location: Location


@dataclass(frozen=True)
class LoadedFlows:
    """What a set of files declares, all of it sound."""

    sources: Mapping[str, DeclaredSource] = field(default_factory=dict)
    plans: Sequence[FlowPlan] = ()


def load_flows(files: Mapping[str, str], surroundings: Surroundings) -> LoadedFlows:
    """The sources and plans of files.

    Args:
        files: the text of each by its name.
        surroundings: what they may refer to.

    Raises:
        InvalidFlows: with everything that is wrong in any of them.
    """
    loader = _Loader(surroundings)
    documents = [loader.read(file, text) for file, text in sorted(files.items())]
    locations = [Location(file, document) for file, document in zip(sorted(files), documents, strict=True) if document]
    for location in locations:
        loader.read_sources(location)
    if len(locations) < len(files):
        loader.expect_any_source()
    for location in locations:
        loader.read_flows(location)
    if loader.diagnostics:
        raise InvalidFlows(loader.diagnostics)
    return LoadedFlows(loader.sources, loader.plans)


class _Loader:
    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._context = context_with(surroundings.records)
        self.sources: dict[str, DeclaredSource] = {}
        self._signatures: dict[str, SourceSignature] = dict(surroundings.own_sources)
        self._names: dict[str, str] = {}
        self._routes: dict[tuple[str, str], str] = {}
        self._paths: dict[str, tuple[str, str]] = {}
        self.plans: list[FlowPlan] = []
        self.diagnostics: list[Diagnostic] = []

    def read(self, file: str, text: str) -> LocatedValue | None:
        try:
            document = read_yaml(text)
        except InvalidYaml as error:
            self.diagnostics.append(Diagnostic(file, error.line, error.message))
            return None
        self.diagnostics += [
            Diagnostic(file, diagnostic.line, diagnostic.message) for diagnostic in document.diagnostics
        ]
        if not isinstance(document.value, dict):
            self.diagnostics.append(Diagnostic(file, 1, "a file has `sources`, `flows`, or a flow's `name`, `route` …"))
            return None
        return document

    def expect_any_source(self) -> None:
        """Some file can't be read: a source that is in none of the others may be there."""
        self._signatures = _AnySource(self._signatures)

    def read_sources(self, location: Location) -> None:
        declared = location.document.value.get("sources", {})
        if not isinstance(declared, dict):
            self.diagnostics.append(location.diagnostic("`sources` is a mapping from names to sources", ("sources",)))
            return
        for name, declaration in declared.items():
            self._read_source(name, declaration, location.at("sources", name))

    def _read_source(self, name: str, declaration: Any, location: Location) -> None:
        if name in self._signatures:
            where = self.sources[name].file if name in self.sources else "the service itself"
            self.diagnostics.append(location.diagnostic(f"there is a source `{name}` already, in {where}"))
            return
        self._signatures[name] = _UNKNOWN
        options, kind = self._options(declaration, location)
        if options is None or kind is None:
            return
        found = [location.diagnostic(message, place) for place, message in kind.diagnose(options)]
        found += list(_undeclared_secrets(options, location, self._surroundings))
        self.diagnostics += found
        self.sources[name] = DeclaredSource(name, location.file, options, kind, location)
        if not found:
            self._signatures[name] = SourceSignature(kind.signatures(options), options.timeout)

    def _options(self, declaration: Any, location: Location) -> tuple[SourceOptions | None, SourceKind[Any] | None]:
        kinds = self._surroundings.kinds
        if not isinstance(declaration, dict) or "kind" not in declaration:
            self.diagnostics.append(location.diagnostic(f"say which `kind` of source this is: {join_names(kinds)}"))
            return None, None
        kind = kinds.get(str(declaration["kind"]))
        if kind is None:
            known = f"there is no kind `{declaration['kind']}`{suggest(str(declaration['kind']), kinds)}"
            self.diagnostics.append(location.diagnostic(f"{known} (there are {join_names(kinds)})", ("kind",)))
            return None, None
        return self._validate(kind.options, declaration, location), kind

    def read_flows(self, location: Location) -> None:
        document: dict[str, Any] = location.document.value
        flows = document.get("flows", [])
        if not isinstance(flows, list):
            self.diagnostics.append(location.diagnostic("`flows` is a list of flows", ("flows",)))
            flows = []
        for index, flow in enumerate(flows):
            self._read_flow(flow, location.at("flows", index))
        own = {name: value for name, value in document.items() if name not in SECTIONS}
        if FLOW_KEYS & own.keys():
            self._read_flow(own, location)
            return
        for name in own:
            known = f"there is no key `{name}`{suggest(name, FLOW_KEYS | SECTIONS)}"
            self.diagnostics.append(location.diagnostic(known, (name,)))

    def _read_flow(self, declaration: Any, location: Location) -> None:
        flow, unknown = self._keep_valid_part(declaration, location)
        if flow is None:
            return
        if "name" not in unknown:
            self._check_name(flow, location)
        if "route" not in unknown:
            self._check_route(flow, location)
        plan, diagnostics = plan_flow(flow, location, self._signatures, unknown, self._surroundings.reserved_paths)
        self.diagnostics += diagnostics
        if plan is not None:
            self.plans.append(plan)

    def _check_name(self, flow: FlowDeclaration, location: Location) -> None:
        if flow.name in self._names:
            found = f"there is a flow `{flow.name}` already, in {self._names[flow.name]}: give this one another name"
            self.diagnostics.append(location.diagnostic(found, ("name",)))
        self._names.setdefault(flow.name, location.file)

    def _check_route(self, flow: FlowDeclaration, location: Location) -> None:
        pattern = pattern_of(flow.route.path)
        where = flow.route.method, pattern
        path, first = self._paths.setdefault(pattern, (flow.route.path, flow.name))
        if where in self._routes:
            found = f"`{flow.route.method} {flow.route.path}` is served by the flow `{self._routes[where]}` already"
            self.diagnostics.append(location.diagnostic(found, ("route",)))
        elif path != flow.route.path:
            # OpenAPI knows one address by one text.
            found = f"`{flow.route.path}` is the address `{path}` of the flow `{first}`: name its parts as there"
            self.diagnostics.append(location.diagnostic(found, ("route", "path")))
        self._routes.setdefault(where, flow.name)

    def _keep_valid_part(self, declaration: Any, location: Location) -> tuple[FlowDeclaration | None, frozenset[str]]:
        """A flow without what is wrong with it, so that the rest is checked too; and what had to be left out."""
        unknown: set[str] = set()
        for attempt in range(MOST_ATTEMPTS):
            try:
                return FlowDeclaration.model_validate(declaration, context=self._context), frozenset(unknown)
            except ValidationError as error:
                if attempt == 0:
                    self.diagnostics += location.diagnostics_of(error, FlowDeclaration)
                for found in error.errors(include_url=False):
                    declaration = _leave_out(place_of(found), found["type"] == "extra_forbidden", declaration, unknown)
        return None, frozenset()

    def _validate[Model: BaseModel](self, model: type[Model], declaration: Any, location: Location) -> Model | None:
        try:
            return model.model_validate(declaration, context=self._context)
        except ValidationError as error:
            self.diagnostics += location.diagnostics_of(error, model)
            return None


MOST_ATTEMPTS = 3
"""How often what is wrong with a flow is left out to see whether the rest is a flow."""

_STAND_INS: Mapping[str, Any] = {"name": "unnamed", "route": {"path": "/unknown"}, "response": {"unknown": None}}
"""What takes the place of a part that can't be left out."""


def _leave_out(place: Place, is_unknown_key: bool, declaration: Any, unknown: set[str]) -> Any:  # noqa: FBT001  one of two ways
    """A flow without a part that is wrong: an unknown key alone, a whole step, or all that is below a key."""
    if not isinstance(declaration, dict) or not place:
        return declaration
    key = str(place[0])
    if is_unknown_key:
        return _delete(declaration, place)
    if key == "steps" and len(place) > 1:
        unknown.add(str(place[1]))
        return _delete(declaration, place[:2])
    unknown.add(key)
    left = _delete(declaration, (key,))
    return {**left, key: _STAND_INS[key]} if key in _STAND_INS else left


def _delete(value: Any, place: Place) -> Any:
    """A copy without what is at a place."""
    if isinstance(value, list):
        return [_delete(item, place[1:]) if index == place[0] else item for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if len(place) == 1:
        return {name: item for name, item in value.items() if name != place[0]}
    return {name: _delete(item, place[1:]) if name == place[0] else item for name, item in value.items()}


_UNKNOWN = SourceSignature(None)


class _AnySource(dict[str, SourceSignature]):
    """Known sources; an unreadable file may declare others. That is reported once, not by each step."""

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ARG002  there is always one
        return self[name]

    def __missing__(self, name: str) -> SourceSignature:
        return _UNKNOWN


def _undeclared_secrets(options: SourceOptions, location: Location, surroundings: Surroundings) -> Iterator[Diagnostic]:
    for place, secret in _secrets(options):
        if secret.secret not in surroundings.secrets:
            setting = f"{surroundings.setting_prefix}{secret.secret.upper()}"
            yield location.diagnostic(f"there is no secret `{secret.secret}`: set {setting}", place)


def _secrets(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Secret]]:
    if isinstance(value, Secret):
        yield place, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name), (*place, name))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _secrets(item, (*place, name))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _secrets(item, (*place, index))
