"""A piece of the old files: what is read of it is ticked off, so that nothing of the rest is dropped in silence."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from declared_flows.notation.base import Place
from declared_flows.notation.yaml import LocatedValue


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """What is left to do by hand."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass
class OldFile:
    """One of the old files.

    Args:
        path: its name.
        document: what stands in it.
        notes: where notes are collected, those of all files.
    """

    path: str
    document: LocatedValue
    notes: list[Note]


@dataclass(eq=False)
class Part:
    """A value in an old file."""

    file: OldFile
    value: Any
    place: Place = ()
    _taken: set[str] = field(default_factory=set)

    @classmethod
    def whole(cls, file: OldFile) -> "Part":
        """All of a file."""
        return cls(file, file.document.value)

    @property
    def name(self) -> str:
        """The key or the index under which it stands."""
        return str(self.place[-1]) if self.place else self.file.path

    @property
    def is_mapping(self) -> bool:
        """Whether it has keys."""
        return isinstance(self.value, dict)

    def note(self, message: str, *place: str | int) -> None:
        """Say what is left to do by hand, here or below."""
        line = self.file.document.line((*self.place, *place))
        self.file.notes.append(Note(self.file.path, line, message))

    def has(self, name: str) -> bool:
        """Whether it has this key."""
        return self.is_mapping and name in self.value

    def value_of(self, *names: str) -> Any:
        """The value under the first of these keys that is there; it is ticked off. None where there is none."""
        part = self.part(*names)
        return part.value if part is not None else None

    def text(self, *names: str) -> str | None:
        """The same, as a text; numbers become texts."""
        found = self.value_of(*names)
        return None if found is None or isinstance(found, dict | list) else str(found).strip()

    def part(self, *names: str) -> "Part | None":
        """What stands under the first of these keys that is there; it is ticked off."""
        for name in names:
            if self.has(name):
                self._taken.add(name)
                return Part(self.file, self.value[name], (*self.place, name))
        return None

    def parts(self, *names: str) -> Iterator["Part"]:
        """The members of a mapping or the items of a list under the first of these keys that is there."""
        found = self.part(*names)
        return found.members() if found is not None else iter(())

    def parts_of(self, *names: str) -> list["Part"]:
        """What stands under each of these keys, where it is a mapping."""
        found = [self.part(name) for name in names if self.has(name)]
        return [part for part in found if part is not None and part.is_mapping]

    def members(self) -> Iterator["Part"]:
        """Its members, each ticked off."""
        if isinstance(self.value, dict):
            self._taken |= self.value.keys()
            keys: Iterator[tuple[str | int, Any]] = iter(self.value.items())
        else:
            keys = enumerate(self.value) if isinstance(self.value, list) else iter(())
        return (Part(self.file, value, (*self.place, key)) for key, value in keys)

    def tick(self, *names: str) -> None:
        """These keys need no note: what they say holds anyway."""
        self._taken |= set(names)

    def note_rest(self, advice: str) -> None:
        """Say of each key that was not ticked off that it is not converted."""
        for key in self.value if self.is_mapping else ():
            if key not in self._taken:
                self.note(f"`{key}` is not converted: {advice}", key)
