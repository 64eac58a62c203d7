"""Checks MLflow's inference parameters: what is returned with a price."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from .rows import RowError

DEFAULT_COVERAGE = 0.9
MOST_COMPARABLES = 20


class Params(BaseModel):
    """The parameters of a request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    coverage: Annotated[float, Strict(), Field(ge=0.5, le=0.99)] = DEFAULT_COVERAGE
    explain: Annotated[bool, Strict()] = False
    comparables: Annotated[int, Strict(), Field(ge=0, le=MOST_COMPARABLES)] = 0

    @property
    def has_large_answers(self) -> bool:
        """Whether the output of a row takes a millisecond and kilobytes."""
        return self.explain or self.comparables > 0


NO_PARAMS = Params()


def read_params(given: Mapping[str, Any] | None) -> Params:
    """Check parameters, or return the defaults if there are none.

    Raises:
        RowError: for the first invalid one.
    """
    if not given:
        return NO_PARAMS
    try:
        return Params.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = ".".join(map(str, first["loc"]))
        raise RowError(f"params: {name}: {first['msg']}; known are {', '.join(Params.model_fields)}") from None
