"""Makes plans of files: reads all of them, checks all of them, and says everything that is wrong at once. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from declared_flows.notation.base import Place, Secret
from declared_flows.notation.declaration import FLOW_KEYS, SECTIONS, FlowDeclaration
from declared_flows.notation.diagnostics import FlowMistakes, Mistake, Spot, place_of
from declared_flows.notation.records import context_with
from declared_flows.notation.suggestions import listed, meant
from declared_flows.notation.yaml import Located, YamlMistake, located
from declared_flows.planning.addresses import pattern_of
from declared_flows.planning.plan import FlowPlan, SourceSignature
from declared_flows.planning.planner import planned
from declared_flows.planning.surroundings import Surroundings
from declared_flows.sources.port import SourceKind, SourceOptions


@dataclass(frozen=True, slots=True)
class DeclaredSource:
    """A source as a file declares it."""

    name: str
    file: str
    options: SourceOptions
    kind: SourceKind[Any]
    spot: Spot


@dataclass(frozen=True)
class LoadedFlows:
    """What a set of files declares, all of it sound."""

    sources: Mapping[str, DeclaredSource] = field(default_factory=dict)
    plans: Sequence[FlowPlan] = ()


def loaded(files: Mapping[str, str], surroundings: Surroundings) -> LoadedFlows:
    """The sources and plans of files.

    Args:
        files: the text of each by its name.
        surroundings: what they may refer to.

    Raises:
        FlowMistakes: with everything that is wrong in any of them.
    """
    loader = _Loader(surroundings)
    documents = [loader.read(file, text) for file, text in sorted(files.items())]
    spots = [Spot(file, document) for file, document in zip(sorted(files), documents, strict=True) if document]
    for spot in spots:
        loader.read_sources(spot)
    if len(spots) < len(files):
        loader.expect_any_source()
    for spot in spots:
        loader.read_flows(spot)
    if loader.mistakes:
        raise FlowMistakes(loader.mistakes)
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
        self.mistakes: list[Mistake] = []

    def read(self, file: str, text: str) -> Located | None:
        try:
            document = located(text)
        except YamlMistake as error:
            self.mistakes.append(Mistake(file, error.line, error.message))
            return None
        self.mistakes += [Mistake(file, mistake.line, mistake.message) for mistake in document.mistakes]
        if not isinstance(document.value, dict):
            self.mistakes.append(Mistake(file, 1, "a file has `sources`, `flows`, or a flow's `name`, `route` …"))
            return None
        return document

    def expect_any_source(self) -> None:
        """Some file can't be read: a source that is in none of the others may be there."""
        self._signatures = _AnySource(self._signatures)

    def read_sources(self, spot: Spot) -> None:
        declared = spot.document.value.get("sources", {})
        if not isinstance(declared, dict):
            self.mistakes.append(spot.mistake("`sources` is a mapping from names to sources", ("sources",)))
            return
        for name, declaration in declared.items():
            self._read_source(name, declaration, spot.at("sources", name))

    def _read_source(self, name: str, declaration: Any, spot: Spot) -> None:
        if name in self._signatures:
            where = self.sources[name].file if name in self.sources else "the service itself"
            self.mistakes.append(spot.mistake(f"there is a source `{name}` already, in {where}"))
            return
        self._signatures[name] = _UNKNOWN
        options, kind = self._options(declaration, spot)
        if options is None or kind is None:
            return
        found = [spot.mistake(message, place) for place, message in kind.mistakes(options)]
        found += list(_undeclared_secrets(options, spot, self._surroundings))
        self.mistakes += found
        self.sources[name] = DeclaredSource(name, spot.file, options, kind, spot)
        if not found:
            self._signatures[name] = SourceSignature(kind.signatures(options), options.timeout)

    def _options(self, declaration: Any, spot: Spot) -> tuple[SourceOptions | None, SourceKind[Any] | None]:
        kinds = self._surroundings.kinds
        if not isinstance(declaration, dict) or "kind" not in declaration:
            self.mistakes.append(spot.mistake(f"say which `kind` of source this is: {listed(kinds)}"))
            return None, None
        kind = kinds.get(str(declaration["kind"]))
        if kind is None:
            known = f"there is no kind `{declaration['kind']}`{meant(str(declaration['kind']), kinds)}"
            self.mistakes.append(spot.mistake(f"{known} (there are {listed(kinds)})", ("kind",)))
            return None, None
        return self._validated(kind.options, declaration, spot), kind

    def read_flows(self, spot: Spot) -> None:
        document: dict[str, Any] = spot.document.value
        flows = document.get("flows", [])
        if not isinstance(flows, list):
            self.mistakes.append(spot.mistake("`flows` is a list of flows", ("flows",)))
            flows = []
        for index, flow in enumerate(flows):
            self._read_flow(flow, spot.at("flows", index))
        own = {name: value for name, value in document.items() if name not in SECTIONS}
        if FLOW_KEYS & own.keys():
            self._read_flow(own, spot)
            return
        for name in own:
            known = f"there is no key `{name}`{meant(name, FLOW_KEYS | SECTIONS)}"
            self.mistakes.append(spot.mistake(known, (name,)))

    def _read_flow(self, declaration: Any, spot: Spot) -> None:
        flow, unknown = self._sound_part(declaration, spot)
        if flow is None:
            return
        if "name" not in unknown:
            self._check_name(flow, spot)
        if "route" not in unknown:
            self._check_route(flow, spot)
        plan, mistakes = planned(flow, spot, self._signatures, unknown, self._surroundings.reserved_paths)
        self.mistakes += mistakes
        if plan is not None:
            self.plans.append(plan)

    def _check_name(self, flow: FlowDeclaration, spot: Spot) -> None:
        if flow.name in self._names:
            found = f"there is a flow `{flow.name}` already, in {self._names[flow.name]}: give this one another name"
            self.mistakes.append(spot.mistake(found, ("name",)))
        self._names.setdefault(flow.name, spot.file)

    def _check_route(self, flow: FlowDeclaration, spot: Spot) -> None:
        pattern = pattern_of(flow.route.path)
        where = flow.route.method, pattern
        path, first = self._paths.setdefault(pattern, (flow.route.path, flow.name))
        if where in self._routes:
            found = f"`{flow.route.method} {flow.route.path}` is served by the flow `{self._routes[where]}` already"
            self.mistakes.append(spot.mistake(found, ("route",)))
        elif path != flow.route.path:
            # OpenAPI knows one address by one text.
            found = f"`{flow.route.path}` is the address `{path}` of the flow `{first}`: name its parts as there"
            self.mistakes.append(spot.mistake(found, ("route", "path")))
        self._routes.setdefault(where, flow.name)

    def _sound_part(self, declaration: Any, spot: Spot) -> tuple[FlowDeclaration | None, frozenset[str]]:
        """A flow without what is wrong with it, so that the rest is checked too; and what had to be left out."""
        unknown: set[str] = set()
        for attempt in range(MOST_ATTEMPTS):
            try:
                return FlowDeclaration.model_validate(declaration, context=self._context), frozenset(unknown)
            except ValidationError as error:
                if attempt == 0:
                    self.mistakes += spot.of_model(error, FlowDeclaration)
                for found in error.errors(include_url=False):
                    declaration = _without(place_of(found), found["type"] == "extra_forbidden", declaration, unknown)
        return None, frozenset()

    def _validated[Model: BaseModel](self, model: type[Model], declaration: Any, spot: Spot) -> Model | None:
        try:
            return model.model_validate(declaration, context=self._context)
        except ValidationError as error:
            self.mistakes += spot.of_model(error, model)
            return None


