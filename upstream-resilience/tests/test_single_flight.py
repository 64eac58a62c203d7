"""Who asks while another does gets the same answer, and no caller's time runs out before it is up."""

import asyncio

import pytest
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import DeadlineExceeded, UpstreamUnavailable
from upstream_resilience.single_flight import SingleFlight
from virtual_time import in_virtual_time


class Server:
    """Answers the n-th ask after the n-th of these seconds with n; the last holds for all others."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = list(seconds)
        self.asked = 0

    async def __call__(self, _deadline: Deadline) -> int:
        self.asked += 1
        number = self.asked
        await asyncio.sleep(self.seconds.pop(0) if len(self.seconds) > 1 else self.seconds[0])
        return number


async def after(seconds: float, ask: SingleFlight[int], within_seconds: float = 2.0) -> int:
    await asyncio.sleep(seconds)
    async with Deadline.after(within_seconds).limit():
        return await ask()


def test_callers_at_the_same_time_share_one_call() -> None:
    server = Server(1.0)
    ask = SingleFlight(server, 2.0)

    async def all_of_them() -> list[int]:
        return list(await asyncio.gather(after(0, ask), after(0, ask), after(0.9, ask)))

    assert in_virtual_time(all_of_them()) == [1, 1, 1]
    assert server.asked == 1


def test_a_later_caller_makes_a_new_call() -> None:
    server = Server(1.0)
    ask = SingleFlight(server, 2.0)

    async def one_after_another() -> list[int]:
        return [await after(0, ask), await after(0, ask)]

    assert in_virtual_time(one_after_another()) == [1, 2]


def test_who_joined_a_call_that_times_out_calls_again() -> None:
    server = Server(3600.0, 0.1)
    ask = SingleFlight(server, 2.0)

    async def both() -> list[int | BaseException]:
        return list(await asyncio.gather(after(0, ask, 3.0), after(1.4, ask), after(1.5, ask), return_exceptions=True))

    first, *joined = in_virtual_time(both())
    assert isinstance(first, DeadlineExceeded)
    assert joined == [2, 2]


def test_no_caller_waits_longer_than_its_own_time() -> None:
    ask = SingleFlight(Server(3600.0), 2.0)

    async def both() -> list[object]:
        loop = asyncio.get_running_loop()

        async def ended() -> float:
            await asyncio.gather(after(1.4, ask), return_exceptions=True)
            return loop.time()

        asked = await asyncio.gather(after(0, ask, 3.0), ended(), return_exceptions=True)
        await asyncio.sleep(5)  # the ask that it began goes on to its end
        return list(asked)

    assert in_virtual_time(both())[1] == pytest.approx(3.4)


def test_a_caller_that_leaves_does_not_end_it_for_others() -> None:
    ask = SingleFlight(Server(1.0), 2.0)

    async def both() -> list[int | BaseException]:
        return list(await asyncio.gather(after(0, ask, 0.1), after(0.05, ask), return_exceptions=True))

    left, stayed = in_virtual_time(both())
    assert isinstance(left, DeadlineExceeded)
    assert stayed == 1


def test_it_is_under_nobodys_deadline_but_its_own() -> None:
    seen: list[float] = []

    async def look(deadline: Deadline) -> None:
        seen.append(deadline.seconds)

    async def under_another() -> None:
        async with Deadline.after(0.1).limit():
            await SingleFlight(look, 2.0)()

    in_virtual_time(under_another())
    assert seen == [2.0]


def test_a_failure_reaches_all_who_share_it_and_nobody_else() -> None:
    errors = [UpstreamUnavailable("down", "refused")]

    async def fail_once(_deadline: Deadline) -> int:
        await asyncio.sleep(1.0)
        if errors:
            raise errors.pop()
        return 1

    ask = SingleFlight(fail_once, 2.0)

    async def all_of_them() -> list[int | BaseException]:
        return list(await asyncio.gather(after(0, ask), after(0.5, ask), after(1.5, ask), return_exceptions=True))

    first, second, next_ = in_virtual_time(all_of_them())
    assert isinstance(first, UpstreamUnavailable)
    assert isinstance(second, UpstreamUnavailable)
    assert next_ == 1
