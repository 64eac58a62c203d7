"""The kinds of sources there are. A new one is a class that satisfies ``SourceKind``, named here."""

from collections.abc import Mapping
from typing import Any

from declared_flows.sources.database.source import Database
from declared_flows.sources.feast.source import Feast
from declared_flows.sources.http_api.source import HttpApi
from declared_flows.sources.ml.source import MlKind
from declared_flows.sources.port import SourceKind

_ALL: tuple[SourceKind[Any], ...] = (Database(), HttpApi(), Feast(), MlKind())

KINDS: Mapping[str, SourceKind[Any]] = {kind.name: kind for kind in _ALL}
"""By the value of `kind` in a declaration."""
