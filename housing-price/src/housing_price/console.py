"""The terminal while processes run: each line with the name of its process, and what is not ready yet."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

_COLOURS = ("cyan", "green", "magenta", "blue", "yellow")
_OWN_NAME = "up"


class PrefixedConsole:
    """Prints lines with aligned names: with colours and a spinner on a terminal, plain elsewhere."""

    def __init__(self, console: Console, names: Sequence[str]) -> None:
        self._console = console
        self._width = max(map(len, (*names, _OWN_NAME)))
        self._styles = {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(names)}
        self._awaited: Progress | None = None

    @property
    def is_terminal(self) -> bool:
        """Whether somebody watches."""
        return self._console.is_terminal

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
        """Show what is awaited and for how long, on a terminal only; no names end it."""
        if not self.is_terminal:
            return
        if self._awaited is None:
            columns = (
                SpinnerColumn("line" if self._console.options.ascii_only else "dots"),
                TextColumn("{task.description}", markup=False),
                TimeElapsedColumn(),
            )
            self._awaited = Progress(*columns, console=self._console, transient=True)
            self._awaited.add_task("")
            self._awaited.start()
        self._awaited.update(self._awaited.task_ids[0], description=f"waiting for {', '.join(names)}", refresh=True)
        if not names:
            self._awaited.stop()
            self._awaited = None
