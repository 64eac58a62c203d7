"""Probes in the background whether the service can price houses, so that ``/ready`` answers at once.

A probe asks the model server for its details, compares the features that the model wants with the house record's, and
prices a known house. One failed probe does not make the service unready. A probe that only waits too long behind other
requests counts for nothing while those are answered: a busy service is ready.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field

import structlog
from house_record import Record
from house_record.price import ValuationDate, prepare_house
from upstream_resilience.errors import DeadlineExceeded, Overloaded, UpstreamUnavailable

from housing_price_orchestrator.domain import ModelDetails, ModelIdentity, RequestContext
from housing_price_orchestrator.errors import KNOWN_ERRORS, KnownError
from housing_price_orchestrator.service.pricing import PricingService
from housing_price_orchestrator.settings import ReadinessSettings

GOLDEN_TOLERANCE = 0.01
"""Relative difference that the example house's price may have from what the model server says it is."""

GOLDEN_DATE = ValuationDate(2010, 6)
"""The example house's own date of sale."""

PASSED = "passed"
NOT_PROBED = "not probed yet"
BUG = "The probe itself failed; it has been logged."

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Checks:
    """The outcome of one probe: ``passed`` or a sentence that says what is wrong."""

    model_server: str = NOT_PROBED
    features: str = NOT_PROBED
    golden_request: str = NOT_PROBED


@dataclass
class Readiness:
    """The last outcome, and whether enough probes in a row agree with it."""

    settings: ReadinessSettings
    is_ready: bool = False
    is_ending: bool = False
    checks: Checks = field(default_factory=Checks)
    model: ModelIdentity | None = None
    _passes: int = 0
    _failures: int = 0
    _was_ready: bool = False

    @property
    def takes_requests(self) -> bool:
        """Whether a load balancer should send requests here."""
        return self.is_ready and not self.is_ending

    def end_soon(self) -> None:
        """Turn requests away from now on: the service will end, but still answers what comes."""
        self.is_ending = True

    def count_pass(self, checks: Checks, model: ModelIdentity) -> None:
        """Count a probe that passed."""
        self.checks, self.model = checks, model
        self._passes, self._failures = self._passes + 1, 0
        if not self._was_ready or self._passes >= self.settings.passes_until_up:
            self.is_ready = self._was_ready = True

    def count_failure(self, checks: Checks, *, is_certain: bool) -> None:
        """Count a probe that failed; ``is_certain`` where another probe can't help, such as a refused connection."""
        self.checks = checks
        self._passes = 0
        self._failures += self.settings.failures_until_down if is_certain else 1
        if self._failures >= self.settings.failures_until_down:
            self.is_ready = False


class ReadinessProbe:
    """Keeps a ``Readiness`` true, once an interval.

    Args:
        pricing: what is probed.
        settings: how often, and how many probes count.
        sleep: waits.
        whereabouts: what the log says beside a failure, such as the address that is probed and its setting.
    """

    def __init__(
        self,
        pricing: PricingService,
        settings: ReadinessSettings,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        whereabouts: Mapping[str, str] | None = None,
    ) -> None:
        self._whereabouts = whereabouts or {}
        self.readiness = Readiness(settings)
        self._pricing = pricing
        self._record = pricing.record
        self._golden_house = prepare_house(pricing.record, pricing.record.example_house(), GOLDEN_DATE)
        self._settings = settings
        self._sleep = sleep
        self._answered = 0

    async def run(self) -> None:
        """Probe until cancelled."""
        was_ready: bool | None = None
        while True:
            try:
                await self.probe()
            except Exception:  # a bug must not leave the last answer standing for ever
                log.exception("the readiness probe failed")
                self.readiness.count_failure(Checks(model_server=BUG), is_certain=True)
            if self.readiness.is_ready != was_ready:
                self._announce()
            was_ready = self.readiness.is_ready
            await self._sleep(self._settings.interval_seconds)

    async def probe(self) -> None:
        """Probe once."""
        context = RequestContext(is_probe=True)
        try:
            async with context.start_deadline(self._settings.timeout_seconds).limit():
                details = await self._pricing.model(context)
        except KNOWN_ERRORS as error:
            # Who the model is says any server that answers: refused means that all of them refused.
            is_refused = isinstance(error, UpstreamUnavailable) and error.is_refused
            self._fail(Checks(model_server=str(error)), error, is_certain=is_refused)
            return
        if mismatch := _mismatch(self._record, details):
            self.readiness.count_failure(Checks(model_server=PASSED, features=mismatch), is_certain=True)
            return
        await self._price_golden_house(details.golden_price)

    def _announce(self) -> None:
        checks = asdict(self.readiness.checks)
        if self.readiness.is_ready:
            log.info("ready", **checks)
        else:
            log.warning("not ready", **checks, **self._whereabouts)

    async def _price_golden_house(self, expected: float | None) -> None:
        context = RequestContext(is_probe=True)
        try:
            async with context.start_deadline(self._settings.timeout_seconds).limit():
                priced = await self._pricing.price_uncached([self._golden_house], context)
        except KNOWN_ERRORS as error:
            # Some server was there just now: that another one refused does not speak for all.
            self._fail(Checks(PASSED, PASSED, golden_request=str(error)), error, is_certain=False)
            return
        price = priced.documents[0]["predictedPrice"]
        if expected is not None and not math.isclose(price, expected, rel_tol=GOLDEN_TOLERANCE):
            odd = f"The example house costs {price:,.2f} here, {expected:,.2f} by the model server's own account."
            self.readiness.count_failure(Checks(PASSED, PASSED, golden_request=odd), is_certain=False)
            return
        self._answered = self._pricing.answered
        self.readiness.count_pass(Checks(PASSED, PASSED, PASSED), priced.model)

    def _fail(self, checks: Checks, error: KnownError, *, is_certain: bool) -> None:
        before, self._answered = self._answered, self._pricing.answered
        if isinstance(error, DeadlineExceeded | Overloaded) and self._answered > before:
            return
        self.readiness.count_failure(checks, is_certain=is_certain)


def _mismatch(record: Record, details: ModelDetails) -> str | None:
    if details.record_version not in (None, record.version):
        return f"The model knows house record {details.record_version}, the service {record.version}."
    ours = {feature.column: feature.kind for feature in record.features}
    strange = [wanted.name for wanted in details.features if ours.get(wanted.name) != wanted.type]
    if strange:
        return f"The model wants features that the house record does not have so: {', '.join(strange[:10])}."
    return None
