"""From a folder in the old notation to one in ours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from declared_flows.conversion.endpoints import Defaults, Endpoint
from declared_flows.conversion.part import Note, OldFile, Part
from declared_flows.conversion.sources.catalog import EVERYWHERE, OldSources
from declared_flows.conversion.sources.source import KINDS, OldSource, slug
from declared_flows.conversion.times import seconds_of
from declared_flows.conversion.yaml_text import yaml_text
from declared_flows.notation.yaml import InvalidYaml, read_yaml

SOURCES = "sources"
_SECTIONS = ("app", "service", "api", "defaults", "execution", "orchestrator")
_SETTINGS: Mapping[str, str] = {
    "server": "set ORCHESTRATOR_HOST and ORCHESTRATOR_PORT, and `serve --workers`",
    "logging": "set ORCHESTRATOR_LOG__LEVEL and ORCHESTRATOR_LOG__FORMAT",
    "cors": "set ORCHESTRATOR_CORS__ORIGINS",
    "auth": "make keys with `housing-price-orchestrator keys add`",
    "security": "make keys with `housing-price-orchestrator keys add`",
    "cache": "say `cache: 10m` in the steps whose answers may be that old",
    "performance": "say `cache: 10m` in the steps whose answers may be that old",
    "metrics": "metrics are always served at /metrics",
}


@dataclass(frozen=True)
class Conversion:
    """The result of a conversion.

    Args:
        files: our files by name.
        notes: what is left to do by hand, by file and line.
        diagnostics: what could not be read at all.
    """

    files: Mapping[str, str]
    notes: Sequence[Note] = ()
    diagnostics: Sequence[Note] = ()


def convert(files: Mapping[str, str]) -> Conversion:
    """Our files for those of a folder in the old notation.

    Args:
        files: their texts, by paths relative to the folder.
    """
    return _Converter(files).conversion()


@dataclass(frozen=True, slots=True)
class _Where:
    """What a file is for, by its path.

    Args:
        role: `config`, `domain` or `sources`.
        scope: the domain that it belongs to alone.
        kind: the kind of sources that it is named after.
    """

    role: str
    scope: str = EVERYWHERE
    kind: str | None = None

    @classmethod
    def of(cls, path: str) -> "_Where":
        pure = PurePosixPath(path)
        if pure.parent.name == "domains":
            return cls("domain", pure.stem)
        if pure.stem in ("config", "settings"):
            return cls("config")
        scope = next((pure.parts[at + 1] for at, part in enumerate(pure.parts[:-2]) if part == "domains"), EVERYWHERE)
        return cls("sources", scope, next((kind for kind in KINDS if pure.stem.startswith(kind)), None))


@dataclass
class _Domain:
    """A file of endpoints.

    Args:
        name: of the domain.
        heading: what it is, for people.
        endpoints: in their order.
    """

    name: str
    heading: str
    endpoints: Sequence[Endpoint]


@dataclass
class _Converter:
    files: Mapping[str, str]
    notes: list[Note] = field(default_factory=list)
    diagnostics: list[Note] = field(default_factory=list)
    _sources: OldSources = field(default_factory=OldSources)
    _defaults: Defaults = field(default_factory=lambda: Defaults(""))

    def conversion(self) -> Conversion:
        placed = [(_Where.of(path), part) for path in sorted(self.files) if (part := self._read(path)) is not None]
        for where, part in placed:
            if where.role == "config":
                self._read_config(part)
            elif where.role == "sources":
                self._sources.read(part, where.scope, where.kind)
        domains = [self._domain(where.scope, part) for where, part in placed if where.role == "domain"]
        written = dict(self._write(domains, self._sources.names()))
        return Conversion(written, sorted(set(self.notes)), self.diagnostics)

    def _read(self, path: str) -> Part | None:
        try:
            document = read_yaml(self.files[path])
        except InvalidYaml as error:
            self.diagnostics.append(Note(path, error.line, error.message))
            return None
        self.diagnostics += [Note(path, diagnostic.line, diagnostic.message) for diagnostic in document.diagnostics]
        part = Part.whole(OldFile(path, document, self.notes))
        if not part.is_mapping:
            part.note("there is nothing to convert in this file")
            return None
        return part

    def _read_config(self, part: Part) -> None:
        prefix = ""
        seconds = None
        for section in (part, *part.parts_of(*_SECTIONS)):
            prefix = section.text("prefix", "api_base_path", "base_path", "api_prefix") or prefix
            seconds = seconds_of(section, "timeout", "timeout_ms", "timeout_seconds", "default_timeout") or seconds
            section.tick("name", "version", "description", "environment", "title", "docs_url", "redoc_url")
            if section is not part:
                section.note_rest("declare it in each flow, step or source that needs it")
        for name, advice in _SETTINGS.items():
            if part.part(name) is not None:
                part.note(f"`{name}` is a setting of the service: {advice}", name)
        part.note_rest("there is no such setting; .env.example lists all settings")
        self._defaults = Defaults("", prefix, seconds)

    def _domain(self, scope: str, part: Part) -> _Domain:
        name = part.text("domain", "domain_id", "domain_name", "name", "id") or scope
        below = part.text("base_path", "prefix", "path_prefix")
        prefix = self._defaults.prefix + (f"/{below.strip('/')}" if below else "")
        seconds = seconds_of(part, "timeout", "timeout_ms", "timeout_seconds") or self._defaults.seconds
        defaults = Defaults(name, prefix, seconds)

        def resolve(kind: str, asking: Part) -> OldSource | None:
            return self._sources.find(scope, kind, asking)

        endpoints = [
            Endpoint(each, str(each.value.get("name") or each.value.get("id") or each.name), defaults, resolve)
            for each in part.parts("endpoints", "routes")
            if each.is_mapping
        ]
        heading = part.text("description", "title") or f"Endpoints of the domain {name}"
        part.tick("version")
        part.note_rest("declare it in each flow, step or source that needs it")
        return _Domain(name, " ".join(heading.split()), endpoints)

    def _write(self, domains: Sequence[_Domain], names: Mapping[OldSource, str]) -> Iterator[tuple[str, str]]:
        flows, files = set[str](), {SOURCES}
        for domain in domains:
            written = [endpoint.flow(_choose_name(endpoint.name, flows), names) for endpoint in domain.endpoints]
            if written:
                yield f"{_choose_name(slug(domain.name), files)}.yaml", yaml_text({"flows": written}, domain.heading)
        if declared := self._sources.declarations():
            yield f"{SOURCES}.yaml", yaml_text({"sources": declared}, "Where data come from")


def _choose_name(name: str, taken: set[str]) -> str:
    """A name that nothing else has."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    taken.add(found)
    return found
