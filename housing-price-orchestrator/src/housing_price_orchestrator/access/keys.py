"""API keys: what a key looks like, what is kept of it, and what its owner may do."""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

KEY_PREFIX = "hp_"
"""By which people, and scanners of repositories, recognise a key."""

_RANDOM_BYTES = 32


class Scope(StrEnum):
    """What a key is for."""

    PREDICT = "predict"
    READ = "read"
    ADMIN = "admin"

    @property
    def implied(self) -> frozenset["Scope"]:
        """This scope and those that come with it: an administrator may do everything."""
        return frozenset(Scope) if self is Scope.ADMIN else frozenset({self})


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of a key.

    Args:
        name: the key's name, which logs and metrics show.
        scopes: everything that the key is good for, implied scopes included.
        expires_at: in seconds since the epoch; infinite for a key that does not expire.
    """

    name: str
    scopes: frozenset[Scope]
    expires_at: float = float("inf")


def new_key() -> str:
    """A key that nobody can guess: 256 random bits."""
    return KEY_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def digest_of(key: bytes, pepper: bytes) -> bytes:
    """What is kept of a key: HMAC-SHA256 under the pepper.

    A slow hash would add nothing, since a key is random and not a password that somebody chose.
    """
    return _digest(hmac.new(pepper, digestmod="sha256"), key)


def _digest(prepared: hmac.HMAC, key: bytes) -> bytes:
    digest = prepared.copy()
    digest.update(key)
    return digest.digest()


class KeyRing:
    """The keys that are valid.

    They are looked up by digest, and that leaks nothing: without the pepper nobody can choose the digest that is
    compared, so its agreement with a stored one is chance, byte for byte. An unknown, a revoked and a mistyped key
    take the same path, and an expired one differs from them by one comparison of numbers.

    Args:
        callers: the owners, by the digests of their keys.
        pepper: the secret that the digests depend on.
        now: the time in seconds since the epoch.
    """

    def __init__(self, callers: Mapping[bytes, Caller], pepper: bytes, now: Callable[[], float] = time.time) -> None:
        self._callers = callers
        # Prepared once: OpenSSL needs longer for that than for the digest of a key.
        self._prepared = hmac.new(pepper, digestmod="sha256")
        self._now = now

    def __len__(self) -> int:
        """How many keys there are, expired ones included."""
        return len(self._callers)

    def caller(self, key: bytes) -> Caller | None:
        """The owner of a key; None if it is not valid."""
        found = self._callers.get(_digest(self._prepared, key))
        return found if found and found.expires_at > self._now() else None


CLOSED = KeyRing({}, b"")
"""Keys are needed, and none is valid."""
