"""All sources of the old files: which one a data source asks, and what they are called in ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from declared_flows.conversion.part import Part
from declared_flows.conversion.sources.database import OldDatabase
from declared_flows.conversion.sources.feast import OldFeast
from declared_flows.conversion.sources.http_api import OldApi
from declared_flows.conversion.sources.ml import OldMl
from declared_flows.conversion.sources.source import KINDS, OldSource
from declared_flows.notation.suggestions import join_names

EVERYWHERE = ""
"""In place of a domain: what belongs to all of them."""

_OWN_NAMES = frozenset({"pricing-model"})
_CLASSES: Mapping[str, type[OldSource]] = {"database": OldDatabase, "api": OldApi, "feast": OldFeast, "ml": OldMl}


@dataclass
class OldSources:
    """The sources, and the operations that stand beside them."""

    _sources: dict[tuple[str, str, str], OldSource] = field(default_factory=dict)
    """By the domain that they belong to alone, kind and id."""
    _models: dict[tuple[OldSource, str], OldSource] = field(default_factory=dict)
    _beside: dict[tuple[str, str], dict[str, Part]] = field(default_factory=dict)

    def read(self, part: Part, scope: str, kind: str | None) -> None:
        """Read a file.

        Args:
            part: all of it.
            scope: the domain that it belongs to alone.
            kind: the kind of sources that it is named after.
        """
        sections = [(known, section) for known in KINDS if (section := part.part(known)) is not None]
        for known, section in sections:
            self._read_section(scope, known, section)
        if sections:
            part.note_rest("there is no such section")
        elif kind is not None:
            self._read_section(scope, kind, part)
        else:
            part.note("what this file is for can't be told: name it after database, api, feast or ml")

    def find(self, scope: str, kind: str, asking: Part) -> OldSource | None:
        """The source that a data source asks; None, with a note, where there is none.

        Args:
            scope: the domain of the endpoint.
            kind: the kind of source.
            asking: the data source.
        """
        beside = {**self._beside.get((EVERYWHERE, kind), {}), **self._beside.get((scope, kind), {})}
        operation = str(asking.value.get("operation") or asking.value.get("name"))
        known = self._known(scope, kind)
        said = asking.text("source_id", "source", "connection")
        if said is None and operation in beside:
            said = beside[operation].text("source_id", "source", "connection")
        found = known.get(said) if said else _likely(known, operation)
        if found is None:
            found = self._of_another_domain(kind, said, operation)
        if found is None:
            named = f"`{said}`" if said else f"for `{operation}`"
            asking.note(f"there is no {kind} source {named} (there are {join_names(known)}): the step is left out")
            return None
        if operation in beside and not found.has_operation(operation):
            found.beside[operation] = beside[operation]
        return self._model(found, operation, asking) if isinstance(found, OldMl) else found

    def names(self) -> dict[OldSource, str]:
        """Our names of the sources: their ids, unless several have the same."""
        entries = self._entries()
        ids = [source.identity for _, source in entries]
        names: dict[OldSource, str] = {}
        for scope, source in entries:
            identity, kind = source.identity, source.kind
            choices = [identity, f"{identity}-{kind}", f"{scope or 'shared'}-{identity}-{kind}"]
            taken = {*names.values(), *_OWN_NAMES}
            is_shared = ids.count(identity) > 1
            names[source] = next(name for name in [*choices[is_shared:], f"{choices[-1]}-2"] if name not in taken)
        return names

    def declarations(self) -> dict[str, Any]:
        """The sources in ours, by name; once all endpoints are written."""
        declared = {name: source.declaration() for source, name in self.names().items()}
        used = {name for _, source in self._entries() for name in source.uses}
        for operations in self._beside.values():
            for name, part in operations.items():
                if name not in used:
                    part.note(f"no endpoint uses `{name}`: it is left out")
        return {name: found for name, found in declared.items() if found is not None}

    def _entries(self) -> list[tuple[str, OldSource]]:
        """All sources with their domains; of a server that is asked, its models."""
        asked = {server for server, _ in self._models}
        entries = [(scope, source) for (scope, _, _), source in self._sources.items() if source not in asked]
        return [*entries, *((EVERYWHERE, model) for model in self._models.values())]

    def _read_section(self, scope: str, kind: str, section: Part) -> None:
        beside = {part.name: part for part in section.parts("operations", "queries")}
        self._beside.setdefault((scope, kind), {}).update(beside)
        listed_part = section.part("sources", "connections", "databases", "apis", "models")
        members = listed_part.members() if listed_part is not None else () if beside else section.members()
        for part in members:
            if part.is_mapping:
                identity = str(part.value.get("id") or part.value.get("source_id") or part.name)
                self._sources[scope, kind, identity] = _CLASSES[kind](identity, part)
            else:
                part.note(f"`{part.name}` is not a source: declare it in each source that needs it")
        section.note_rest("declare it in each source that needs it")

    def _known(self, scope: str, kind: str) -> dict[str, OldSource]:
        """The sources of a kind that a domain can ask, by id; its own come before those of all."""
        return {
            identity: source
            for where in (EVERYWHERE, scope)
            for (place, of_kind, identity), source in self._sources.items()
            if place == where and of_kind == kind
        }

    def _of_another_domain(self, kind: str, said: str | None, operation: str) -> OldSource | None:
        """The source that is meant where the files of the domain name none: that of the one domain that has it."""
        others = [(identity, source) for (_, of_kind, identity), source in self._sources.items() if of_kind == kind]
        meant = [
            source for identity, source in others if identity == said or (not said and source.has_operation(operation))
        ]
        return meant[0] if len(meant) == 1 else None

    def _model(self, server: OldMl, operation: str, asking: Part) -> OldSource:
        """One of the models of a server."""
        models = {part.name: part for part in server.part.parts("models")}
        params = asking.value.get("params")
        said = params.get("model", params.get("model_id")) if isinstance(params, dict) else None
        likely = (said, operation, operation.removeprefix("predict_"), server.identity, "default")
        names = [str(name) for name in likely if name in models]
        name = next(iter([*names, *models]), "")
        if len(models) > 1 and not names:
            asking.note(f"`{server.identity}` has several models ({join_names(models)}): `{name}` is taken")
        if (server, name) not in self._models:
            identity = server.identity if len(models) < 2 else f"{server.identity}-{name}"
            self._models[server, name] = OldMl(identity, server.part, model=models.get(name))
        return self._models[server, name]


def _likely(known: Mapping[str, OldSource], operation: str) -> OldSource | None:
    """The source that is meant where none is named."""
    having = [source for source in known.values() if source.has_operation(operation)]
    if len(having) == 1:
        return having[0]
    return known.get("default") or (next(iter(known.values())) if len(known) == 1 else None)
