"""Settings of the calls to the model servers, and of what happens when they fail."""

from typing import Annotated, Literal

from pydantic import Field, HttpUrl, PositiveFloat, PositiveInt, field_validator
from upstream_resilience import settings as policies

from housing_price_orchestrator.settings.section import Section


class PricingModelSettings(Section):
    """The model server that prices houses."""

    url: Annotated[str, Field(examples=["http://127.0.0.1:8080"])] = "http://127.0.0.1:8080"
    """The address of the model server, or of several that serve the same model, separated by commas."""
    mode: Literal["http", "embedded"] = "http"
    """Where the model runs: `http` for a server at `URL`, `embedded` for this process, which needs the extra
    `embedded`."""
    model_uri: str = "models:/housing-price@champion"
    """The model to embed, from the registry at `MLFLOW_TRACKING_URI`, or the folder of a model."""
    name: str | None = None
    """The model's name, for a server that does not state it."""
    version: str | None = None
    """The model's version, for a server that does not state it."""
    timeout_seconds: PositiveFloat = 2.0
    """The deadline of a request for one price."""
    batch_timeout_seconds: PositiveFloat = 10.0
    """The deadline of a request for a batch of prices."""
    connect_timeout_seconds: PositiveFloat = 0.25
    """How long connecting to a model server may take."""
    pool_timeout_seconds: PositiveFloat = 0.1
    """How long to wait for a free connection to a model server."""
    max_connections: PositiveInt = 2
    """Maximum number of concurrent calls with single prices, for each worker and model server. The second begins when
    it is full or the first is slow. Raise it for a server with several workers."""
    max_merged_rows: PositiveInt = 64
    """Maximum number of rows of single requests in one call. Requests that arrive during a call share the next one."""
    slice_rows: PositiveInt = 256
    """Maximum number of rows of a larger batch in one call."""
    max_slice_calls: PositiveInt = 2
    """Maximum number of concurrent calls with slices of large batches, for each worker and model server, beside those
    with single prices."""
    max_waiting: PositiveInt = 500
    """Maximum number of requests that wait for a call, for each worker. Further ones are rejected."""
    max_answer_bytes: PositiveInt = 16 * 1024 * 1024
    """Maximum size of a response of the model server."""

    @field_validator("url")
    @classmethod
    def _are_http_addresses(cls, value: str) -> str:
        urls = [url.strip().rstrip("/") for url in value.split(",")]
        for url in urls:
            address = HttpUrl(url)
            if address.query or address.fragment:
                raise ValueError("an address has no query and no fragment")
            if address.username or address.password:
                raise ValueError("an address holds no user and no password: it is named in logs and metrics")
        if len(set(urls)) < len(urls):
            raise ValueError("an address is there twice")
        return ",".join(urls)

    @property
    def urls(self) -> tuple[str, ...]:
        """The address of each model server."""
        return tuple(self.url.split(","))

    @property
    def place(self) -> str:
        """Where the model is, for people."""
        return self.url if self.mode == "http" else self.model_uri

    @property
    def pool_size(self) -> int:
        """Connections to one model server: one a call, and one for the probe that asks who the model is."""
        return self.max_connections * self.replicas + self.max_slice_calls * self.replicas + 1

    @property
    def replicas(self) -> int:
        """How many model servers there are."""
        return len(self.urls) if self.mode == "http" else 1


class BreakerSettings(policies.BreakerSettings):
    """The circuit breaker before the model, described for this upstream."""

    slow_seconds: PositiveFloat = 1.0
    """A call that gets no answer for longer counts as failed. A call with many houses may take longer in proportion. A
    slow answer within the deadline is a success."""
    probes: PositiveInt = 3
    """Trial calls that must all succeed for the breaker to close."""


class RepeatSettings(Section):
    """The prediction cache of each worker, for exact repeats of a house."""

    enabled: bool = False
    """Cache predictions: a house with the same value in every field gets the prediction of the same version without a
    call to the model."""
    max_rows: PositiveInt = 10_000
    """Maximum number of cached houses. Each takes about 650 bytes, its interval included."""
    ttl_seconds: PositiveFloat = 300.0
    """How long a prediction is cached."""


class ReadinessSettings(Section):
    """The probe behind ``/ready``, which prices a known house again and again."""

    interval_seconds: PositiveFloat = 1.0
    """The time between two readiness probes."""
    timeout_seconds: PositiveFloat = 0.25
    """How long a readiness probe may take."""
    failures_until_down: PositiveInt = 3
    """Failed probes in a row after which the service is no longer ready."""
    passes_until_up: PositiveInt = 2
    """Passed probes in a row after which it is ready again. After the start, one is enough."""
