"""The terminal while processes run: each line with the name of its process, and what is not ready yet."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.status import Status
from rich.text import Text

_COLOURS = ("cyan", "green", "magenta", "blue", "yellow")
_OWN_NAME = "up"


class PrefixedConsole:
    """Prints lines with aligned names: with colours and a spinner on a terminal, plain elsewhere."""

    def __init__(self, console: Console, names: Sequence[str]) -> None:
        self._console = console
        self._width = max(map(len, (*names, _OWN_NAME)))
        self._styles = {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(names)}
        self._status: Status | None = None

    def show(self, name: str, line: str) -> None:
        """Print one line of a process, without wrapping, cutting, or reading it as markup."""
        prefix = (f"{name:<{self._width}} | ", self._styles.get(name, "bold"))
        self._console.print(Text.assemble(prefix, Text.from_ansi(line)), soft_wrap=True, highlight=False)

    def note(self, line: str) -> None:
        """Print one line of `up` itself."""
        self.show(_OWN_NAME, line)

    def print_plain(self, lines: Iterable[str]) -> None:
        """Print lines to copy, without a name in front."""
        for line in lines:
            self._console.print(Text(line), soft_wrap=True, highlight=False)

    def show_awaited(self, names: Sequence[str]) -> None:
        """Show in the spinner what is awaited, on a terminal only; no names end it."""
        if self._status:
            self._status.stop()
            self._status = None
        if names and self._console.is_terminal:
            self._status = self._console.status(f"waiting for {', '.join(names)}")
            self._status.start()
