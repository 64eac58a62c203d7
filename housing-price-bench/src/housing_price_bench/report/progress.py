"""What a run prints: lines, tables, and on a terminal a spinner with the current step."""

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.table import Table
from rich.text import Text

_PLAIN_WIDTH = 220
"""Width of a file or a pipe, so that no row of a table wraps there."""


class Progress:
    """Prints to one console; the spinner ends with the block."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("")

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()

    def show_step(self, what: str) -> None:
        """Show the current step: in the spinner on a terminal, as a line elsewhere."""
        if self._console.is_terminal:
            self._status.update(what)
        else:
            self.print_lines([f"{what} ..."])

    def print_lines(self, lines: Iterable[str]) -> None:
        """Print lines as they are, without wrapping."""
        for line in lines:
            self._console.print(Text(line), soft_wrap=True)

    def print_table(self, table: Table) -> None:
        """Print a table after a blank line."""
        self._console.print()
        self._console.print(table)


def make_console() -> Console:
    """Make a console for the terminal, or one that is wide enough for every row."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)
