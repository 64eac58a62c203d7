"""What names and addresses may look like."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
PATH = r"^(/([A-Za-z0-9._~-]+|\{[A-Za-z_][A-Za-z0-9_]*\}))+$"

FLOW_NAME = "^[a-z0-9][a-z0-9-]{0,63}$"
"""What a flow may be called."""

SETTING_NAME = "^[a-z][a-z0-9_]*$"
"""What a secret may be called."""

PATTERNS: Mapping[str, str] = {
    NAME: "a name has letters, digits and `_` alone, and begins with no digit",
    FLOW_NAME: "small letters, digits and `-` are expected, at most 64",
    PATH: "an address begins with `/`, does not end with it, and has parts of letters, digits, `.`, `_`, `~` and `-`, "
    "or `{name}` as a whole part",
    SETTING_NAME: "the name of a secret has small letters, digits and `_` alone, and begins with a letter",
}
"""What the patterns of the notation mean, for people."""

type Name = Annotated[str, Field(pattern=NAME)]
"""Letters, digits and `_`: what a reference can name."""

type FlowName = Annotated[str, Field(pattern=FLOW_NAME, examples=["property-valuation"])]
"""Small letters, digits and `-`."""
