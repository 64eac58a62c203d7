"""What people see while processes run: every line under its process's name, and what is still awaited."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.status import Status
from rich.text import Text

_COLOURS = ("cyan", "green", "magenta", "blue", "yellow")
_OWN_NAME = "up"


class PrefixedConsole:
    """Lines with aligned names; colours and a spinner on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console, names: Sequence[str]) -> None:
        self._console = console
        self._width = max(map(len, (*names, _OWN_NAME)))
        self._styles = {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(names)}
        self._status: Status | None = None

    def show(self, name: str, line: str) -> None:
        """One line of a process's output, neither wrapped nor cut nor read as markup."""
        prefix = (f"{name:<{self._width}} | ", self._styles.get(name, "bold"))
        self._console.print(Text.assemble(prefix, Text.from_ansi(line)), soft_wrap=True, highlight=False)

    def note(self, line: str) -> None:
        """One line of our own."""
        self.show(_OWN_NAME, line)

    def plain(self, lines: Iterable[str]) -> None:
        """Lines to copy from, without a name before them."""
        for line in lines:
            self._console.print(Text(line), soft_wrap=True, highlight=False)

    def awaiting(self, names: Sequence[str]) -> None:
        """Say what is awaited, on a terminal only; nothing ends the waiting."""
        if self._status:
            self._status.stop()
            self._status = None
        if names and self._console.is_terminal:
            self._status = self._console.status(f"waiting for {', '.join(names)}")
            self._status.start()
