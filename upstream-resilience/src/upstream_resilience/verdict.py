"""Whether the end of a call speaks against the server that was asked."""

from upstream_resilience.errors import BadUpstreamAnswer, DeadlineExceeded, NotReady, UpstreamUnavailable

OWN_LIMITS = ("pool_timeout", "ended")
"""Causes of our own making."""


def is_failure(error: BaseException, seconds: float, slow_seconds: float, *, others_answered: bool = False) -> bool:
    """Whether an error is the server's: not our own limits, rows that it does not take, or a caller in a hurry.

    Args:
        error: how the call ended.
        seconds: how long it took.
        slow_seconds: a call that is ended by its deadline before that was not given enough time,
        others_answered: unless another server answered the same in that time.
    """
    match error:
        case UpstreamUnavailable():
            return error.cause not in OWN_LIMITS
        case BadUpstreamAnswer():
            return not error.blames_rows
        case DeadlineExceeded():
            return others_answered or seconds > slow_seconds
    return isinstance(error, NotReady)
