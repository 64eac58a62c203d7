"""The outcome of one check of the gate."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The name of a check, whether it passed, and the figure and its limit in words."""

    name: str
    passed: bool
    figure: str
    limit: str
