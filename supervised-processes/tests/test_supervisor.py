"""Requests to stop a supervisor, with a clock of the test."""

from supervised_processes.supervisor import Supervisor


def stop_requests_at(*times: float) -> list[str]:
    """Request a stop at each of these times, and return what is shown."""
    shown: list[str] = []
    clock = iter(times)
    supervisor = Supervisor([], show=lambda _name, line: shown.append(line), clock=lambda: next(clock))
    for _ in times:
        supervisor.request_stop()
    return shown


def test_one_request_stops() -> None:
    assert stop_requests_at(5.0) == ["stopping everything; Ctrl-C again kills at once"]


def test_two_requests_at_once_are_one_ctrl_c() -> None:
    assert "killed at once" not in stop_requests_at(5.0, 5.01)


def test_a_later_request_kills() -> None:
    assert stop_requests_at(5.0, 6.5)[-1] == "killed at once"
