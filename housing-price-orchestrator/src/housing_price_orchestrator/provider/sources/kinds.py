"""The kinds of sources there are. A new one is a class that satisfies ``SourceKind``, named here."""

from collections.abc import Mapping
from typing import Any

from housing_price_orchestrator.flow.ports import SourceKind
from housing_price_orchestrator.provider.sources.database.source import Database
from housing_price_orchestrator.provider.sources.feast.source import Feast
from housing_price_orchestrator.provider.sources.http_api.source import HttpApi
from housing_price_orchestrator.provider.sources.ml.source import MlKind

_ALL: tuple[SourceKind[Any], ...] = (Database(), HttpApi(), Feast(), MlKind())

KINDS: Mapping[str, SourceKind[Any]] = {kind.name: kind for kind in _ALL}
"""By the value of `kind` in a declaration."""
