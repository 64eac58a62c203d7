"""Values of the environment in the old files: ours name secrets, and read no environment."""

import re
from typing import Any
from urllib.parse import unquote

from declared_flows.conversion.part import Part

_PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)(?::-?([^}]*))?\}|\$ENV\[([A-Z][A-Z0-9_]*)\]|\$ENV\.([A-Z][A-Z0-9_]*)")
_SETTING = "ORCHESTRATOR_FLOWS__SECRETS__"


def has_placeholder(text: str) -> bool:
    """Whether a text takes something from the environment."""
    return _PLACEHOLDER.search(text) is not None


def secret_of(text: str) -> str | None:
    """The name of the variable that a text is, and nothing else."""
    found = _PLACEHOLDER.fullmatch(text.strip())
    return _name(found) if found else None


def secret(part: Part, name: str, *place: str | int) -> dict[str, str]:
    """A secret by its name, with a note which setting to give."""
    name = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    part.note(f"the secret `{name}` comes from the settings: set {_SETTING}{name.upper()}", *place)
    return {"secret": name}


def text_or_secret(part: Part, text: str, fallback: str, *place: str | int) -> Any:
    """A text, or the secret that it is or has in it.

    Args:
        part: where it stands.
        text: what stands there.
        fallback: the name of a secret for a text that only has a variable in it.
        place: where below the part.
    """
    if name := secret_of(text):
        return secret(part, name, *place)
    if has_placeholder(text):
        part.note("a text with a variable in it becomes a secret as a whole", *place)
        return secret(part, fallback, *place)
    return text


def with_defaults(part: Part, text: str, *place: str | int) -> str:
    """A text whose variables are replaced by the defaults that stand beside them; the others stay."""

    def default(found: re.Match[str]) -> str:
        if not found[2]:
            return found[0]
        part.note(f"`{_name(found)}` is no longer read from the environment: its default `{found[2]}` is taken", *place)
        return found[2]

    return _PLACEHOLDER.sub(default, text)


def credentials(url: str) -> tuple[str, str | None, str | None]:
    """An address without its user and password, and those."""
    found = re.match(r"^([a-z0-9+]+://)(?:([^:/@\s]*)(?::(.*))?@)?([^@]*)$", url, re.IGNORECASE)
    if found is None:
        return url, None, None
    user, password = (unquote(text) if text else None for text in (found[2], found[3]))
    return found[1] + found[4], user, password


def _name(found: re.Match[str]) -> str:
    return next(name for name in (found[1], found[3], found[4]) if name)
