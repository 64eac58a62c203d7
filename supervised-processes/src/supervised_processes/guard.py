"""Runs one command that must not outlive its starter: `python -m supervised_processes.guard COMMAND…`.

Standard input is the lifeline: a pipe whose other end only the starter holds. The kernel closes it however
the starter ends, SIGKILL included, and then the guard ends the command and all that it has started. That needs
no feature of one operating system. The starter makes the guard the leader of a session, so a terminal's Ctrl-C
does not reach the command, and one signal to the group reaches everything at once.

Nothing heavy is imported here: there is one guard for every process of the platform.
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
    """Run the command of `sys.argv`, pass SIGTERM on to it, and return its exit code as a shell counts it."""
    child: list[subprocess.Popen[bytes]] = []
    starter_is_gone = threading.Event()

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if not child:
            sys.exit(128 + number)
        _terminate(child[0])

    signal.signal(signal.SIGTERM, pass_on)
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
