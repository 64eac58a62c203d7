"""The port of every strategy: one way to the model."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from declared_flows.sources.ml.table import Table
from declared_flows.sources.port import Call, SourceContext


class Backend(Protocol):
    """One way to the model, opened."""

    @property
    def name(self) -> str:
        """The strategy and what it was told, for answers, logs and errors; no secret is in it."""
        ...

    @property
    def served_by(self) -> str:
        """The name and, where that is known, the version of the model that is asked now."""
        ...

    @property
    def ready(self) -> bool:
        """Whether it can be asked now."""
        ...

    @property
    def why_not(self) -> str:
        """Why it can't, for people."""
        ...

    async def settled(self) -> None:
        """Wait until it is ready, or has failed to be for the first time."""
        ...

    async def predict(self, table: Table, call: Call) -> Sequence[Any]:
        """What the model says, one output a row: a value, a list of values, or a record of them.

        Raises:
            UpstreamUnavailable: if it gives no answer.
            BadUpstreamAnswer: if what it gives is no answer.
            UnusableParams: if it can't be asked so.
        """
        ...

    async def verify(self) -> Sequence[str]:
        """What is declared but not there, each as a sentence that says how to mend it.

        Raises:
            UpstreamError: if that can't be found out now.
        """
        ...


class Strategy(Protocol):
    """A declared way to a model."""

    def open(self, source: str, context: SourceContext, connections: int) -> AbstractAsyncContextManager[Backend]:
        """The way while it is in use.

        Args:
            source: the name of the source.
            context: what the service gives.
            connections: how many calls may run at the same time.
        """
        ...

    def diagnose(self) -> Sequence[str]:
        """What is wrong with the declaration that its model can't see, each as a sentence."""
        ...
