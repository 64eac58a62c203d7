"""What the commands know of the program that mounts them."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from declared_flows.planning.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a command knows once the program has read its settings.

    Args:
        folder: where the flows are, unless the command names a folder.
        surroundings: what their files may refer to.
        run: runs a flow once, with its real sources: takes the flow's file or folder, its name and a request with
            `path`, `query`, `headers` and `body`.
        places: where the program's own sources are and which setting says so, for a run that fails at one of them.
    """

    folder: Path | None
    surroundings: "Surroundings"
    run: Callable[[Path, str, Mapping[str, Any]], Coroutine[Any, Any, dict[str, Any]]]
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Program:
    """A program with commands for flows.

    Args:
        name: how people call it.
        folder_setting: the environment variable that names the folder of the flows.
        describe: returns what files may refer to, whatever the settings are.
        configure: reads the settings, or ends the command with what is wrong with them.
    """

    name: str
    folder_setting: str
    describe: "Callable[[], Surroundings]"
    configure: Callable[[], Configuration]
