"""Allows one `up` per state folder, with a lock that the operating system releases however its holder ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from command_line.failures import describe_reason

from housing_price.errors import PlaceTakenError


@contextmanager
def lock_state(folder: Path) -> Iterator[bool]:
    """Create the folder if needed, and hold its lock until the block ends; says whether the folder is new.

    Raises:
        PlaceTakenError: if another process holds it, or it cannot be written.
    """
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "up.lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _refuse(folder, error) from None
    try:
        _lock(descriptor, folder)
        yield is_new
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
        raise PlaceTakenError(
            f"the state folder {folder} is in use by another `housing-price up` (process {holder}):"
            " stop it, or choose another folder with --state-dir"
        ) from None
    try:
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        raise _refuse(folder, error) from None


def _refuse(folder: Path, error: OSError) -> PlaceTakenError:
    place = Path(error.filename or folder)
    named = f" ({place})" if place != folder else ""
    return PlaceTakenError(f"the state folder {folder}{named} cannot be used: {describe_reason(error)}")
