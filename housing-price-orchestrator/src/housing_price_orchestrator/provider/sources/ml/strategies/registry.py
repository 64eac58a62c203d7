"""The strategy `registry`: a registered model of MLflow's, inside this process. Needs the extra ``embedded``."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field
from pydantic_core import to_json

from housing_price_orchestrator.errors import BadUpstreamAnswer
from housing_price_orchestrator.flow.ports import Declaration, SourceContext
from housing_price_orchestrator.provider.sources.http_calls import document_of
from housing_price_orchestrator.provider.sources.ml.kept_up import Ended, KeptUp, NotStarted, Pauses, Up
from housing_price_orchestrator.provider.sources.ml.protocols import Mlflow
from housing_price_orchestrator.provider.sources.ml.strategies.artifact import NEEDS_EXTRA, has_model_package
from housing_price_orchestrator.provider.sources.ml.table import Table
from housing_price_orchestrator.provider.sources.ml.threads import beside
from housing_price_orchestrator.provider.sources.ml.way import Way

if TYPE_CHECKING:
    from housing_price_model.serving.any_model import AnyModel

_REGISTRY_TIMEOUT_SECONDS = 10.0
_RETRY_SECONDS = 30.0


class RegistryOptions(Declaration):
    """A registered model, loaded into this process when the source opens. An alias means the version that it has then;
    a reload of the flows asks again. Whoever may register models decides what runs in this process."""

    uri: Annotated[str, Field(pattern=r"^(models|runs):/[^/\s][^\s]*$", examples=["models:/insurance@champion"])]
    """`models:/name@alias`, `models:/name/version`, or `runs:/id/name`."""
    tracking_uri: Annotated[str, Field(pattern=r"^[^@\s]+$", examples=["http://127.0.0.1:9999"])] | None = None
    """Where the registry is, without user and password; else what `MLFLOW_TRACKING_URI` says."""

    def mistakes(self) -> Sequence[str]:
        """A missing extra."""
        return () if has_model_package() else (NEEDS_EXTRA,)

    @asynccontextmanager
    async def opened(self, source: str, context: SourceContext, connections: int) -> AsyncIterator[Way]:  # noqa: ARG002  the port's
        """The model, loaded in the background; tried again every 30 seconds as long as that fails."""
        kept = KeptUp(f"registry: {self.uri}", self._up, Pauses(_RETRY_SECONDS, _RETRY_SECONDS))
        async with kept:
            yield kept

    @asynccontextmanager
    async def _up(self) -> AsyncIterator[Up]:
        model = await beside(lambda: _load(self.uri, self.tracking_uri))
        thread = ThreadPoolExecutor(1, thread_name_prefix="registry-model")
        try:
            yield ModelInProcess(model, thread)
        finally:
            # Whatever it computes now is waited for by nobody.
            thread.shutdown(wait=False, cancel_futures=True)
            model.close()


def _load(uri: str, tracking_uri: str | None) -> "AnyModel":
    from housing_price_model.process_environment import prepare_environment

    prepare_environment()
    from housing_price_model.errors import ModelError
    from housing_price_model.serving.any_model import of_registry

    try:
        return of_registry(uri, tracking_uri, timeout_seconds=_REGISTRY_TIMEOUT_SECONDS)
    except ModelError as error:
        # Its text is one line for people, but with addresses and paths in it: it is for the log alone.
        raise NotStarted(Ended("it could not be loaded from the registry", [str(error)])) from error


class ModelInProcess:
    """Asks a model in a thread of its own, one call after another, so that the event loop goes on.

    It is asked with the same document as a server would be, so that both give the same answers.
    """

    def __init__(self, model: "AnyModel", thread: ThreadPoolExecutor) -> None:
        self._model = model
        self._thread = thread
        self._dialect = Mlflow()

    async def predict(self, table: Table) -> Sequence[Any]:
        """As ``Way.predict``."""
        body = to_json(self._dialect.document(table))
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._thread, self._model.answer, body)
        except ValueError as error:
            raise BadUpstreamAnswer("it does not take these rows") from error
        return self._dialect.outputs(document_of(answer), len(table.rows))

    async def ended(self) -> Ended:
        """It is up for as long as the process is."""
        await asyncio.Event().wait()
        raise AssertionError("an event that nobody sets was set")
