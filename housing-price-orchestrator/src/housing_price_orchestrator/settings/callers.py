"""Settings of who may call, how often, and what is kept for them."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, field_validator
from pydantic_settings import NoDecode

from housing_price_orchestrator.settings.section import Section


class CorsSettings(Section):
    """Which web pages may call the service from a browser."""

    origins: Annotated[tuple[str, ...], NoDecode, Field(examples=["https://a.example,https://b.example"])] = ()
    """Origins with commas between them; none by default."""

    @field_validator("origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


class KeySettings(Section):
    """The API keys that callers need."""

    file: Path = Path(".housing-price/api-keys.json")
    """File of the API keys, which `housing-price-orchestrator keys` writes. Until it exists, callers need no key."""
    required: bool = False
    """Refuse every request while there is no such file, instead of asking for no key."""
    pepper: SecretStr | None = None
    """Secret that the stored digests of keys depend on, 16 characters or more; by default the one in `PEPPER_FILE`."""
    pepper_file: Path | None = None
    """File with that secret, made with the first key; by default beside the file of the keys, with `.pepper` added."""

    @property
    def pepper_place(self) -> Path:
        """Where the pepper is, unless it is given."""
        return self.pepper_file or self.file.with_name(f"{self.file.name}.pepper")


class RateLimitSettings(Section):
    """How often one caller may ask; no limit unless one is set. A bucket holds `BURST` requests and fills again with
    time; it is of each worker unless `ORCHESTRATOR_REDIS__URL` is set."""

    key_per_second: PositiveFloat | None = None
    """Requests a second by one API key; no limit by default."""
    key_burst: PositiveInt | None = None
    """Requests by one API key at once; by default those of one second, and at least 1."""
    address_per_second: PositiveFloat | None = None
    """Requests a second from one client address (IPv6: one /64), keys or not; no limit by default."""
    address_burst: PositiveInt | None = None
    """Requests from one address at once; by default those of one second, and at least 1."""
    max_addresses: PositiveInt = 10_000
    """Addresses that are remembered at most; one that is forgotten begins anew."""


class IdempotencySettings(Section):
    """Answers that are kept for requests with an `Idempotency-Key`; for each worker unless Redis is set."""

    ttl_seconds: PositiveFloat = 600.0
    """How long an answer is kept."""
    max_answers: PositiveInt = 10_000
    """Answers that are kept at most."""
    max_bytes: PositiveInt = 16 * 1024 * 1024
    """Size of all of them together; a larger answer is not kept. Redis has limits of its own."""


class RedisSettings(Section):
    """A Redis server through which workers and instances share rate limits and kept answers."""

    url: SecretStr | None = None
    """Its address, `redis://` or `rediss://`; needs the extra `redis`. By default each worker has its own limits."""
    timeout_seconds: PositiveFloat = 0.05
    """Time in which it must answer; after that, requests go on without it."""

    @field_validator("url")
    @classmethod
    def _is_an_address_of_redis(cls, value: SecretStr | None) -> SecretStr | None:
        # What is wrong is told without the address, which may hold a password.
        if value and not value.get_secret_value().startswith(("redis://", "rediss://")):
            raise ValueError("an address of Redis begins with redis:// or rediss://")
        if value and not find_spec("redis"):
            raise ValueError("needs the extra: pip install 'housing-price-orchestrator[redis]'")
        return value
