"""The outcome of one check of the gate."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The name of a check, whether it passed, and the figure and its limit in words.

    A check that is ``skipped``, because there is nothing to compare with, has passed, and its figure says why.
    """

    name: str
    passed: bool
    figure: str
    limit: str
    skipped: bool = False

    @property
    def outcome(self) -> str:
        """The outcome in a word."""
        if self.skipped:
            return "skipped"
        return "passed" if self.passed else "FAILED"


def skip(name: str, limit: str, reason: str) -> Check:
    """Return a check that can't be made, for a reason that is not the candidate's fault."""
    return Check(name=name, passed=True, figure=reason, limit=limit, skipped=True)
