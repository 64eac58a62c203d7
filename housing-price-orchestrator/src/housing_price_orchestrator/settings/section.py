"""The base of all sections of the settings: frozen, and strict with names."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the settings that is passed to the object that needs it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)
