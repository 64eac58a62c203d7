"""A warning about an improbable but valid house, and the rule that gives it."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field


class Implausibility(BaseModel):
    """Something improbable about a house that was priced."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(description="Stable name of the rule, upper snake case.")
    fields: tuple[str, ...] = Field(description="Wire names of the fields concerned.")
    message: str = Field(description="A sentence for people.")


@dataclass(frozen=True, slots=True)
class Rule[House]:
    """An expectation that real houses meet, and the warning for one that does not."""

    implausibility: Implausibility
    is_broken_by: Callable[[House], bool]