MOST_ATTEMPTS = 3
"""How often what is wrong with a flow is left out to see whether the rest is a flow."""

_STAND_INS: Mapping[str, Any] = {"name": "unnamed", "route": {"path": "/unknown"}, "response": {"unknown": None}}
"""What takes the place of a part that can't be left out."""


def _without(place: Place, is_unknown_key: bool, declaration: Any, unknown: set[str]) -> Any:  # noqa: FBT001  one of two ways
    """A flow without a part that is wrong: an unknown key alone, a whole step, or all that is below a key."""
    if not isinstance(declaration, dict) or not place:
        return declaration
    key = str(place[0])
    if is_unknown_key:
        return _deleted(declaration, place)
    if key == "steps" and len(place) > 1:
        unknown.add(str(place[1]))
        return _deleted(declaration, place[:2])
    unknown.add(key)
    left = _deleted(declaration, (key,))
    return {**left, key: _STAND_INS[key]} if key in _STAND_INS else left


def _deleted(value: Any, place: Place) -> Any:
    """A copy without what is at a place."""
    if isinstance(value, list):
        return [_deleted(item, place[1:]) if index == place[0] else item for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if len(place) == 1:
        return {name: item for name, item in value.items() if name != place[0]}
    return {name: _deleted(item, place[1:]) if name == place[0] else item for name, item in value.items()}


_UNKNOWN = SourceSignature(None)


class _AnySource(dict[str, SourceSignature]):
    """The sources where others may be in a file that can't be read: that is said once, not by each step."""

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ARG002  there is always one
        return self[name]

    def __missing__(self, name: str) -> SourceSignature:
        return _UNKNOWN


def _undeclared_secrets(options: SourceOptions, spot: Spot, surroundings: Surroundings) -> Iterator[Mistake]:
    for place, secret in _secrets(options):
        if secret.secret not in surroundings.secrets:
            setting = f"{surroundings.setting_prefix}{secret.secret.upper()}"
            yield spot.mistake(f"there is no secret `{secret.secret}`: set {setting}", place)


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
