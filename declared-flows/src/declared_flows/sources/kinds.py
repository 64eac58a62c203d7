"""The kinds of sources that are installed: entry points of the group ``declared_flows.sources``.

A package adds a kind by an entry point of that group: its name is the value of `kind` in a declaration, and it refers
to a class that satisfies ``SourceKind`` and takes no arguments.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from declared_flows.sources.port import SourceKind

GROUP = "declared_flows.sources"


class LazyKinds(Mapping[str, SourceKind[Any]]):
    """Kinds of sources by name. Each is imported when it is first needed, with the libraries that it needs.

    Args:
        installed: where each is.
    """

    def __init__(self, installed: Mapping[str, EntryPoint]) -> None:
        self._installed = installed
        self._kinds: dict[str, SourceKind[Any]] = {}

    def __getitem__(self, name: str) -> SourceKind[Any]:
        if name not in self._kinds:
            self._kinds[name] = self._installed[name].load()()
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._installed)

    def __len__(self) -> int:
        return len(self._installed)


@cache
def installed_kinds() -> Mapping[str, SourceKind[Any]]:
    """Return the kinds of sources that are installed, in the order of their names."""
    found = {entry_point.name: entry_point for entry_point in entry_points(group=GROUP)}
    return LazyKinds(dict(sorted(found.items())))
