"""The secret beside the keys' file: who steals the file alone can test no guess."""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from housing_price_orchestrator.access.unusable import KeysUnusable

FEWEST_CHARACTERS = 16
_RANDOM_BYTES = 32


class Pepper:
    """The pepper, given as it is or kept in a file.

    Args:
        secret: the pepper, where it is given.
        file: where it is kept otherwise.
    """

    def __init__(self, secret: str | None, file: Path) -> None:
        self._secret = secret
        self.file = file

    def read(self) -> bytes:
        """The pepper.

        Raises:
            KeysUnusable: if there is none, or too short a one.
        """
        pepper = self._secret if self._secret is not None else self._stored()
        if len(pepper) < FEWEST_CHARACTERS:
            raise KeysUnusable(f"the pepper of the API keys has fewer than {FEWEST_CHARACTERS} characters")
        return pepper.encode()

    def read_or_make(self) -> bytes:
        """The pepper, made anew and kept in its file where there is none yet.

        Raises:
            KeysUnusable: if it can't be read or kept.
        """
        if self._secret is None:
            try:
                with suppress(FileExistsError):
                    descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                    with os.fdopen(descriptor, "w", encoding="ascii") as made:
                        made.write(secrets.token_hex(_RANDOM_BYTES) + "\n")
            except OSError as error:
                raise KeysUnusable.of_file("the pepper of the API keys", self.file, error) from error
        return self.read()

    def _stored(self) -> str:
        try:
            return self.file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise KeysUnusable.of_file("the pepper of the API keys", self.file, error) from error


def pepper_id(pepper: bytes) -> str:
    """Tells peppers apart without telling what they are."""
    return hmac.digest(pepper, b"which pepper this is", "sha256")[:8].hex()
