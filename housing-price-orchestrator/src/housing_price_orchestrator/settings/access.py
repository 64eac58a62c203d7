"""Settings of who may call, how often, and what is stored for them."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, PositiveFloat, PositiveInt, SecretStr, field_validator
from pydantic_settings import NoDecode

from housing_price_orchestrator.settings.section import Section, split_at_commas


class CorsSettings(Section):
    """Which web pages may call the service from a browser."""

    origins: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(split_at_commas),
        Field(examples=["https://a.example,https://b.example"]),
    ] = ()
    """Origins of web pages that may call from a browser, separated by commas. Defaults to none."""


class KeySettings(Section):
    """The API keys that callers need."""

    file: Path = Path(".housing-price/api-keys.json")
    """The file of API keys, which `housing-price-orchestrator keys` writes. Until it exists, callers need no key."""
    required: bool = False
    """Reject every request while that file does not exist, instead of requiring no key."""
    pepper: SecretStr | None = None
    """The secret that the stored digests of keys depend on, at least 16 characters. Defaults to the contents of
    `PEPPER_FILE`."""
    pepper_file: Path | None = None
    """The file with that secret, created with the first key. Defaults to the file of keys with `.pepper` added."""

    @property
    def pepper_place(self) -> Path:
        """Where the pepper is, unless it is given."""
        return self.pepper_file or self.file.with_name(f"{self.file.name}.pepper")


class RateLimitSettings(Section):
    """How often one caller may send requests; no limit unless one is set. A bucket holds `BURST` requests and refills
    over time; each worker has its own unless `ORCHESTRATOR_REDIS__URL` is set."""

    key_per_second: PositiveFloat | None = None
    """Requests per second with one API key. Defaults to no limit."""
    key_burst: PositiveInt | None = None
    """Requests at once with one API key. Defaults to those of one second, at least 1."""
    address_per_second: PositiveFloat | None = None
    """Requests per second from one client address (IPv6: one /64), with or without keys. Defaults to no limit."""
    address_burst: PositiveInt | None = None
    """Requests at once from one address. Defaults to those of one second, at least 1."""
    max_addresses: PositiveInt = 10_000
    """Maximum number of addresses to track. An address that was dropped starts anew."""


class IdempotencySettings(Section):
    """Stored responses to requests with an `Idempotency-Key`; each worker has its own unless Redis is set."""

    ttl_seconds: PositiveFloat = 600.0
    """How long a response to a request with an `Idempotency-Key` is stored."""
    max_answers: PositiveInt = 10_000
    """Maximum number of stored responses."""
    max_bytes: PositiveInt = 16 * 1024 * 1024
    """Maximum size of all stored responses together. A larger response is not stored. Redis has limits of its own."""


class RedisSettings(Section):
    """A Redis server through which workers and instances share rate limits and stored responses."""

    url: SecretStr | None = None
    """The address of a Redis server, `redis://` or `rediss://`, which needs the extra `redis`. It shares rate limits
    and stored responses; by default each worker has its own."""
    timeout_seconds: PositiveFloat = 0.05
    """How long to wait for Redis. After that, a request continues without it."""

    @field_validator("url")
    @classmethod
    def _is_an_address_of_redis(cls, value: SecretStr | None) -> SecretStr | None:
        # The messages leave the address out, which may hold a password.
        if value and not value.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("an address of Redis begins with redis:// or rediss://")
        if value and not find_spec("redis"):
            raise ValueError("needs the extra `redis` of housing-price-orchestrator, which `uv sync` installs")
        return value
