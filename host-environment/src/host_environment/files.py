"""Files that this user may not read, as happens with a file of mode 600 in a container of another user."""

import os
import stat
from contextlib import suppress
from pathlib import Path


def describe_denied(path: str | os.PathLike[str]) -> str:
    """Return one line about a file or folder that may not be read: its owner and mode, who asks, and what to do."""
    place, asking = Path(path), os.geteuid()
    blocking = _find_blocking(place)
    where = f"{place}" if blocking == place else f"{place} (its folder {blocking})"
    try:
        found = blocking.stat()
    except OSError:
        return f"{where} can't be read by user {asking}: let that user read it"
    mode = stat.S_IMODE(found.st_mode)
    return (
        f"{where} belongs to user {found.st_uid} with mode {mode:03o}, so user {asking}, who runs this, can't read it:"
        f" {_advise(blocking, asking)}"
    )


def _find_blocking(place: Path) -> Path:
    """Return the topmost folder above that can't be entered, or the file itself."""
    for folder in reversed(place.absolute().parents):
        with suppress(OSError):
            if folder.is_dir() and not os.access(folder, os.X_OK, effective_ids=_can_ask_effectively()):
                return folder
    return place


def _can_ask_effectively() -> bool:
    return os.access in os.supports_effective_ids


def _advise(blocking: Path, asking: int) -> str:
    letters = "rx" if blocking.is_dir() else "r"
    return f"where it comes from, `chown {asking} {blocking}`, or `chmod a+{letters} {blocking}` if it is no secret"
