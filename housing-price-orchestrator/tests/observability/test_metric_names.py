"""What dashboards and alerts are written for: kinds, names, labels and help texts of the metrics stay as they are."""

from pathlib import Path

import pytest
from housing_price_orchestrator.observability.metrics.metrics import Metrics
from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

KNOWN = Path(__file__).with_name("metric_names.txt").read_text(encoding="utf-8").splitlines()


def describe(metric: MetricWrapperBase) -> str:
    (family,) = metric.describe()
    labels = ",".join(metric._labelnames)  # noqa: SLF001  they have no public name
    return f"{family.type} {family.name}{{{labels}}} {family.documentation}"


def test_metrics_keep_their_names_labels_and_help_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Collector] = []
    monkeypatch.setattr(CollectorRegistry, "register", lambda _, collector: made.append(collector))

    Metrics()

    assert sorted(describe(metric) for metric in made if isinstance(metric, MetricWrapperBase)) == sorted(KNOWN)
