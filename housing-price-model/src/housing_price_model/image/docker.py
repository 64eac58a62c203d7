"""The docker command line: whether it can build, and one build."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from housing_price_model.errors import ImageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One build: which target of which Dockerfile, from which folders, under which name."""

    dockerfile: Path
    target: str
    context: Path
    named_contexts: Mapping[str, Path] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    tag: str

    def command(self) -> list[str]:
        """The arguments of the docker command."""
        contexts = [("--build-context", f"{name}={folder}") for name, folder in self.named_contexts.items()]
        arguments = [("--build-arg", f"{name}={value}") for name, value in self.arguments.items()]
        options = [text for pair in contexts + arguments for text in pair]
        named = ["--file", str(self.dockerfile), "--target", self.target, "--tag", self.tag]
        return ["build", *named, *options, str(self.context)]


class Docker:
    """An engine that answers."""

    def __init__(self, executable: str | None = None) -> None:
        """Find the command and ask for its engine.

        Raises:
            ImageError: if there is no such command or no engine answers it.
        """
        found = executable or shutil.which("docker")
        if found is None:
            raise ImageError("an image needs Docker, and there is no `docker` command here")
        self._executable = found
        asked = self._run("version", capture=True)
        if asked.returncode:
            reason = (asked.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ImageError(f"no Docker engine answers: {reason}")

    def build(self, build: Build) -> None:
        """Build an image; its output goes where ours goes.

        Raises:
            ImageError: if the build fails.
        """
        done = self._run(*build.command(), capture=False)
        if done.returncode:
            raise ImageError(f"the image could not be built: docker ended with exit code {done.returncode}, see above")

    def _run(self, *arguments: str, capture: bool) -> subprocess.CompletedProcess[str]:
        # Named build contexts are BuildKit's; older engines ask for it to be named.
        environment = os.environ | {"DOCKER_BUILDKIT": "1"}
        # The arguments are a list of ours, and no shell reads them.
        return subprocess.run(  # noqa: S603
            [self._executable, *arguments], capture_output=capture, text=True, check=False, env=environment
        )
