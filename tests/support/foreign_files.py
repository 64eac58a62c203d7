"""Files of mode 600 that belong to another user, as in a container; the tests may run as root, who reads everything."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def make_unreadable(path: Path, patch: pytest.MonkeyPatch) -> None:
    """Let this process be refused as if the file or folder belonged to somebody else."""
    ask, opened = os.access, io.open

    def may(place: Any, mode: int, **options: Any) -> bool:
        return os.fspath(place) != str(path) and ask(place, mode, **options)

    def refuse(file: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(file, str | os.PathLike) and os.fspath(file) == str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(file, *arguments, **options)

    patch.setattr(os, "access", may)
    _patch_open(refuse, patch)


def _patch_open(refuse: Callable[..., Any], patch: pytest.MonkeyPatch) -> None:
    patch.setattr("builtins.open", refuse)
    patch.setattr(io, "open", refuse)
