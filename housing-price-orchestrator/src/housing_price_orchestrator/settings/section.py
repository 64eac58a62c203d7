"""The base of all sections of the settings: frozen, and strict with names. Lists are separated by commas."""

from pydantic import BaseModel, ConfigDict, field_validator
from upstream_resilience.settings import require_reasonable


class Section(BaseModel):
    """A part of the settings that is passed to the object that needs it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)

    _numbers = field_validator("*")(require_reasonable)


def drop_slash_at_end(value: object) -> object:
    """Drop the slashes at the end of a path; leave any other value to its type."""
    return value.rstrip("/") if isinstance(value, str) else value


def split_at_commas(value: object) -> object:
    """Split a list as an environment variable has it; leave any other value to its type."""
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value
