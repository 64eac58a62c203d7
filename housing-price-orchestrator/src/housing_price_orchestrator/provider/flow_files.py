"""The files of the flows: their texts, and when they change."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from watchfiles import Change, awatch

ENDINGS = (".yaml", ".yml")
MOST_FILES = 1000

_DEBOUNCE_MILLISECONDS = 200


class FlowFiles:
    """The YAML files of a folder and its sub-folders. Names that begin with a dot are left out.

    Args:
        place: the folder, or a single file.
    """

    def __init__(self, place: Path) -> None:
        self._only = place if place.is_file() else None
        self.folder = place.parent if self._only else place

    def texts(self) -> Mapping[str, str]:
        """The text of each file by its path in the folder.

        Raises:
            OSError: if the folder or a file can't be read.
            FileNotFoundError: if there is no such folder.
        """
        if self._only:
            return {self._only.name: _text(self._only)}
        if not self.folder.is_dir():
            raise FileNotFoundError(2, "there is no such folder", str(self.folder))
        found = sorted(path for path in self.folder.rglob("*") if self._is_ours(path) and path.is_file())
        return {str(path.relative_to(self.folder)): _text(path) for path in found[:MOST_FILES]}

    async def read(self) -> Mapping[str, str]:
        """The same, beside everything else.

        Raises:
            OSError: if the folder or a file can't be read.
        """
        return await asyncio.to_thread(self.texts)

    async def changes(self) -> AsyncIterator[object]:
        """Yields after each change, once for those that come together; to be cancelled."""
        async for changed in awatch(
            self.folder, watch_filter=self._matters, debounce=_DEBOUNCE_MILLISECONDS, step=50, recursive=True
        ):
            yield changed

    def _matters(self, _change: Change, path: str) -> bool:
        name = Path(path).name
        # `..data` is the link that Kubernetes turns when a volume of a ConfigMap changes.
        return self._is_ours(Path(path)) or not Path(path).suffix or name == "..data"

    def _is_ours(self, path: Path) -> bool:
        below = path.relative_to(self.folder) if path.is_relative_to(self.folder) else path
        return path.suffix in ENDINGS and not any(part.startswith(".") for part in below.parts)


def _text(path: Path) -> str:
    # What is no UTF-8 becomes a character that YAML refuses, so that it is told with the file's name.
    return path.read_text(encoding="utf-8", errors="surrogateescape")
