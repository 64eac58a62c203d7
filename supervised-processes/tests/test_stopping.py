"""Requests to stop."""

import pytest
from supervised_processes.stopping import StopRequests


@pytest.mark.parametrize(
    ("moments", "happened"),
    [([0.0], ["cancel"]), ([0.0, 0.2], ["cancel"]), ([0.0, 0.2, 1.5], ["cancel", "kill"])],
)
def test_a_second_request_kills_unless_both_are_one_ctrl_c(moments: list[float], happened: list[str]) -> None:
    seen: list[str] = []
    times = iter(moments)
    requests = StopRequests(
        stop=lambda: seen.append("cancel"),
        kill=lambda: seen.append("kill"),
        say=lambda _line: None,
        clock=lambda: next(times),
    )

    for _ in moments:
        requests.request()

    assert seen == happened
