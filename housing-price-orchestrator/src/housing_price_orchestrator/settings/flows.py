"""Settings of flows, and of how their executions are stored."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from host_environment.postgres_addresses import is_postgres, read_postgres_address
from pydantic import Field, PositiveInt, SecretStr, field_validator

from housing_price_orchestrator.settings.section import Section

_SQLITE_FILE = re.compile(r"sqlite(\+aiosqlite)?:///(?!:memory:)[^?]+(\?.*)?")
_POSTGRES = re.compile(
    r"postgresql://([^:/@]*(:[^@]*)?@)?(\[[^/?\]]+\]|[^/:?@]*)(:[0-9]+)?(/[^?@]*)?(\?.*)?", re.DOTALL
)


class FlowSettings(Section):
    """Endpoints by declaration."""

    folder: Path | None = None
    """The folder of the flows' YAML files. Defaults to no flows."""
    watch: bool = True
    """Reload these files when they change."""
    secrets: dict[str, SecretStr] = Field(default_factory=dict, examples=['{"market_token": "…"}'])
    """Secrets that sources may name: `ORCHESTRATOR_FLOWS__SECRETS__MARKET_TOKEN` is `{secret: market_token}`."""
    max_in_flight: PositiveInt = 500
    """Maximum number of concurrent runs of flows, for each worker."""
    executions_url: SecretStr | None = None
    """Where executions are stored: `sqlite:///path` or `postgresql://…` (extra `postgres`). Defaults to a file in
    `.housing-price`."""
    executions_per_second: PositiveInt = 20
    """How many executions per second are stored, for each worker, of those that succeeded, found nothing or were
    refused. Failed, cancelled and degraded ones are all stored."""
    executions_days: Annotated[float, Field(gt=0, le=36_500)] = 7.0
    """How many days an execution is stored."""
    max_executions: PositiveInt = 100_000
    """Maximum number of stored executions. The oldest are deleted."""

    @field_validator("executions_url")
    @classmethod
    def _is_an_address_of_a_database(cls, value: SecretStr | None) -> SecretStr | None:
        # The messages leave the address out, which may hold a password.
        address = value.get_secret_value() if value else None
        if not address or _SQLITE_FILE.fullmatch(address):
            return value
        if not is_postgres(address):
            raise ValueError("an address of executions is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
        if not _POSTGRES.fullmatch(read_postgres_address(address)):
            raise ValueError("it is no postgresql://USER:PASSWORD@HOST/NAME: an `@` in the password is written %40")
        if not find_spec("psycopg"):
            raise ValueError("needs the extra `postgres` of housing-price-orchestrator, which `uv sync` installs")
        return value

    @property
    def executions_place(self) -> str:
        """Where runs are kept."""
        return (
            self.executions_url.get_secret_value() if self.executions_url else "sqlite:///.housing-price/executions.db"
        )
