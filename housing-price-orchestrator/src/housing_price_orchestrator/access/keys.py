"""API keys: what a key looks like, what is kept of it, and what its owner may do."""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

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

    The owner of a valid key is remembered, because HMAC takes four times as long as BLAKE2: by a digest under a secret
    of this object alone, so that memory holds no key, and nobody can choose that digest either. Only valid keys are
    remembered, so there are never more of them than keys; who sees that one was answered sooner has seen the answer.

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
        self._shortly = blake2b(key=secrets.token_bytes(_RANDOM_BYTES), digest_size=_RANDOM_BYTES)
        self._remembered: dict[bytes, Caller] = {}

    def __len__(self) -> int:
        """How many keys there are, expired ones included."""
        return len(self._callers)

    def caller(self, key: bytes) -> Caller | None:
        """The owner of a key; None if it is not valid."""
        shortly = self._shortly.copy()
        shortly.update(key)
        known_by = shortly.digest()
        found = self._remembered.get(known_by)
        if found is None:
            found = self._callers.get(_digest(self._prepared, key))
            if found is None:
                return None
            self._remembered[known_by] = found
        return found if found.expires_at > self._now() else None


CLOSED = KeyRing({}, b"")
"""Keys are needed, and none is valid."""
