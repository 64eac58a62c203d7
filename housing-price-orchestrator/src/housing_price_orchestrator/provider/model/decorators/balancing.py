"""Spreads calls over the servers of a model."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from upstream_resilience.load_balancing import Affinity, LoadBalancer

from housing_price_orchestrator.domain import ModelDetails, ModelRequest, Predictions, RequestContext
from housing_price_orchestrator.service.ports import ServedModel


class LoadBalancedModel:
    """A model with several servers, of which each call goes to one.

    Args:
        balancer: chooses the server. A probe may call several, and takes the first answer.
    """

    def __init__(self, balancer: LoadBalancer[ServedModel]) -> None:
        self._balancer = balancer

    async def predict(self, request: ModelRequest) -> Predictions:
        """Predict one output a row, in order.

        Raises:
            UpstreamError: if there is no usable answer.
        """
        if request.context.is_probe and self._balancer.has_several:
            return await self._balancer.probe(lambda server: server.predict(request))
        if request.affinity is None:
            request.affinity = Affinity()
        return await self._balancer.call(lambda server: server.predict(request), request.affinity)

    async def details(self, context: RequestContext) -> ModelDetails:
        """Return what is known of the model that answers, from any server; it says nothing about how that one predicts.

        Raises:
            UpstreamError: if no model server answers.
        """

        def ask(server: ServedModel) -> Callable[[], Coroutine[Any, Any, ModelDetails]]:
            return partial(server.details, context)

        return await self._balancer.hedge(ask)
