"""The port of every strategy: a backend that reaches the model."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from declared_flows.sources.ml.table import Table
from declared_flows.sources.port import Call, SourceContext


class Backend(Protocol):
    """An open connection to the model, in one of several ways."""

    @property
    def name(self) -> str:
        """The strategy and its main option, for answers, logs and errors; without secrets."""
        ...

    @property
    def served_by(self) -> str:
        """The name and, if known, the version of the model that answers now."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it takes calls now."""
        ...

    @property
    def why_not(self) -> str:
        """Why it can't, for people."""
        ...

    async def wait_until_settled(self) -> None:
        """Wait until it is ready, or has failed to be for the first time."""
        ...

    async def predict(self, table: Table, call: Call) -> Sequence[Any]:
        """Return one output a row: a value, a list of values, or a record of them.

        Raises:
            UpstreamUnavailable: if it gives no answer.
            BadUpstreamAnswer: if the answer can't be used.
            UnusableParams: if it does not take these values.
        """
        ...

    async def verify(self) -> Sequence[str]:
        """Return what is declared but missing, each as a sentence that says how to fix it.

        Raises:
            UpstreamError: if it can't be found out now.
        """
        ...


class Strategy(Protocol):
    """A declared way to reach a model."""

    def open(self, source: str, context: SourceContext, connections: int) -> AbstractAsyncContextManager[Backend]:
        """Open the backend for as long as it is in use.

        Args:
            source: the name of the source.
            context: what the service gives.
            connections: how many calls may run at the same time.
        """
        ...

    def diagnose(self) -> Sequence[str]:
        """Return what is wrong with the declaration beyond its model, each as a sentence."""
        ...
