"""What can go wrong with API keys."""

from pathlib import Path
from typing import Self

from host_environment.files import describe_denied, is_denied


class KeysUnusable(Exception):
    """The key file or its pepper can't be used; the message is one sentence for operators, without secrets."""

    @classmethod
    def of_file(cls, what: str, file: Path, error: Exception) -> Self:
        """The error for a file that can't be read or written."""
        if isinstance(error, PermissionError) and is_denied(file):
            return cls(f"{what}: {describe_denied(file)}")
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        return cls(f"{what} ({file}): {reason}")


class KeyNameTaken(Exception):
    """There is a key of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a key named {name}: choose another name, or revoke it first")


class NoSuchKey(Exception):
    """There is no key of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no key named {name}")
