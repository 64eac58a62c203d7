"""The part of a declaration that selects how a model is reached.

A strategy is an entry point of the group ``declared_flows.ml_strategies``: its name is a key of `load`, and it refers
to a class of options that satisfies ``Strategy``. The first line of that class's docstring documents the key.
"""

import inspect
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, create_model, model_validator

from declared_flows.notation.base import Declaration
from declared_flows.sources.ml.backend import Strategy

GROUP = "declared_flows.ml_strategies"


class OneStrategy(Declaration):
    """One way to reach the model."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self.model_fields_set) != 1 or not self._chosen:
            raise ValueError(f"a strategy is one of {', '.join(type(self).model_fields)}, with its options below it")
        return self

    @property
    def _chosen(self) -> Sequence[tuple[str, Any]]:
        return [(name, options) for name, options in self if options is not None]

    @property
    def name(self) -> str:
        """Which strategy it is."""
        return self._chosen[0][0]

    @property
    def strategy(self) -> Strategy:
        """Its options."""
        strategy: Strategy = self._chosen[0][1]
        return strategy


def _with_installed_strategies() -> type[OneStrategy]:
    options = {entry_point.name: entry_point.load() for entry_point in entry_points(group=GROUP)}
    fields: dict[str, Any] = {
        name: (kind | None, Field(default=None, description=_summary(kind))) for name, kind in sorted(options.items())
    }
    return create_model("Load", __base__=OneStrategy, __doc__=OneStrategy.__doc__, **fields)


def _summary(options: type) -> str:
    return (inspect.getdoc(options) or "").partition(". ")[0].rstrip(".").replace("\n", " ") + "."


if TYPE_CHECKING:

    class Load(OneStrategy):
        """One way to reach the model, of those that are installed."""
else:
    Load = _with_installed_strategies()
