"""The steps of the start."""

import io
from collections.abc import Callable, Iterator

from housing_price.console import PrefixedConsole
from housing_price.progress import StartProgress
from rich.console import Console


def clock_at(*seconds: float) -> Callable[[], float]:
    times: Iterator[float] = iter(seconds)
    return lambda: next(times)


def progress_on(out: io.StringIO, *seconds: float, is_terminal: bool = False) -> StartProgress:
    console = PrefixedConsole(Console(file=out, width=80, force_terminal=is_terminal, color_system=None), ["api", "db"])
    return StartProgress(console, ["api", "db"], clock_at(*seconds))


def test_a_file_gets_each_step_as_a_plain_line_with_its_time() -> None:
    out = io.StringIO()
    progress = progress_on(out, 100.0, 100.2, 102.5, 112.0, 113.25)

    progress.begin(within_seconds=300)
    progress.end_step("db")
    progress.remind()
    progress.end_step("api")
    progress.remind()

    assert out.getvalue().splitlines() == [
        "up  | starting, which may take up to 300 s; Ctrl-C stops everything",
        "up  | waiting for api, db; 0 s so far",
        "up  | db is ready after 2.5 s (1 of 2)",
        "up  | waiting for api; 12 s so far",
        "up  | api is ready after 13.2 s (2 of 2)",
    ]


def test_a_terminal_shows_what_is_awaited_and_for_how_long_from_the_beginning() -> None:
    out = io.StringIO()

    progress_on(out, 100.0, 100.0, is_terminal=True).begin(within_seconds=300)

    assert "waiting for api, db" in out.getvalue()
    assert "0:00:00" in out.getvalue()


def test_a_terminal_without_other_characters_gets_a_spinner_of_ascii() -> None:
    bytes_written = io.BytesIO()
    out = io.TextIOWrapper(bytes_written, encoding="ascii", errors="strict", write_through=True)
    console = PrefixedConsole(Console(file=out, width=80, force_terminal=True, color_system=None), ["api"])

    console.show_awaited(["api"])
    console.show_awaited([])

    assert b"waiting for api" in bytes_written.getvalue()
