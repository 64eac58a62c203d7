"""API keys: what a key looks like, what is stored of it, and what its owner may do."""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

KEY_PREFIX = "hp_"
"""Lets people and secret scanners recognise a key."""

_RANDOM_BYTES = 32


class Scope(StrEnum):
    """What a key allows."""

    PREDICT = "predict"
    READ = "read"
    ADMIN = "admin"

    @property
    def implied(self) -> frozenset["Scope"]:
        """This scope and those it includes: `admin` allows everything."""
        return frozenset(Scope) if self is Scope.ADMIN else frozenset({self})


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of a key.

    Args:
        name: the key's name, as shown in logs and metrics.
        scopes: everything that the key allows, implied scopes included.
        expires_at: in seconds since the epoch; infinite for a key that does not expire.
    """

    name: str
    scopes: frozenset[Scope]
    expires_at: float = float("inf")


def new_key() -> str:
    """Create a key that nobody can guess: 256 random bits."""
    return KEY_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def digest_of(key: bytes, pepper: bytes) -> bytes:
    """What is stored of a key: HMAC-SHA256 under the pepper.

    A slow hash would add nothing: a key is random, not a password that somebody chose.
    """
    return _digest(hmac.new(pepper, digestmod="sha256"), key)


def _digest(prepared: hmac.HMAC, key: bytes) -> bytes:
    digest = prepared.copy()
    digest.update(key)
    return digest.digest()


class KeyRing:
    """The valid keys.

    Keys are looked up by digest, which leaks nothing: without the pepper nobody can choose the digest that is compared,
    so each byte of it matches a stored one by chance only. Unknown, revoked and mistyped keys take the same path, and
    an expired one differs by a single comparison of numbers.

    The owner of a valid key is cached, because HMAC takes four times as long as BLAKE2. The cache is keyed by a digest
    under a secret of this object, so it holds no key, and nobody can choose that digest either. It holds valid keys
    only, so it never outgrows them, and a shorter response time reveals nothing that the response itself does not.

    Args:
        callers: the owners by the digest of their key.
        pepper: the secret that the digests depend on.
        now: the time in seconds since the epoch.
    """

    def __init__(self, callers: Mapping[bytes, Caller], pepper: bytes, now: Callable[[], float] = time.time) -> None:
        self._callers = callers
        # Prepared once: that takes OpenSSL longer than the digest of a key.
        self._prepared = hmac.new(pepper, digestmod="sha256")
        self._now = now
        self._cache_hash = blake2b(key=secrets.token_bytes(_RANDOM_BYTES), digest_size=_RANDOM_BYTES)
        self._cached: dict[bytes, Caller] = {}

    def __len__(self) -> int:
        """How many keys there are, expired ones included."""
        return len(self._callers)

    def caller(self, key: bytes) -> Caller | None:
        """The owner of a key; None if it is not valid."""
        cache_hash = self._cache_hash.copy()
        cache_hash.update(key)
        cache_key = cache_hash.digest()
        found = self._cached.get(cache_key)
        if found is None:
            found = self._callers.get(_digest(self._prepared, key))
            if found is None:
                return None
            self._cached[cache_key] = found
        return found if found.expires_at > self._now() else None


CLOSED = KeyRing({}, b"")
"""Keys are required, and none is valid."""
