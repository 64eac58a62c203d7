"""What every part of a declaration is made of: its model, its places, and texts that may be secrets."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from declared_flows.notation.names import SETTING_NAME

type Place = tuple[str | int, ...]
"""Where something is within a declaration: keys and indices."""


class Declaration(BaseModel):
    """A part of the notation: unknown keys are mistakes, and the docstrings are its documentation."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class Secret(Declaration):
    """A value from the settings, not from the file."""

    secret: Annotated[str, Field(min_length=1, pattern=SETTING_NAME, examples=["market_token"])]
    """Its name in the settings."""


type Text = str | Secret
"""A text in the file, or the name of a secret."""
