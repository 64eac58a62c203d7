"""Settings of the calls to the model servers, and of what is done when they fail."""

from typing import Annotated, Literal

from pydantic import Field, HttpUrl, PositiveFloat, PositiveInt, field_validator
from upstream_resilience import settings as policies

from housing_price_orchestrator.settings.section import Section


class PricingModelSettings(Section):
    """The model server that prices houses."""

    url: Annotated[str, Field(examples=["http://127.0.0.1:8080"])] = "http://127.0.0.1:8080"
    """Address of the model server, or of several that serve the same model, with commas between them."""
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
    pool_timeout_seconds: PositiveFloat = 0.1
    """Time in which one of the connections to a model server must be free."""
    max_connections: PositiveInt = 2
    """Calls with single prices at the same time, for each worker and model server: the second when it is full or the
    first is slow. Raise it for a server with several workers."""
    max_merged_rows: PositiveInt = 64
    """Rows of single requests that go in one call: those that arrive while calls run are merged into the next."""
    slice_rows: PositiveInt = 256
    """Rows of a larger batch that go in one call."""
    max_slice_calls: PositiveInt = 2
    """Calls with slices of large batches at the same time, for each worker and model server, beside those with single
    prices."""
    max_waiting: PositiveInt = 500
    """Requests that may wait for a call, for each worker, before others are refused."""
    max_answer_bytes: PositiveInt = 16 * 1024 * 1024
    """Size of the largest answer that is accepted from the model server."""

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
    """A call that takes longer is slow; one with many houses may take longer in proportion."""
    probes: PositiveInt = 3
    """Calls that try whether the model is well again; all must succeed."""


class RepeatSettings(Section):
    """A cache of prices for exact repeats of a house; for each worker its own."""

    enabled: bool = False
    """Answer a house that was priced lately, every field equal and by the same version, without asking the model."""
    max_rows: PositiveInt = 10_000
    """Houses that are remembered at most; each costs about 650 bytes, its interval included."""
    ttl_seconds: PositiveFloat = 300.0
    """How long a price is remembered."""


class ReadinessSettings(Section):
    """The probe behind ``/ready``: a known house is priced again and again."""

    interval_seconds: PositiveFloat = 1.0
    """Time between two probes."""
    timeout_seconds: PositiveFloat = 0.25
    """Time in which a probe must be answered."""
    failures_until_down: PositiveInt = 3
    """Failed probes in a row after which the service is no longer ready."""
    passes_until_up: PositiveInt = 2
    """Passed probes in a row after which it is ready again; after the start, one is enough."""
