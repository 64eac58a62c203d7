"""Tells whether the end of a call counts as a failure of the server that was called."""

from upstream_resilience.errors import BadUpstreamAnswer, DeadlineExceeded, NotReady, UpstreamUnavailable

OWN_LIMITS = ("pool_timeout", "ended")
"""Causes that are the caller's own."""


def is_failure(error: BaseException, seconds: float, slow_seconds: float, *, others_answered: bool = False) -> bool:
    """Return whether an error is the server's: not a limit of ours, not rows it rejects, not a caller in a hurry.

    Args:
        error: how the call ended.
        seconds: how long it took.
        slow_seconds: a call that its deadline ends earlier than that was not given enough time,
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
