"""Calls a model through a circuit breaker."""

from functools import partial

from upstream_resilience.circuit_breaker import CallEnd, CircuitBreaker
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import DeadlineExceeded
from upstream_resilience.failures import is_failure
from upstream_resilience.pings import Pings
from upstream_resilience.single_flight import SingleFlight

from housing_price_orchestrator.domain import ModelDetails, ModelRequest, Predictions, RequestContext
from housing_price_orchestrator.service.ports import Model, ModelDirectory

DETAILS_SECONDS = 2.0
"""Time in which a model server must say what its model is."""

_SLOW_SHARE = 0.5
"""Share of the time of a slow call from which on a model that usually takes so long is a slow one."""

_WEIGHT_OF_LAST = 0.2
"""How much the last answered call counts in what is usual."""


class CircuitBreakingModel:
    """A model that gets no calls for a while after it failed often.

    Args:
        model: what is called.
        directory: says what that model is.
        breaker: decides.
        pings: find out whether the upstream is well while the breaker is open; None to wait for the pause to end.
        rows_of_a_call: calls of more rows may take longer in proportion before they count as slow.
        weight_of_hanging: a call that is not answered until its deadline counts as that many calls.
    """

    def __init__(
        self,
        model: Model,
        directory: ModelDirectory,
        breaker: CircuitBreaker,
        *,
        pings: Pings | None = None,
        rows_of_a_call: int = 64,
        weight_of_hanging: int = 1,
    ) -> None:
        self._model = model
        self._directory = directory
        self._breaker = breaker
        self._pings = pings
        self._rows_of_a_call = rows_of_a_call
        self._weight_of_hanging = weight_of_hanging
        self._usual_seconds = 0.0
        self._hung = 0
        self._details = SingleFlight(self._ask_details, DETAILS_SECONDS)

    async def predict(self, request: ModelRequest) -> Predictions:
        """Predict one output a row, in order.

        Raises:
            CircuitOpen: if the model gets no calls now.
            UpstreamError: if there is no usable answer.
        """
        slow_seconds = self._breaker.slow_seconds * max(1.0, len(request.rows) / self._rows_of_a_call)
        judge = partial(self._judge, slow_seconds, has_deadline=request.deadline is not None)
        try:
            return await self._breaker.call(partial(self._model.predict, request), judge)
        finally:
            if self._pings:
                self._pings.start_if_open()

    async def details(self, context: RequestContext) -> ModelDetails:
        """Return what is known of the model that answers. Whoever asks while another does gets the same answer.

        A probe may ask in every state: it is how the service finds out that the model is there again.

        Raises:
            CircuitOpen: if the model gets no calls now.
            UpstreamError: if the model server does not answer.
        """
        if not context.is_probe:
            self._breaker.check()
        return await self._details()

    async def aclose(self) -> None:
        """Stop pinging."""
        if self._pings:
            await self._pings.aclose()

    async def _ask_details(self, deadline: Deadline) -> ModelDetails:
        return await self._directory.details(RequestContext(deadline=deadline))

    def _judge(self, slow_seconds: float, end: CallEnd[Predictions], *, has_deadline: bool) -> int | None:
        if end.answer is not None:
            self._usual_seconds += _WEIGHT_OF_LAST * (end.seconds - self._usual_seconds)
            self._hung = 0
            # Within a deadline it came in time: a model that is slow and answers is not broken. Without one, pauses
            # before retries are none of the model's slowness.
            return int(not has_deadline and (end.answer.timing.upstream_seconds or end.seconds) > slow_seconds)
        if isinstance(end.error, DeadlineExceeded):
            return self._judge_hanging(slow_seconds, end, end.error)
        return 1 if end.error and is_failure(end.error, end.seconds, slow_seconds) else None

    def _judge_hanging(self, slow_seconds: float, end: CallEnd[Predictions], error: DeadlineExceeded) -> int | None:
        """Judge a call without an answer. Its time counts from the last answer to another call, which it waited for.

        A slow model may miss a deadline by chance: the first miss after an answer counts once a second one follows.
        """
        if not is_failure(error, min(end.seconds, end.silent_seconds), slow_seconds):
            return None
        self._hung += 1
        if self._usual_seconds <= _SLOW_SHARE * slow_seconds:
            return self._weight_of_hanging
        return {1: None, 2: 2 * self._weight_of_hanging}.get(self._hung, self._weight_of_hanging)
