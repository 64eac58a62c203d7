"""How commands fail: with one line on standard error, and an exit code that is not zero."""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import NoReturn

import typer
from host_environment.files import describe_denied, is_denied

from command_line.invocation import type_hints

INTERRUPTED = 130

_REASONS = {
    errno.ENOSPC: "no space is left on the disk: free some, or choose another place",
    errno.EDQUOT: "the disk quota is used up: free some space, or choose another place",
    errno.EROFS: "the file system is read-only: choose another place",
    errno.EACCES: "permission denied: choose another place, or change who may use it",
    errno.EPERM: "permission denied: choose another place, or change who may use it",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter one",
}


_FULL = (errno.ENOSPC, errno.EDQUOT)
_DISK = (*_FULL, errno.EROFS)
_FULL_BYTES = 1_000_000


def describe_os_error(error: OSError, place: str | PathLike[str] | None = None) -> str:
    """Describe on one line what the operating system refused: the place, the reason and what to do.

    Args:
        error: the error.
        place: the file or folder, where the error itself does not name it.
    """
    named = error.filename if error.filename is not None else place
    if named is None and error.errno in _FULL:
        named = _find_full_folder()
    if isinstance(error, PermissionError) and named is not None and is_denied(_decode(named)):
        return describe_denied(_decode(named))
    reason = describe_reason(error)
    return reason if named is None else f"{_decode(named)}: {reason}"


def describe_reason(error: OSError) -> str:
    """Describe what the operating system refused without the place."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__


def _find_full_folder() -> Path | None:
    """Find the folder whose disk is full: a failed write knows no name, and most go to one of these."""
    for folder in (Path(tempfile.gettempdir()), Path.cwd()):
        with suppress(OSError):
            if shutil.disk_usage(folder).free < _FULL_BYTES:
                return folder
    return None


@contextmanager
def naming(place: str | PathLike[str]) -> Iterator[None]:
    """Add a path to an OSError that has none: a full disk is noticed while writing, which does not know the name."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = str(place)
        raise


def find_full_disk(error: BaseException) -> OSError | None:
    """Find the full or read-only disk behind an error of a library, along its causes."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        if isinstance(cause, OSError) and cause.errno in _DISK:
            return cause
        if getattr(cause, "sqlite_errorname", None) == "SQLITE_FULL":
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__
    return None


@contextmanager
def report_errors(*kinds: type[Exception], program: str | None = None) -> Iterator[None]:
    """Stop the command with the message of an error of these kinds.

    Args:
        kinds: the errors that people can do something about; their messages are written for them.
        program: what each line begins with.
    """
    try:
        yield
    except kinds as error:
        stop(str(error), program=program)


def stop(*lines: str, program: str | None = None, exit_code: int = 1) -> NoReturn:
    """Print these lines to standard error and stop the command."""
    for line in lines:
        say(f"{program}: {line}" if program else line)
    raise typer.Exit(exit_code)


def say(line: str) -> None:
    """Print a line to standard error, with hints as they work here; where that is refused, the exit code has to do."""
    with suppress(OSError):
        print(type_hints(line), file=sys.stderr)


def _decode(name: str | bytes | int | PathLike[str]) -> str:
    return str(name) if isinstance(name, int) else os.fsdecode(name)
