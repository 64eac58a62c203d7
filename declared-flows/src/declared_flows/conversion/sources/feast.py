"""Feature stores of the old files as sources of the kind `feast`."""

from collections.abc import Iterator, Sequence
from typing import Any

from declared_flows.conversion.part import Part
from declared_flows.conversion.sources.http_api import address_of
from declared_flows.conversion.sources.source import ADVICE, OldSource, Use

_SERVER = "http://127.0.0.1:6566"
_FEATURES = ("features", "feature_refs", "feature_names")
_SERVICES = ("feature_services", "feature_views")


class OldFeast(OldSource):
    """A feature store, and the features that are asked of it."""

    kind = "feast"

    def params(self, use: Use) -> dict[str, Any]:
        """The entities."""
        return {name: value for name, value in use.params.items() if name not in _FEATURES}

    def declaration(self) -> dict[str, Any] | None:
        """Its server, with the features of each operation that is used."""
        if not self.uses:
            self.part.note(f"no endpoint asks `{self.identity}`: it is left out")
            return None
        operations = {name: self._operation(name, uses) for name, uses in self.uses.items()}
        found = {"kind": "feast", "url": self._address(), **dict(self._limits()), "operations": operations}
        self.part.tick("type", "project", "name", "source_id", "id", "operations", *_SERVICES, "description")
        self.part.tick(
            "registry", "provider", "online_store", "entity_key_serialization_version", "feature_server_type"
        )
        self.part.note_rest(ADVICE)
        return found

    def _address(self) -> Any:
        if any(self.part.has(name) for name in ("base_url", "url", "endpoint_url", "host")):
            return address_of(self.part, self.identity)
        if (url := self.part.text("feature_server_url", "server_url")) is not None:
            return url
        where = self.part.text("repo_path", "feature_store_yaml") or "its folder"
        self.part.note(f"features are asked of a server: run `feast serve` in {where}, and say its `url`")
        return _SERVER

    def _operation(self, name: str, uses: list[Use]) -> dict[str, Any]:
        features = list(dict.fromkeys(feature for source in self._features_of(name, uses) for feature in source))
        entities = {entity: self._entity(entity, use) for use in uses for entity in self.params(use)}
        if not features:
            features = sorted({field for use in uses for field in use.fields})
            if not all(":" in feature for feature in features):
                note = f"the features of `{name}` are listed nowhere: say of which view each is: `view:feature`"
                uses[0].part.note(note)
        return {"entities": entities, "features": features}

    def _entity(self, name: str, use: Use) -> dict[str, str]:
        kind = use.types.get(name)
        if kind not in ("string", "integer"):
            use.part.note(f"the entity `{name}` is taken as a string: say `integer` in the source where it is one")
        return {"type": "integer" if kind == "integer" else "string"}

    def _features_of(self, name: str, uses: list[Use]) -> Iterator[list[str]]:
        """The features of an operation, as far as anybody says them."""
        for use in uses:
            for key in _FEATURES:
                if isinstance(use.params.get(key), list):
                    yield [_bare(feature) for feature in use.params[key]]
        for part in self._about(name):
            found = part.value_of(*_FEATURES) if part.is_mapping else part.value
            part.tick("name", "description", "entities", "entity", "join_keys")
            part.note_rest(ADVICE)
            if isinstance(found, list):
                yield [_bare(feature) for feature in found]

    def _about(self, name: str) -> Iterator[Part]:
        bare = name.removeprefix("get_")
        for part in (*self._operations(), *self.part.parts(*_SERVICES)):
            if part.name in (name, bare):
                yield part
        if (defaults := self.part.part(f"default_{bare}")) is not None:
            yield defaults


def feature_of(names: Sequence[str]) -> tuple[str, str] | None:
    """Return view and feature of what is read as `$step.view.feature`: ours gives features by their names alone."""
    if len(names) < 2 or any(name == "*" or name.isdigit() for name in names[:2]):
        return None
    return names[0], names[1]


def _bare(feature: Any) -> str:
    """A feature as `view:feature`, without its project."""
    return str(feature).rpartition("/")[2]
