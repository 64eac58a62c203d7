"""Houses: how many were priced, with which warnings, and which fields were refused."""

from prometheus_client import CollectorRegistry, Counter

from housing_price_orchestrator.service.events import PricesAnswered


class HouseMetrics:
    """The metrics of houses."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._priced = Counter("houses_priced", "Houses priced.", registry=registry)
        self._implausible = Counter(
            "houses_implausible",
            "Warnings in prices: what is improbable, assumed, or new to the model.",
            ("code",),
            registry=registry,
        )
        self._refused = Counter(
            "fields_refused", "Fields of requests that were refused.", ("field", "reason"), registry=registry
        )

    def count_prices(self, event: PricesAnswered) -> None:
        """Count priced houses and their warnings."""
        self._priced.inc(len(event.prices))
        for document in event.prices:
            for warning in document["warnings"]:
                self._implausible.labels(warning.code).inc()

    def count_refused_field(self, field: str, reason: str) -> None:
        """Count a field that was refused, by its name in the record; its value is nobody's business."""
        self._refused.labels(field, reason).inc()
