"""`python -m supervised_processes.guard COMMAND…`: runs a command that must not outlive its starter.

Standard input is the lifeline: a pipe whose other end only the starter holds. However the starter ends, even by
SIGKILL, the kernel closes the pipe; the guard then ends the command and all its children. This works on every
Unix. The starter makes the guard the leader of a session, so a terminal's Ctrl-C does not reach the command, and one
signal to the group reaches all its processes.

This module imports nothing heavy, because every process of the platform has a guard.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

GRACE_SECONDS = 10.0


def main() -> int:
    """Run the command in `sys.argv`, forward SIGTERM to it, and return its exit code as a shell does."""
    child: list[subprocess.Popen[bytes]] = []
    starter_is_gone = threading.Event()

    def forward(number: int, _frame: FrameType | None) -> None:
        if not child:
            sys.exit(128 + number)
        _terminate(child[0])

    signal.signal(signal.SIGTERM, forward)
    child.append(subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL))  # noqa: S603 - the starter's command
    threading.Thread(target=_end_with_starter, args=(child[0], starter_is_gone), daemon=True).start()
    exit_code = child[0].wait()
    if starter_is_gone.is_set():
        os.killpg(0, signal.SIGKILL)
    return exit_code if exit_code >= 0 else 128 - exit_code


def _end_with_starter(child: subprocess.Popen[bytes], starter_is_gone: threading.Event) -> None:
    os.read(sys.stdin.fileno(), 1)
    starter_is_gone.set()
    _terminate(child)
    time.sleep(GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


def _terminate(child: subprocess.Popen[bytes]) -> None:
    # Not child.send_signal: it takes a lock that the waiting main thread may hold.
    with suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
