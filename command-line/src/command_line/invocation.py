"""How the reader of a hint has to type a command: with `uv run` in a checkout, plainly where it is on the path."""

import os
import re
import shutil
from collections.abc import Mapping

_STARTED_BY_UV = "UV_RUN_RECURSION_DEPTH"
"""The variable that `uv run` sets for its command, whose path has commands that the reader's shell does not have."""

_QUOTED = re.compile(r"`((?:housing-price(?:-model|-orchestrator)?|mlflow-server)(?: [^`]*)?)`")


def as_typed(command: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a command as it works where the reader stands."""
    program = command.partition(" ")[0]
    path = environment.get("PATH", os.defpath)
    is_on_path = _STARTED_BY_UV not in environment and shutil.which(program, path=path) is not None
    has_uv = _STARTED_BY_UV in environment or shutil.which("uv", path=path) is not None
    return f"uv run {command}" if has_uv and not is_on_path else command


def type_hints(line: str, environment: Mapping[str, str] = os.environ) -> str:
    """Write the commands of the platform that a line quotes as they work where the reader stands."""
    return _QUOTED.sub(lambda found: f"`{as_typed(found[1], environment)}`", line)
