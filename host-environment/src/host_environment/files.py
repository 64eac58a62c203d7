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


def describe_unreadable(path: str | os.PathLike[str], error: OSError) -> str:
    """Return one line about a file or folder that can't be read; its owner and what to do if it is not allowed."""
    if isinstance(error, PermissionError):
        return describe_denied(error.filename or path)
    return f"{os.fspath(path)}: {error.strerror or error}"


def is_denied(path: str | os.PathLike[str]) -> bool:
    """Return whether there is something at this path, or may be, that this user may not read."""
    place = Path(path)
    return _find_blocking(place) != place or (place.exists() and not _may(place, os.R_OK))


def _find_blocking(place: Path) -> Path:
    """Return the topmost folder above that can't be entered, or the file itself."""
    for folder in reversed(place.absolute().parents):
        with suppress(OSError):
            if folder.is_dir() and not _may(folder, os.X_OK):
                return folder
    return place


def _may(place: Path, what: int) -> bool:
    return os.access(place, what, effective_ids=os.access in os.supports_effective_ids)


def _advise(blocking: Path, asking: int) -> str:
    letters = "rx" if blocking.is_dir() else "r"
    return f"run `chown {asking} {blocking}` where it comes from, or `chmod a+{letters} {blocking}` if it is no secret"
