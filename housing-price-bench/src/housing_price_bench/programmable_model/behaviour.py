"""How the server behaves, and for which requests."""

from collections.abc import Callable
from random import Random
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

type Kind = Literal[
    "ok",
    "stall",
    "drip",
    "reset",
    "reset_midway",
    "half_open",
    "garbage",
    "nan",
    "wrong_count",
    "error_400",
    "error_500",
    "error_body_200",
    "huge",
    "not_json_type",
    "unavailable",
    "bad_gateway",
    "gateway_timeout",
    "slow_start",
]

KINDS: tuple[Kind, ...] = get_args(Kind.__value__)


class Behaviour(BaseModel):
    """What the server does with some requests; it responds well to all others."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    kind: Kind = "ok"
    """The kind of failure. ``half_open`` starts with a connection, before a route is known; on an open connection it
    is ``stall``. ``slow_start`` is ``unavailable`` until its seconds are over."""
    routes: tuple[str, ...] = ("/invocations",)
    """The paths that fail."""
    calls: Annotated[int, Field(ge=0)] | None = None
    """How many of the next requests fail; None for all."""
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The share of requests that fail, at random."""
    seed: int = 0
    """The seed of this randomness."""
    seconds: Annotated[float, Field(ge=0)] = 1.0
    """``drip``: time between two bytes. ``slow_start``: time until the server is well."""
    retry_after: Annotated[int, Field(ge=0)] | None = 1
    """``unavailable``: the seconds of ``Retry-After``; None sends no such header."""


OK = Behaviour()


class Script:
    """Applies one behaviour: counts requests, and draws those that fail.

    Args:
        behaviour: how the server behaves.
        now: a clock, in seconds.
    """

    def __init__(self, behaviour: Behaviour, now: Callable[[], float]) -> None:
        self.behaviour = behaviour
        self._left = behaviour.calls
        self._random = Random(behaviour.seed)  # noqa: S311  a draw that must be the same again, not a secret
        self._now = now
        self._ends_at = now() + behaviour.seconds if behaviour.kind == "slow_start" else None

    def choose_for_connection(self) -> Kind:
        """Choose what happens to a new connection: ``half_open`` or ``ok``."""
        return self._draw() if self.behaviour.kind == "half_open" else "ok"

    def choose_for_request(self, path: str) -> Kind:
        """Choose what happens to the next request of this path."""
        if path not in self.behaviour.routes or self._is_over():
            return "ok"
        kind = self._draw()
        return {"half_open": "stall", "slow_start": "unavailable"}.get(kind, kind)  # type: ignore[return-value]  # mypy widens the values to str

    def _is_over(self) -> bool:
        return self._ends_at is not None and self._now() >= self._ends_at

    def _draw(self) -> Kind:
        if self.behaviour.share < 1 and self._random.random() >= self.behaviour.share:
            return "ok"
        if self._left is not None:
            if not self._left:
                return "ok"
            self._left -= 1
        return self.behaviour.kind
