"""The secret beside the key file: whoever steals the file alone can't test guesses against it."""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from api_keys.errors import KeysUnusable

MIN_PEPPER_CHARACTERS = 16
_RANDOM_BYTES = 32


class Pepper:
    """The pepper, from the settings or from a file.

    Args:
        secret: the pepper, if the settings hold it.
        file: the file that holds it otherwise.
    """

    def __init__(self, secret: str | None, file: Path) -> None:
        self._secret = secret
        self.file = file

    def read(self) -> bytes:
        """Read the pepper.

        Raises:
            KeysUnusable: if there is none, or too short a one.
        """
        pepper = self._secret if self._secret is not None else self._read_file()
        if len(pepper) < MIN_PEPPER_CHARACTERS:
            raise KeysUnusable(f"the pepper of the API keys has fewer than {MIN_PEPPER_CHARACTERS} characters")
        return pepper.encode()

    def read_or_create(self) -> bytes:
        """Read the pepper; create it in its file if there is none yet.

        Raises:
            KeysUnusable: if it can't be read or written.
        """
        if self._secret is None:
            try:
                with suppress(FileExistsError):
                    self._create()
            except OSError as error:
                raise KeysUnusable.of_file("the pepper of the API keys", self.file, error) from error
        return self.read()

    def _create(self) -> None:
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as made:
                made.write(secrets.token_hex(_RANDOM_BYTES) + "\n")
        except OSError:  # a full disk: half a pepper would be taken for one next time
            self.file.unlink()
            raise

    def _read_file(self) -> str:
        try:
            return self.file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise KeysUnusable.of_file("the pepper of the API keys", self.file, error) from error


def pepper_id(pepper: bytes) -> str:
    """An id that tells peppers apart without revealing them."""
    return hmac.digest(pepper, b"which pepper this is", "sha256")[:8].hex()
