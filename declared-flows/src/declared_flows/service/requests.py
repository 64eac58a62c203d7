"""What a flow needs from its request. The program that serves flows satisfies it."""

from collections.abc import Mapping
from typing import Any, Protocol

from upstream_resilience.deadline import Deadline

from declared_flows.execution.dry_run import check_request
from declared_flows.planning.plan import FlowPlan


class FlowRequest(Protocol):
    """A request for a flow."""

    @property
    def id(self) -> str | None:
        """Id that is kept with the record of the run."""
        ...

    @property
    def outgoing_headers(self) -> Mapping[str, str]:
        """Headers for each HTTP call that serves it."""
        ...

    @property
    def context(self) -> Any:
        """What the program knows of it, for the program's own sources."""
        ...

    def check_deadline(self, default_seconds: float) -> float:
        """Return the time limit (seconds): the caller's, at most the default.

        Raises:
            Exception: an error of the program, if the caller's limit is invalid.
        """
        ...

    async def read(self, plan: FlowPlan) -> Mapping[str, Any]:
        """Return what the caller gave, checked: ``path``, and ``query``, ``headers`` and ``body`` where declared.

        Raises:
            Exception: an error of the program, if it is not what the flow takes.
        """
        ...

    def start(self, execution_id: str, seconds: float) -> Deadline:
        """Begin the run, whose id is known from now on, and return when it must end."""
        ...


class PlainRequest:
    """A request that no protocol brought, such as that of a command.

    Args:
        given: ``path``, ``query``, ``headers`` and ``body``, as far as there are any.
    """

    id = None
    context = None

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self.outgoing_headers: Mapping[str, str] = {}

    def check_deadline(self, default_seconds: float) -> float:
        """Return the time of the flow."""
        return default_seconds

    async def read(self, plan: FlowPlan) -> Mapping[str, Any]:
        """Return what was given, checked.

        Raises:
            ValidationError: if it is not what the flow takes.
        """
        return check_request(plan, self._given)

    def start(self, execution_id: str, seconds: float) -> Deadline:  # noqa: ARG002  there is nobody to tell
        """Return the deadline of a run that begins now."""
        return Deadline.after(seconds)
