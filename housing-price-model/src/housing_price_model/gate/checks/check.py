"""The outcome of one check of the gate."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was asked, whether it holds, and what was found beside the limit, both in words for people."""

    name: str
    passed: bool
    figure: str
    limit: str
