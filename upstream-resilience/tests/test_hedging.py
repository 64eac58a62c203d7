"""Several servers are asked the same, one after another; the first answer suffices."""

import asyncio

import pytest
from upstream_resilience.errors import BadUpstreamAnswer, DeadlineExceeded, ResilienceError, UpstreamUnavailable
from upstream_resilience.hedging import Call, hedge, limit_seconds
from virtual_time import in_virtual_time

REFUSED = UpstreamUnavailable("the connection was refused", "refused")
HANGING = 3600.0


class Servers:
    """Answer with their name after so many seconds, or fail then; who was asked is kept in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.left: list[str] = []

    def server(self, name: str, seconds: float = 0.0, error: ResilienceError | None = None) -> Call[str]:
        async def ask() -> str:
            self.asked.append(name)
            try:
                await asyncio.sleep(seconds)
            except asyncio.CancelledError:
                self.left.append(name)
                raise
            if error:
                raise error
            return name

        return ask


@pytest.fixture
def servers() -> Servers:
    return Servers()


def test_while_the_first_is_quick_no_other_is_asked(servers: Servers) -> None:
    asks = [servers.server("a", 0.04), servers.server("b")]

    assert in_virtual_time(hedge(asks, 0.05)) == "a"
    assert servers.asked == ["a"]


def test_a_silent_server_is_passed_over_and_then_cancelled(servers: Servers) -> None:
    asks = [servers.server("a", HANGING), servers.server("b", HANGING), servers.server("c", 0.01)]

    assert in_virtual_time(hedge(asks, 0.05)) == "c"
    assert servers.left == ["a", "b"] or servers.left == ["b", "a"]


def test_one_that_is_slow_may_still_be_the_first(servers: Servers) -> None:
    asks = [servers.server("a", 0.08), servers.server("b", HANGING)]

    assert in_virtual_time(hedge(asks, 0.05)) == "a"


def test_after_a_failure_the_next_is_asked_at_once(servers: Servers) -> None:
    asks = [servers.server("a", error=REFUSED), servers.server("b", error=REFUSED), servers.server("c")]

    assert in_virtual_time(hedge(asks, HANGING)) == "c"


def test_that_it_was_refused_is_said_only_where_all_refused(servers: Servers) -> None:
    refusing = [servers.server(name, error=REFUSED) for name in "ab"]

    with pytest.raises(UpstreamUnavailable) as refused:
        in_virtual_time(hedge(refusing, 0.05))
    assert refused.value.is_refused

    with pytest.raises(BadUpstreamAnswer):
        in_virtual_time(hedge([servers.server("odd", error=BadUpstreamAnswer("odd")), *refusing], 0.05))


def test_who_leaves_takes_all_that_was_asked_along(servers: Servers) -> None:
    asks = [servers.server("a", HANGING), servers.server("b", HANGING)]

    with pytest.raises(DeadlineExceeded):
        in_virtual_time(limit_seconds(lambda: hedge(asks, 0.05), 1.0))

    assert set(servers.left) == {"a", "b"}
