"""Reloads the API keys when their file changes."""

import asyncio
from collections.abc import Awaitable, Callable

from api_keys.errors import KeysUnusable
from api_keys.file import KeyFile
from api_keys.keys import CLOSED, KeyRing

INTERVAL_SECONDS = 0.5


class KeyWatcher:
    """Holds the valid keys, and reads their file again when it changes.

    It fails closed. Once keys are required they stay required until the process ends, and a file that is damaged or
    has vanished does not change which keys are valid.

    Args:
        file: the file.
        are_required: whether keys are required although there is no file yet.
        on_change: called with the number of keys after each change.
        on_problem: called once with the reason when the file can't be used.
    """

    def __init__(
        self,
        file: KeyFile,
        *,
        are_required: bool,
        on_change: Callable[[int], object],
        on_problem: Callable[[str], object],
    ) -> None:
        self._file = file
        self._on_change = on_change
        self._on_problem = on_problem
        self.ring: KeyRing | None = CLOSED if are_required else None
        """The valid keys; None while none is required."""
        self._problem: str | None = None
        self.is_sound = True
        """Whether the file, if there is one, could be used when it was last read."""
        self._seen = file.signature()
        self._read()

    def refresh(self) -> None:
        """Read the file again if it has changed, or could not be used."""
        seen = self._file.signature()
        if seen != self._seen or not self.is_sound:
            self._seen = seen
            self._read()

    async def watch(self, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        """Refresh until cancelled."""
        while True:
            await sleep(INTERVAL_SECONDS)
            self.refresh()

    def _read(self) -> None:
        try:
            ring = self._file.read_ring()
        except KeysUnusable as error:
            self.ring = CLOSED if self.ring is None else self.ring
            self._report_problem(str(error))
            return
        if ring is not None:
            self.ring, self.is_sound, self._problem = ring, True, None
            self._on_change(len(ring))
        elif self.ring is not None:
            self._report_problem(f"the API keys ({self._file.path}): there is no such file")

    def _report_problem(self, problem: str) -> None:
        self.is_sound = False
        if problem != self._problem:
            self._problem = problem
            self._on_problem(problem)
