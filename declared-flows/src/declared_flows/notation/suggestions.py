"""The nearest known name to one that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, known: Iterable[str]) -> str:
    """A question to append to a sentence; empty where nothing is near."""
    nearest = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean `{nearest[0]}`?" if nearest else ""


def join_names(names: Iterable[str]) -> str:
    """Names for people, in order."""
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"
