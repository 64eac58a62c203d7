"""What can go wrong with a flow. The errors know no protocol: the program that serves flows maps each to a response.

FlowError
├── UnusableParams            a source does not take what a step gives it
├── StepFailed                the answer needs a step that failed
├── NothingFound              there is no such thing
└── ExecutionsUnavailable     the records of runs can't be read

A source raises ``UnusableParams``, or one of ``upstream_resilience.errors`` if it gives no usable answer. Too many runs
at once and a deadline that passes are ``Overloaded`` and ``DeadlineExceeded`` from there as well. Files that are wrong
are another matter: see ``notation.diagnostics``.
"""

from collections.abc import Sequence

from upstream_resilience.errors import ResilienceError


class FlowError(Exception):
    """Base of all errors of this package; its text is a sentence for people."""


class UnusableParams(FlowError):
    """A source can't be called with these parameters.

    Args:
        reason: what is wrong with them, for people; never a value.
        param: the parameter that is wrong, if it is only one.
    """

    def __init__(self, reason: str, param: str | None = None) -> None:
        super().__init__(f"The parameters can't be used: {reason}.")
        self.reason = reason
        self.param = param


class StepFailed(FlowError):
    """A step that the answer needs failed.

    Args:
        step: its name.
        source: the name of the source that it calls.
        error: why it failed.
        callers_place: where in the request the caller's mistake is; None if the caller made none.
    """

    def __init__(
        self, step: str, source: str, error: "StepError", callers_place: Sequence[str | int] | None = None
    ) -> None:
        reason = getattr(error, "reason", None) or str(error).rstrip(".")
        super().__init__(f"Step `{step}`, which asks `{source}`, failed: {reason[:1].lower()}{reason[1:]}.")
        self.step = step
        self.source = source
        self.error = error
        self.callers_place = callers_place


class NothingFound(FlowError):
    """A step that is declared with `not_found` found nothing.

    Args:
        step: its name.
    """

    def __init__(self, step: str) -> None:
        super().__init__(f"There is nothing of that kind: step `{step}` found none.")
        self.step = step


class ExecutionsUnavailable(FlowError):
    """The records of runs can't be read now."""

    def __init__(self) -> None:
        super().__init__("The executions can't be read now: their database does not answer.")


type StepError = FlowError | ResilienceError
"""What a step can fail with."""

STEP_ERRORS = FlowError, ResilienceError
"""The same, to be caught."""
