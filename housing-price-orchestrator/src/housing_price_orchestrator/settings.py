"""The settings of the service: one frozen class, read from ``ORCHESTRATOR_…`` and a ``.env`` file.

Each section is passed to the object that needs it. ``environment.py`` reads them and explains mistakes.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, PositiveFloat, PositiveInt, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "ORCHESTRATOR_"
NESTING = "__"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class PricingModelSettings(_Section):
    """The model server that prices houses."""

    url: Annotated[str, Field(examples=["http://127.0.0.1:8080"])] = "http://127.0.0.1:8080"
    """Address of the model server."""
    mode: Literal["http", "embedded"] = "http"
    """Where the model runs: in a server at `URL`, or `embedded` in this process, which needs the extra of that name."""
    model_uri: str = "models:/housing-price@champion"
    """The model that is embedded: found in the registry that `MLFLOW_TRACKING_URI` names, or a model's folder."""
    name: str | None = None
    """Name of the model, for a server that does not say it itself."""
    version: str | None = None
    """Version of the model, for a server that does not say it itself."""
    timeout_seconds: PositiveFloat = 2.0
    """Time in which a request for one price must be answered."""
    batch_timeout_seconds: PositiveFloat = 10.0
    """Time in which a request for a batch of prices must be answered."""
    connect_timeout_seconds: PositiveFloat = 0.25
    """Time in which a connection to the model server must be made."""
    max_connections: PositiveInt = 2
    """Calls with single prices at the same time, for each worker: the second when it is full or the first is slow.
    Raise it for a server with several workers or replicas."""
    max_merged_rows: PositiveInt = 64
    """Rows of single requests that go in one call: those that arrive while calls run are merged into the next."""
    slice_rows: PositiveInt = 256
    """Rows of a larger batch that go in one call."""
    max_slice_calls: PositiveInt = 2
    """Calls with slices of large batches at the same time, for each worker, beside those with single prices."""
    max_waiting: PositiveInt = 1000
    """Requests that may wait for a call, for each worker, before others are refused."""
    max_answer_bytes: PositiveInt = 16 * 1024 * 1024
    """Size of the largest answer that is accepted from the model server."""

    @field_validator("url")
    @classmethod
    def _is_one_http_address(cls, value: str) -> str:
        if "," in value:
            raise ValueError("several addresses are not supported yet: name one")
        address = HttpUrl(value)
        if address.query or address.fragment:
            raise ValueError("an address has no query and no fragment")
        return value.rstrip("/")

    @property
    def place(self) -> str:
        """Where the model is, for people."""
        return self.url if self.mode == "http" else self.model_uri

    @property
    def pool_size(self) -> int:
        """Connections to the model server: one a call, and one for the probe that asks who the model is."""
        return self.max_connections + self.max_slice_calls + 1


class RepeatSettings(_Section):
    """A cache of prices for exact repeats of a house; for each worker its own."""

    enabled: bool = False
    """Answer a house that was priced lately, every field equal and by the same version, without asking the model."""
    max_rows: PositiveInt = 10_000
    """Houses that are remembered at most; each costs about 650 bytes, its interval included."""
    ttl_seconds: PositiveFloat = 300.0
    """How long a price is remembered."""


class LimitSettings(_Section):
    """How much one request may ask for."""

    max_rows: PositiveInt = 1000
    """Houses in one batch."""
    max_body_bytes: PositiveInt = 5 * 1024 * 1024
    """Size of the largest request body."""
    body_timeout_seconds: PositiveFloat = 10.0
    """Time in which the head of a request must have arrived, and then its body."""
    max_header_bytes: PositiveInt = 32 * 1024
    """Size of the request line and all headers together."""


class ReadinessSettings(_Section):
    """The probe behind ``/ready``: a known house is priced again and again."""

    interval_seconds: PositiveFloat = 1.0
    """Time between two probes."""
    timeout_seconds: PositiveFloat = 0.25
    """Time in which a probe must be answered."""
    failures_until_down: PositiveInt = 3
    """Failed probes in a row after which the service is no longer ready."""
    passes_until_up: PositiveInt = 2
    """Passed probes in a row after which it is ready again; after the start, one is enough."""


class LogSettings(_Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important level that is logged."""
    format: Literal["auto", "json", "text"] = "auto"
    """`json`, `text` for people, or `auto`: text on a terminal, else JSON."""
    requests: Literal["errors", "all"] = "errors"
    """Log a line for failed and slow requests, or for all of them."""
    slow_request_seconds: PositiveFloat = 1.0
    """A request that takes longer is slow."""


class CorsSettings(_Section):
    """Which web pages may call the service from a browser."""

    origins: Annotated[tuple[str, ...], NoDecode, Field(examples=["https://a.example,https://b.example"])] = ()
    """Origins with commas between them; none by default."""

    @field_validator("origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


class Settings(BaseSettings):
    """All settings of the orchestrator."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTING,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
    )

    environment: Literal["local", "staging", "production"] = "local"
    """Where the service runs; appears in each log line."""
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """Port to listen on; where a platform sets `PORT`, that one is taken."""
    pricing_model: PricingModelSettings = PricingModelSettings()
    repeats: RepeatSettings = RepeatSettings()
    limits: LimitSettings = LimitSettings()
    readiness: ReadinessSettings = ReadinessSettings()
    log: LogSettings = LogSettings()
    cors: CorsSettings = CorsSettings()
