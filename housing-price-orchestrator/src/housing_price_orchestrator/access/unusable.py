"""The error of keys that can't be had."""

from pathlib import Path
from typing import Self


class KeysUnusable(Exception):
    """The file of the keys, or its pepper, can't be used; the text is one sentence for operators, without secrets."""

    @classmethod
    def of_file(cls, what: str, file: Path, error: Exception) -> Self:
        """A file that can't be read or written."""
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        return cls(f"{what} ({file}): {reason}")
