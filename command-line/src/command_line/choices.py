"""Names that another package offers as entry points: known without importing it."""

from collections.abc import Sequence
from importlib.metadata import entry_points


def list_names(group: str) -> list[str]:
    """List the names of a group of entry points, in alphabetical order; none if no package offers any."""
    return sorted({entry.name for entry in entry_points(group=group)})


def describe_unknown(option: str, given: str, names: Sequence[str]) -> str | None:
    """Describe on one line that a name is not among those offered; None if it is, or if none are known."""
    if not names or given in names:
        return None
    return f"{option} {given}: unknown; choose one of {', '.join(names)}"
