"""Of lines that say the same many times a second only some are written; the next one says how many were not."""

from housing_price_orchestrator.observability.repeated_lines import RepeatedLines
from moved_clock import Clock


def test_ten_lines_a_second_are_written_the_others_counted() -> None:
    clock = Clock(100.0)
    lines = RepeatedLines(clock)

    assert [lines.leaves_out("OVERLOADED") for _ in range(15)] == [False] * 10 + [True] * 5
    assert lines.left_out("OVERLOADED") == 5
    assert lines.left_out("OVERLOADED") == 0

    clock.seconds += 1
    assert not lines.leaves_out("OVERLOADED")


def test_a_users_mistake_or_a_bug_is_never_left_out() -> None:
    lines = RepeatedLines(Clock())

    assert not any(lines.leaves_out(code) for code in ("VALIDATION_ERROR", "INTERNAL_ERROR", None) for _ in range(50))
