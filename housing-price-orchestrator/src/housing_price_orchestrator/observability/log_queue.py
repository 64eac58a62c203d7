"""Writes log lines in a thread, so that a sink that is stuck neither blocks requests nor fills memory."""

import logging
import logging.handlers
import queue
import sys
from threading import Thread
from typing import TextIO

MAX_QUEUED_LINES = 10_000
"""Maximum number of lines that wait for the sink. Further lines are dropped and counted."""

CLOSE_SECONDS = 1.0
"""Time to write the waiting lines when the process ends."""


class QueuedHandler(logging.handlers.QueueHandler):
    """Formats a line where it is logged, and writes it in another thread.

    Args:
        sink: where lines go; standard error by default.
        max_lines: how many may wait.
    """

    def __init__(self, sink: TextIO | None = None, max_lines: int = MAX_QUEUED_LINES) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(max_lines)
        super().__init__(self._lines)
        self._sink = sink
        self.dropped = 0
        """How many lines were dropped so far."""
        self._writer = Thread(target=self._write_lines, name="log-writer", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the line of a record; never waits."""
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self.dropped += 1
        except Exception:  # noqa: BLE001  a line that can't be formatted must not break what logs it, as in logging itself
            self.handleError(record)

    def close(self) -> None:
        """Write the waiting lines, unless the sink is stuck."""
        try:
            self._lines.put(None, timeout=CLOSE_SECONDS)
        except queue.Full:
            return
        self._writer.join(CLOSE_SECONDS)
        super().close()

    def _write_lines(self) -> None:
        while (line := self._lines.get()) is not None:
            sink = self._sink or sys.stderr
            try:
                sink.write(line + "\n")
                if self._lines.empty():
                    sink.flush()
            except (OSError, ValueError):  # closed or broken: there is nowhere to report it
                self.dropped += 1


def count_dropped_lines() -> int:
    """How many log lines of this process were dropped because the sink was stuck."""
    return sum(handler.dropped for handler in logging.getLogger().handlers if isinstance(handler, QueuedHandler))
