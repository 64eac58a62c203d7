"""The strategy `registry`: a registered MLflow model, inside this process. Needs the extra ``embedded``."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import structlog
from declared_flows.notation.base import Declaration
from declared_flows.notation.durations import Seconds
from declared_flows.sources.http_calls import document_of
from declared_flows.sources.ml.backend import Backend
from declared_flows.sources.ml.protocols import Mlflow
from declared_flows.sources.ml.supervision import Exit, NotStarted, Pauses, RunningModel, SupervisedModel
from declared_flows.sources.ml.table import Table
from declared_flows.sources.ml.threads import OneThread, run_in_thread
from declared_flows.sources.port import Call, SourceContext
from pydantic import Field
from pydantic_core import to_json
from upstream_resilience.errors import BadUpstreamAnswer

from housing_price_orchestrator.provider.ml_strategies.artifact import NEEDS_EXTRA, has_model_package

if TYPE_CHECKING:
    from housing_price_model.serving.any_model import AnyModel

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_REGISTRY_TIMEOUT_SECONDS = 10.0
_RETRY_SECONDS = 30.0
_VERSION = re.compile(r"models:/[^/@]+/(?P<version>[0-9]+)")


class RegistryOptions(Declaration):
    """A registered model, loaded into this process when the source opens. Whoever can register models decides what runs
    in this process."""

    uri: Annotated[str, Field(pattern=r"^(models|runs):/[^/\s][^\s]*$", examples=["models:/insurance@champion"])]
    """`models:/name@alias`, `models:/name/version`, or `runs:/id/name`."""
    tracking_uri: Annotated[str, Field(pattern=r"^[^@\s]+$", examples=["http://127.0.0.1:9999"])] | None = None
    """The address of the registry, without user and password; defaults to `MLFLOW_TRACKING_URI`."""

    refresh: Seconds = 60.0
    """How often to check whether the alias has moved to another version, which is then loaded. The previous one serves
    meanwhile."""

    def diagnose(self) -> Sequence[str]:
        """Report a missing extra."""
        return () if has_model_package() else (NEEDS_EXTRA,)

    @asynccontextmanager
    async def open(self, source: str, context: SourceContext, connections: int) -> AsyncIterator[Backend]:  # noqa: ARG002  the port's
        """Load the model in the background, and again every 30 seconds as long as that fails."""
        supervised = SupervisedModel(f"registry: {self.uri}", self._up, Pauses(_RETRY_SECONDS, _RETRY_SECONDS))
        async with supervised:
            yield supervised

    @asynccontextmanager
    async def _up(self) -> AsyncIterator[RunningModel]:
        model = ModelInProcess(await self._load_model(), self._newer, self.refresh)
        try:
            yield model
        finally:
            model.close()

    async def _load_model(self) -> "AnyModel":
        return await run_in_thread(lambda: _load(self.uri, self.tracking_uri))

    async def _newer(self, source: str | None) -> "AnyModel | None":
        """Return the model that the alias names now; None if it is the one that is loaded."""
        meant = await run_in_thread(lambda: _meant(self.uri, self.tracking_uri))
        return None if meant == source else await self._load_model()


def _load(uri: str, tracking_uri: str | None) -> "AnyModel":
    from housing_price_model.process_environment import prepare_environment

    prepare_environment()
    from housing_price_model.serving.any_model import load_from_registry

    with _told():
        return load_from_registry(uri, tracking_uri, timeout_seconds=_REGISTRY_TIMEOUT_SECONDS)


def _meant(uri: str, tracking_uri: str | None) -> str:
    from housing_price_model.serving.any_model import resolve_alias

    with _told():
        return resolve_alias(uri, tracking_uri, timeout_seconds=_REGISTRY_TIMEOUT_SECONDS)


@contextmanager
def _told() -> Iterator[None]:
    from housing_price_model.errors import ModelError

    try:
        yield
    except ModelError as error:
        # Its text is one line for people, but with addresses and paths in it: it is for the log alone.
        raise NotStarted(Exit("it could not be loaded from the registry", [str(error)])) from error


class ModelInProcess:
    """Calls a model in a thread of its own, one call after another, so that the event loop is not blocked.

    It gets the same document as a server would, so that both give the same answers.

    Args:
        model: the model.
        newer: the model to go on with in place of the one whose source is given; None while that is right.
        refresh_seconds: how often to look for one.
    """

    def __init__(
        self, model: "AnyModel", newer: Callable[[str | None], Awaitable["AnyModel | None"]], refresh_seconds: float
    ) -> None:
        self._model = model
        self._newer = newer
        self._refresh_seconds = refresh_seconds
        self._thread = OneThread("registry-model")
        self._dialect = Mlflow()

    @property
    def version(self) -> str | None:
        """The version of a registered model, such as the one that an alias names now."""
        found = _VERSION.fullmatch(self._model.source or "")
        return found["version"] if found else None

    def close(self) -> None:
        """End its thread without waiting for the call that it computes."""
        self._thread.close()
        self._model.close()

    async def predict(self, table: Table, call: Call) -> Sequence[Any]:  # noqa: ARG002  it is asked in this process
        """As ``Backend.predict``."""
        body, model = to_json(self._dialect.document(table)), self._model
        try:
            answer = await asyncio.wrap_future(self._thread.submit(lambda: model.answer(body)))
        except ValueError as error:
            raise BadUpstreamAnswer("it does not take these rows", blames_rows=True) from error
        except Exception as error:  # whatever a model raises, it is no bug of ours
            raise BadUpstreamAnswer("it failed on these rows") from error
        return self._dialect.outputs(document_of(answer), len(table.rows))

    async def wait_for_exit(self) -> Exit:
        """Never return; meanwhile, load newer versions."""
        while True:
            await asyncio.sleep(self._refresh_seconds)
            try:
                await self._refresh()
            # Libraries that load models raise anything, and the loaded model is not to blame.
            except Exception as error:  # noqa: BLE001  see above
                lines = error.last_lines if isinstance(error, NotStarted) else [f"{type(error).__name__}: {error}"]
                log.warning("model_not_refreshed", source=self._model.source, last_lines=list(lines))

    async def _refresh(self) -> None:
        newer = await self._newer(self._model.source)
        if newer is None:
            return
        self._model, before = newer, self._model
        log.info("model_refreshed", source=newer.source, before=before.source)
        # After the calls that it has still to answer.
        self._thread.submit(before.close)
