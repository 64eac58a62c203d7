"""What the lock file says, told by uv."""

import json
import subprocess
from pathlib import Path
from typing import Any

RUNTIME = ("--all-packages", "--all-extras", "--no-dev")
"""Everything that may be installed to run; the tools of developers are not."""


def exported(root: Path, form: str, *options: str) -> str:
    """The lock in one of uv's formats.

    Raises:
        CalledProcessError: if uv refuses, for instance because the lock does not fit.
    """
    command = ["uv", "export", "--frozen", "--quiet", "--format", form, *options]
    # The arguments are ours, and no shell reads them.
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603  a command of ours, from fixed words
    return done.stdout


def runtime_packages(root: Path) -> dict[str, str]:
    """Version by name of each package from elsewhere that the platform runs with."""
    document: dict[str, Any] = json.loads(exported(root, "cyclonedx1.5", *RUNTIME))
    # The members of the workspace come from no registry.
    return {part["name"]: part["version"] for part in document["components"] if "purl" in part}
