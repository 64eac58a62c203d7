"""Settings of the endpoints by declaration, and of what is kept of their runs."""

import re
from importlib.util import find_spec
from pathlib import Path

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, field_validator

from housing_price_orchestrator.settings.section import Section

_SQLITE_FILE = re.compile(r"sqlite(\+aiosqlite)?:///(?!:memory:)[^?]+(\?.*)?")
_POSTGRES_BEGINNINGS = "postgresql://", "postgres://", "postgresql+psycopg://"
_POSTGRES = re.compile(r"[a-z+]+://([^:/@]*(:[^@]*)?@)?(\[[^/?\]]+\]|[^/:?@]*)(:[0-9]+)?(/[^?@]*)?(\?.*)?", re.DOTALL)


class FlowSettings(Section):
    """Endpoints by declaration."""

    folder: Path | None = None
    """Folder of the flows' YAML files; none are served by default."""
    watch: bool = True
    """Take changes of these files while they are served."""
    secrets: dict[str, SecretStr] = Field(default_factory=dict, examples=['{"market_token": "…"}'])
    """The secrets that sources may name: `ORCHESTRATOR_FLOWS__SECRETS__MARKET_TOKEN` is `{secret: market_token}`."""
    max_in_flight: PositiveInt = 500
    """Runs of flows at the same time, for each worker."""
    executions_url: SecretStr | None = None
    """Where runs are kept: `sqlite:///path` or `postgresql://…` (extra `postgres`); by default in `.housing-price`."""
    executions_per_second: PositiveInt = 20
    """Runs that succeeded, found nothing or were refused that are kept each second, for each worker; those that failed,
    were cancelled or degraded are all kept."""
    executions_days: PositiveFloat = 7.0
    """How long a run is kept."""
    max_executions: PositiveInt = 100_000
    """Runs that are kept at most; the oldest go."""

    @field_validator("executions_url")
    @classmethod
    def _is_an_address_of_a_database(cls, value: SecretStr | None) -> SecretStr | None:
        # What is wrong is told without the address, which may hold a password.
        address = value.get_secret_value() if value else None
        if not address or _SQLITE_FILE.fullmatch(address):
            return value
        if not address.startswith(_POSTGRES_BEGINNINGS):
            raise ValueError("an address of executions is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
        if not _POSTGRES.fullmatch(address):
            raise ValueError("it is no postgresql://USER:PASSWORD@HOST/NAME: an `@` in the password is written %40")
        if not find_spec("psycopg"):
            raise ValueError("needs the extra: pip install 'housing-price-orchestrator[postgres]'")
        return value

    @property
    def executions_place(self) -> str:
        """Where runs are kept."""
        return (
            self.executions_url.get_secret_value() if self.executions_url else "sqlite:///.housing-price/executions.db"
        )
