"""When the service says that it is ready, and when it stops saying so."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fake_model_server import FakeModelServer
from fastapi.testclient import TestClient
from house_record import AMES, RECORD_VERSION, example_house
from house_record.price import ValuationDate, prepare_house
from housing_price_orchestrator.domain import (
    CallTiming,
    ModelDetails,
    ModelFeature,
    ModelIdentity,
    ModelRequest,
    Predictions,
    RequestContext,
)
from housing_price_orchestrator.service.pricing import PricingService
from housing_price_orchestrator.service.readiness import BUG, PASSED, ReadinessProbe
from housing_price_orchestrator.settings import ReadinessSettings
from structlog.typing import EventDict
from upstream_resilience.errors import BadUpstreamAnswer, DeadlineExceeded, Overloaded, UpstreamUnavailable


class FakeModel:
    """A model that answers with what it is told to."""

    def __init__(self) -> None:
        self.known = ModelDetails(ModelIdentity("m", "1"), record_version=RECORD_VERSION)
        self.output: Any = 1000.0
        self.error: Exception | None = None
        self.error_of_prices: Exception | None = None
        self.heard_of_probes: list[bool] = []

    async def predict(self, request: ModelRequest) -> Predictions:
        self.heard_of_probes.append(request.context.is_probe)
        if self.error_of_prices:
            raise self.error_of_prices
        return Predictions([self.output] * len(request.rows), self.known.identity, CallTiming(upstream_seconds=0.001))

    async def details(self, context: RequestContext) -> ModelDetails:
        self.heard_of_probes.append(context.is_probe)
        if self.error:
            raise self.error
        return self.known


@pytest.fixture
def model() -> FakeModel:
    return FakeModel()


@pytest.fixture
def probe(model: FakeModel) -> ReadinessProbe:
    return ReadinessProbe(PricingService(AMES, model, model), ReadinessSettings())


async def test_nothing_is_ready_before_it_was_probed(probe: ReadinessProbe) -> None:
    assert not probe.readiness.is_ready


async def test_the_first_pass_after_the_start_is_enough(probe: ReadinessProbe) -> None:
    await probe.probe()

    assert probe.readiness.is_ready
    assert probe.readiness.model == ModelIdentity("m", "1")


async def test_one_failed_probe_does_not_flap_and_three_do(probe: ReadinessProbe, model: FakeModel) -> None:
    await probe.probe()
    model.error = BadUpstreamAnswer("it is odd")

    seen = []
    for _ in range(3):
        await probe.probe()
        seen.append(probe.readiness.is_ready)

    assert seen == [True, True, False]
    assert "odd" in probe.readiness.checks.model_server


async def test_a_refused_connection_counts_as_three(probe: ReadinessProbe, model: FakeModel) -> None:
    await probe.probe()
    model.error = UpstreamUnavailable("refused", "refused")

    await probe.probe()

    assert not probe.readiness.is_ready


@pytest.mark.parametrize("error", [DeadlineExceeded(0.25), Overloaded("too many rows wait", 1000)])
async def test_a_probe_that_waits_behind_answered_requests_is_no_failure(model: FakeModel, error: Exception) -> None:
    pricing = PricingService(AMES, model, model)
    probe = ReadinessProbe(pricing, ReadinessSettings())
    await probe.probe()
    model.error = error

    for _ in range(5):
        await pricing.price([prepare_house(AMES, example_house(), ValuationDate(2026, 12))], RequestContext())
        await probe.probe()
    busy = probe.readiness.is_ready
    for _ in range(3):
        await probe.probe()

    assert (busy, probe.readiness.is_ready) == (True, False)


@pytest.mark.parametrize("error", [UpstreamUnavailable("status 503"), BadUpstreamAnswer("odd")])
async def test_only_a_refused_connection_counts_at_once(
    probe: ReadinessProbe, model: FakeModel, error: Exception
) -> None:
    await probe.probe()
    model.error = error

    await probe.probe()

    assert probe.readiness.is_ready


async def test_a_refused_golden_request_counts_as_one_failure(probe: ReadinessProbe, model: FakeModel) -> None:
    await probe.probe()
    model.error_of_prices = UpstreamUnavailable("refused", "refused")

    seen = []
    for _ in range(3):
        await probe.probe()
        seen.append(probe.readiness.is_ready)

    assert seen == [True, True, False]


async def test_the_model_can_tell_a_probe_from_a_caller(probe: ReadinessProbe, model: FakeModel) -> None:
    pricing = PricingService(AMES, model, model)

    await probe.probe()
    await pricing.model(RequestContext())
    await pricing.price([prepare_house(AMES, example_house(), ValuationDate(2026, 12))], RequestContext())

    assert model.heard_of_probes == [True, True, False, False]


async def test_after_it_was_down_two_passes_bring_it_back(probe: ReadinessProbe, model: FakeModel) -> None:
    await probe.probe()
    model.error = UpstreamUnavailable("refused", "refused")
    await probe.probe()
    model.error = None

    seen = []
    for _ in range(2):
        await probe.probe()
        seen.append(probe.readiness.is_ready)

    assert seen == [False, True]


@pytest.mark.parametrize("output", [0, -5, float("nan"), "1000", None])
async def test_a_price_that_is_none_fails_the_golden_request(
    probe: ReadinessProbe, model: FakeModel, output: object
) -> None:
    model.output = output

    await probe.probe()

    assert not probe.readiness.is_ready
    assert probe.readiness.checks.model_server == PASSED
    assert probe.readiness.checks.golden_request != PASSED


@pytest.mark.parametrize(("expected", "is_ready"), [(1000.0, True), (1009.0, True), (1500.0, False)])
async def test_the_example_house_must_cost_what_the_model_server_says(
    probe: ReadinessProbe, model: FakeModel, expected: float, is_ready: bool
) -> None:
    model.known = ModelDetails(ModelIdentity(), golden_price=expected)

    await probe.probe()

    assert probe.readiness.is_ready is is_ready


@pytest.mark.parametrize(
    "details",
    [
        ModelDetails(ModelIdentity(), features=[ModelFeature("Wallpaper", "text")]),
        ModelDetails(ModelIdentity(), features=[ModelFeature("LotArea", "text")]),
        ModelDetails(ModelIdentity(), record_version="999"),
    ],
)
async def test_a_model_of_other_features_is_not_ready(
    probe: ReadinessProbe, model: FakeModel, details: ModelDetails
) -> None:
    model.known = details

    await probe.probe()

    assert not probe.readiness.is_ready
    assert probe.readiness.checks.features != PASSED


async def test_a_model_that_wants_fewer_features_is_ready(probe: ReadinessProbe, model: FakeModel) -> None:
    model.known = ModelDetails(ModelIdentity(), features=[ModelFeature("LotArea", "number")])

    await probe.probe()

    assert probe.readiness.is_ready


async def run_rounds(probe: ReadinessProbe, rounds: int, between: Callable[[int], None]) -> None:
    done = 0

    async def sleep(_: float) -> None:
        nonlocal done
        done += 1
        if done == rounds:
            raise StopAsyncIteration
        between(done)

    probe._sleep = sleep  # noqa: SLF001  a seam of the constructor
    with pytest.raises((StopAsyncIteration, RuntimeError)):
        await probe.run()


async def test_each_change_is_one_log_line(probe: ReadinessProbe, model: FakeModel, logged: list[EventDict]) -> None:
    def break_at_second(done: int) -> None:
        model.error = UpstreamUnavailable("refused", "refused") if done >= 2 else None

    await run_rounds(probe, 5, break_at_second)

    assert [line["event"] for line in logged] == ["ready", "not ready"]


async def test_a_bug_in_the_probe_makes_the_service_not_ready(probe: ReadinessProbe, model: FakeModel) -> None:
    def break_badly(done: int) -> None:
        model.error = ZeroDivisionError()

    await run_rounds(probe, 3, break_badly)

    assert not probe.readiness.is_ready
    assert probe.readiness.checks.model_server == BUG


def wait_until_ready(api: TestClient) -> dict[str, Any]:
    for _ in range(10_000):
        answer = api.get("/ready")
        if answer.status_code == 200:
            document: dict[str, Any] = answer.json()
            return document
    raise AssertionError(answer.text)


def test_the_ready_route_names_the_checks_and_the_model(api: TestClient) -> None:
    document = wait_until_ready(api)

    assert document["status"] == "ready"
    assert set(document["checks"].values()) == {"passed"}
    assert document["modelVersion"] == "3"
    assert api.head("/ready").status_code == 200


def test_health_stays_200_whatever_the_model_does(api: TestClient, model_server: FakeModelServer) -> None:
    def explode(request: object) -> Any:
        raise ZeroDivisionError

    model_server.misbehave = explode

    assert api.get("/health").json() == {"status": "ok"}
    head = api.head("/health")
    assert (head.status_code, head.content) == (200, b"")


async def test_a_model_server_that_refuses_from_the_beginning_is_told_with_address_and_setting(
    model: FakeModel, logged: list[EventDict]
) -> None:
    rounds = iter(range(3))

    async def sleep(_seconds: float) -> None:
        if next(rounds) == 2:
            raise asyncio.CancelledError

    model.error = UpstreamUnavailable("it refuses connections", "refused")
    where = {"address": "http://127.0.0.1:1", "setting": "ORCHESTRATOR_PRICING_MODEL__URL"}
    probe = ReadinessProbe(PricingService(AMES, model, model), ReadinessSettings(), sleep, where)

    with pytest.raises(asyncio.CancelledError):
        await probe.run()

    (told,) = logged
    assert told["event"] == "not ready"
    assert where.items() <= told.items()
    assert "refuses connections" in told["model_server"]
