"""What people see while a run goes on: a line for each finished case, and on a terminal what is done now."""

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.table import Table
from rich.text import Text

from housing_price_bench.case import Case
from housing_price_bench.table import case_line

_PLAIN_WIDTH = 220
"""Of a file or a pipe, so that no row of a table is broken there."""


class Progress:
    """Lines and tables; the spinner ends with the block."""

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

    def doing(self, what: str) -> None:
        """Say what is done now."""
        if self._console.is_terminal:
            self._status.update(what)
        else:
            self.lines([f"{what} ..."])

    def done(self, case: Case) -> None:
        """Say what a case came to."""
        self.lines([case_line(case)])

    def lines(self, lines: Iterable[str]) -> None:
        """Lines as they are."""
        for line in lines:
            self._console.print(Text(line), soft_wrap=True)

    def table(self, table: Table) -> None:
        """A table with a blank line before it."""
        self._console.print()
        self._console.print(table)


def console_for_tables() -> Console:
    """The terminal; elsewhere a width that holds every row."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)
