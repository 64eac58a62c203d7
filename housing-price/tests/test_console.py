"""The terminal while processes run."""

import io
from typing import Any

from housing_price.console import PrefixedConsole
from rich.console import Console


def written(line: str, **of_console: Any) -> str:
    out = io.StringIO()
    console = PrefixedConsole(Console(file=out, width=40, **of_console), ["api", "mlflow-server"])
    console.show_awaited(["api"])
    console.show("api", line)
    console.show_awaited([])
    return out.getvalue()


def test_a_line_is_neither_wrapped_nor_read_as_markup() -> None:
    line = "[bold]" + "x" * 200 + "[/] :smile: 1.0 None"

    assert written(line) == f"api           | {line}\n"


def test_a_file_gets_no_colours_and_no_spinner() -> None:
    assert written("\x1b[31mred\x1b[0m") == "api           | red\n"


def test_a_terminal_shows_colours_and_what_is_awaited() -> None:
    out = written("hello", force_terminal=True, color_system="standard")

    assert "\x1b[36mapi           | \x1b[0mhello" in out
    assert "waiting for api" in out
