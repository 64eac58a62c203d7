"""The options of a price."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_COVERAGE = 0.9
"""Default coverage of prediction intervals."""


class PriceOptions(BaseModel):
    """What a caller asks for beside the price."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)

    coverage: Annotated[float, Field(ge=0.5, le=0.99, examples=[0.8])] = DEFAULT_COVERAGE
    """The share of houses whose price lies within `predictionInterval`."""
    explain: Annotated[bool, Field(examples=[True])] = False
    """Return `explanation`: what drives the price, in US dollars by field."""
    comparables: Annotated[int, Field(ge=0, le=20, examples=[3])] = 0
    """How many of the nearest training sales to return in `comparables`."""

    @cached_property
    def params(self) -> Mapping[str, float | bool]:
        """The options that differ from their defaults, as the model's parameters."""
        return self.model_dump(include=set(PriceOptions.model_fields), exclude_defaults=True)

    @cached_property
    def asks_for_coverage(self) -> bool:
        """Whether a coverage was given, even the default one."""
        return "coverage" in self.model_fields_set

    @property
    def has_large_answers(self) -> bool:
        """Whether the response to a house takes kilobytes."""
        return self.explain or self.comparables > 0


NO_OPTIONS = PriceOptions()
