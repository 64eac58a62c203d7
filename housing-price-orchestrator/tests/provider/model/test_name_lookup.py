"""A name that is not looked up in time, as where a stopped container's name goes on to a server that never answers."""

import asyncio

import pytest
from housing_price_orchestrator.domain import ModelRequest
from housing_price_orchestrator.provider.model.mlflow import MlflowModel
from housing_price_orchestrator.settings import PricingModelSettings
from upstream_resilience.bulkhead import Bulkhead
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import UpstreamUnavailable
from upstream_resilience.http.transport import pooled_transport


async def test_a_name_that_never_resolves_is_unavailable_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def stalling(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", stalling)
    settings = PricingModelSettings(url="http://stopped:8080", connect_timeout_seconds=0.01)

    async with pooled_transport(settings.pool_size) as client:
        model = MlflowModel(settings.url, client, Bulkhead(1, 1), settings)
        with pytest.raises(UpstreamUnavailable):
            async with Deadline.after(settings.timeout_seconds).limit():
                await model.predict(ModelRequest(["LotArea"], [[1]]))
