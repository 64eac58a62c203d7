"""The files of the flows: their texts, and when they change."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from watchfiles import awatch

ENDINGS = (".yaml", ".yml")
MOST_FILES = 1000

_DEBOUNCE_MILLISECONDS = 200
_STEP_MILLISECONDS = 50
_LOOK_SECONDS = 1.0
"""How long a change takes to be seen if the operating system does not report it."""

_NEVER_SEEN = object()
_NOT_READ = object()


class FlowFiles:
    """The YAML files of a folder and its sub-folders. Names that begin with a dot are left out.

    Args:
        place: the folder, or a single file.
    """

    def __init__(self, place: Path) -> None:
        self._only = place if place.is_file() else None
        self.folder = place.parent if self._only else place
        self._seen: object = _NEVER_SEEN

    def texts(self) -> Mapping[str, str]:
        """Return the text of each file by its path in the folder.

        Raises:
            OSError: if the folder or a file can't be read.
            FileNotFoundError: if there is no such folder.
        """
        if not self.folder.is_dir():
            raise FileNotFoundError(2, "there is no such folder", str(self.folder))
        found = self._find()
        if len(found) > MOST_FILES:
            raise OSError(7, f"there are more than {MOST_FILES:,} files", str(self.folder))
        return {str(path.relative_to(self.folder)): _text(path) for path in found}

    async def read(self) -> Mapping[str, str]:
        """Do the same in a thread. If it fails, ``changes`` yields at its next look.

        Raises:
            OSError: if the folder or a file can't be read.
        """
        # Before the texts, so that a change while they are read is seen as one.
        self._seen = await asyncio.to_thread(self._state)
        try:
            return await asyncio.to_thread(self.texts)
        except OSError:
            # What hinders it, such as too many open files, may pass without a change of the files. That there is no
            # folder does not: it appears.
            if self._seen is not None:
                self._seen = _NOT_READ
            raise

    async def changes(self) -> AsyncIterator[object]:
        """Yields after each change since the last ``read``, once for those that come together; to be cancelled.

        It yields as well if that ``read`` failed, so that the files are read again.

        A report of the operating system is only a reason to look, and so is time: a folder may be replaced, appear
        later, or be the swapped link of a volume.
        """
        if self._seen is _NEVER_SEEN:
            self._seen = await asyncio.to_thread(self._state)
        while True:
            now = await asyncio.to_thread(self._state)
            if now != self._seen:
                self._seen = now
                yield now
            await self._wait_for_change()

    async def _wait_for_change(self) -> None:
        try:
            watched = self.folder.resolve()
            if not watched.is_dir():
                await asyncio.sleep(_LOOK_SECONDS)
                return
            async for _ in awatch(
                watched,
                watch_filter=None,
                debounce=_DEBOUNCE_MILLISECONDS,
                step=_STEP_MILLISECONDS,
                rust_timeout=round(_LOOK_SECONDS * 1000),
                yield_on_timeout=True,
            ):
                return
        except (OSError, RuntimeError):  # it was deleted meanwhile, or there are no watches left
            await asyncio.sleep(_LOOK_SECONDS)

    def _state(self) -> object:
        """Return what shows a change: which files there are, and when each was written or its mode set."""
        try:
            if not self.folder.is_dir():
                return None
            return str(self.folder.resolve()), [(str(path), _status(path)) for path in self._find()]
        except OSError as error:  # it must not end the watch
            return error.errno

    def _find(self) -> list[Path]:
        if self._only:
            return [self._only]
        found = (folder / name for folder, _, names in self.folder.walk(on_error=_pass_over) for name in names)
        return sorted(path for path in found if self._is_ours(path) and path.is_file())

    def _is_ours(self, path: Path) -> bool:
        below = path.relative_to(self.folder) if path.is_relative_to(self.folder) else path
        return path.suffix in ENDINGS and not any(part.startswith(".") for part in below.parts)


def _pass_over(error: OSError) -> None:
    """Leave out folders that vanish or may not be read. After other errors the folder would seem to have no flows."""
    if not isinstance(error, FileNotFoundError | PermissionError):
        raise error


def _status(path: Path) -> object:
    """Return what changes when a file is written or its mode is set; files come and go while others are listed."""
    try:
        status = path.stat()
    except OSError as error:
        return error.errno
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _text(path: Path) -> str:
    # Bytes that are not UTF-8 become a character that YAML refuses, so that they are reported with the file's name.
    return path.read_text(encoding="utf-8", errors="surrogateescape")
