"""Times as people write them."""

import pytest
from declared_flows.notation.durations import Seconds, format_duration
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

TIMES: TypeAdapter[float] = TypeAdapter(Seconds)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("300ms", 0.3),
        ("2s", 2.0),
        ("1.5 s", 1.5),
        ("10m", 600.0),
        ("1h", 3600.0),
        ("7d", 604800.0),
        (3, 3.0),
        (0.5, 0.5),
    ],
)
def test_a_time_is_seconds_or_a_number_with_unit(text: object, seconds: float) -> None:
    assert TIMES.validate_python(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        *("", "s", "5", "-1s", "0s", "1e3s", "1sec", "1s ", " 1s", "1 s 2", "one", "1S", "٣s", "9" * 20 + "s"),
        *(True, None, [1], 0, -1, float("inf"), float("nan")),
    ],
)
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        TIMES.validate_python(text)


@given(st.floats(min_value=0.001, max_value=1e6).map(lambda seconds: float(f"{seconds:.4g}")))
def test_what_is_written_is_read_again(seconds: float) -> None:
    assert TIMES.validate_python(format_duration(seconds)) == pytest.approx(seconds)


@pytest.mark.parametrize(("seconds", "text"), [(0.3, "300ms"), (2, "2s"), (600, "10m"), (7200, "2h"), (90, "90s")])
def test_a_time_is_written_in_the_largest_unit_that_fits(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
