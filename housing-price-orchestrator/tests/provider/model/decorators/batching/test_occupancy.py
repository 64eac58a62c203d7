"""What the model is busy with, and what calls beside each other cost it."""

import pytest
from housing_price_orchestrator.provider.model.decorators.batching.occupancy import Occupancy
from housing_price_orchestrator.provider.model.decorators.batching.pace import Pace
from moved_clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace() -> Pace:
    return Pace()


@pytest.fixture
def occupancy(clock: Clock, pace: Pace) -> Occupancy:
    """Of a model that answered one call, after a second."""
    occupancy = Occupancy(1, 2, clock)
    call = occupancy.begin(pace)
    clock.seconds = 1.0
    occupancy.answer(call)
    return occupancy


def run_two(occupancy: Occupancy, pace: Pace, clock: Clock, second_ends: float) -> None:
    first = occupancy.begin(pace)
    began = clock.seconds
    clock.seconds += 0.1
    second = occupancy.begin(pace)
    clock.seconds = began + 1.0
    occupancy.answer(first)
    clock.seconds = began + second_ends
    occupancy.answer(second)


def test_a_call_beside_another_that_takes_no_longer_raises_the_limit(
    occupancy: Occupancy, pace: Pace, clock: Clock
) -> None:
    run_two(occupancy, pace, clock, 1.1)

    assert occupancy.limit == 2
    assert pace.seconds == pytest.approx(1.0)


def test_a_call_that_has_to_wait_for_another_leaves_the_limit_and_the_pace(
    occupancy: Occupancy, pace: Pace, clock: Clock
) -> None:
    run_two(occupancy, pace, clock, 2.0)

    assert occupancy.limit == 1
    assert pace.seconds == pytest.approx(1.0)
    assert not occupancy.is_worth_a_try


def test_a_given_up_call_occupies_the_model_until_it_would_have_ended(
    occupancy: Occupancy, pace: Pace, clock: Clock
) -> None:
    call = occupancy.begin(pace)
    clock.seconds = 1.2
    occupancy.give_up(call)

    assert occupancy.busy == 1
    assert occupancy.starts_in(0, 1.0) == pytest.approx(0.8)
    clock.seconds = 2.0
    assert occupancy.busy == 0
    assert occupancy.starts_in(0, 1.0) == 0


def test_a_failed_call_occupies_nothing(occupancy: Occupancy, pace: Pace) -> None:
    occupancy.fail(occupancy.begin(pace))

    assert occupancy.busy == 0


def test_a_request_waits_for_the_calls_in_flight_and_those_ahead(
    occupancy: Occupancy, pace: Pace, clock: Clock
) -> None:
    occupancy.begin(pace)
    clock.seconds = 1.25

    assert occupancy.starts_in(2, 1.0) == pytest.approx(0.75 + 2)


def test_a_call_that_takes_twice_as_long_as_expected_blocks_no_other(
    occupancy: Occupancy, pace: Pace, clock: Clock
) -> None:
    occupancy.begin(pace)
    clock.seconds = 2.9
    assert occupancy.busy == 1

    clock.seconds = 3.0
    assert occupancy.busy == 0


def test_calls_that_disturb_each_other_by_now_lower_the_limit(occupancy: Occupancy, pace: Pace, clock: Clock) -> None:
    run_two(occupancy, pace, clock, 1.1)

    for _ in range(4):
        calls = [occupancy.begin(pace), occupancy.begin(pace)]
        clock.seconds += 2.0
        for call in calls:
            occupancy.answer(call)

    assert occupancy.limit == 1


def test_calls_beside_each_other_that_get_no_answer_lower_the_limit(
    occupancy: Occupancy, pace: Pace, clock: Clock
) -> None:
    run_two(occupancy, pace, clock, 1.1)
    occupancy.begin(pace)
    second = occupancy.begin(pace)
    clock.seconds += 1.9

    occupancy.give_up(second)

    assert occupancy.limit == 1


def test_a_call_without_an_answer_is_a_lower_bound_until_the_next_answer(pace: Pace) -> None:
    pace.add(0.1)
    pace.add_unanswered(1.9)
    assert pace.expected_seconds == 1.9

    pace.add(0.1)
    assert pace.expected_seconds == pytest.approx(0.1)


def test_the_pace_follows_a_jump_within_a_few_calls(pace: Pace) -> None:
    pace.add(0.05)
    for _ in range(4):
        pace.add(1.0)

    assert pace.seconds > 0.7
