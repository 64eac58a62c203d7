"""Hands log lines to a thread that writes them, so that a sink that is stuck stops nobody and fills no memory."""

import logging
import logging.handlers
import queue
import sys
from threading import Thread
from typing import TextIO

MOST_RECORDS = 10_000
"""Lines that wait for the sink; what comes beyond is dropped, and counted."""

END_SECONDS = 1.0
"""Time for the lines that wait to be written when the process ends."""


class QueuedHandler(logging.handlers.QueueHandler):
    """Formats a line where it is logged, and writes it elsewhere.

    Args:
        sink: where lines go; standard error.
        most: how many may wait.
    """

    def __init__(self, sink: TextIO | None = None, most: int = MOST_RECORDS) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(most)
        super().__init__(self._lines)
        self._sink = sink
        self.dropped = 0
        """How many lines were dropped so far."""
        self._writer = Thread(target=self._write_for_ever, name="log-writer", daemon=True)
        self._writer.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the line of a record; never waits."""
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self.dropped += 1
        except Exception:  # noqa: BLE001  a line that can't be made must not end what logs it: logging's own way
            self.handleError(record)

    def close(self) -> None:
        """Write what waits, unless the sink is stuck."""
        try:
            self._lines.put(None, timeout=END_SECONDS)
        except queue.Full:
            return
        self._writer.join(END_SECONDS)
        super().close()

    def _write_for_ever(self) -> None:
        while (line := self._lines.get()) is not None:
            sink = self._sink or sys.stderr
            try:
                sink.write(line + "\n")
                if self._lines.empty():
                    sink.flush()
            except (OSError, ValueError):  # closed, or broken: there is nobody to tell
                self.dropped += 1


def dropped_lines() -> int:
    """How many log lines of this process were dropped because the sink did not take them."""
    return sum(handler.dropped for handler in logging.getLogger().handlers if isinstance(handler, QueuedHandler))
