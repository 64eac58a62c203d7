"""Who calls: keys, rate limits, replayed responses, Redis."""

from prometheus_client import CollectorRegistry, Counter

from housing_price_orchestrator.observability.processes import FollowingGauge


class AccessMetrics:
    """The metrics of access."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._by_name: dict[str, Counter] = {}
        self._requests_by_key = Counter(
            "http_requests_by_key", "Requests with a valid API key, by its name.", ("key",), registry=registry
        )
        self._rate_limited = Counter(
            "http_requests_rate_limited", "Requests refused by a rate limit.", ("by",), registry=registry
        )
        self.replayed = Counter(
            "http_answers_replayed", "Answers given again for the same Idempotency-Key.", registry=registry
        )
        self.redis_unavailable = Counter(
            "redis_unavailable", "Times that Redis did not answer, or was not asked for that reason.", registry=registry
        )
        self.keys_sound = FollowingGauge(
            "api_keys_sound",
            "0 while the file of the API keys can't be used; the keys known before are valid.",
            registry=registry,
            multiprocess_mode="livemin",
        )

    def count_key(self, name: str) -> None:
        """Count a request by the name of its API key; the names are those that the file of the keys has."""
        if name not in self._by_name:
            self._by_name[name] = self._requests_by_key.labels(name)
        self._by_name[name].inc()

    def count_rate_limited(self, kind: str) -> None:
        """Count a request that a rate limit refused, by what is limited."""
        self._rate_limited.labels(kind).inc()
