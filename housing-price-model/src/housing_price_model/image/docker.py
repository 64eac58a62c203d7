"""Runs the docker command line."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from housing_price_model.errors import ImageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A build: the target of a Dockerfile, its folders, and the image's name."""

    dockerfile: Path
    target: str
    context: Path
    named_contexts: Mapping[str, Path] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    tag: str

    def command(self) -> list[str]:
        """Return the arguments of the docker command."""
        contexts = [("--build-context", f"{name}={folder}") for name, folder in self.named_contexts.items()]
        arguments = [("--build-arg", f"{name}={value}") for name, value in self.arguments.items()]
        options = [text for pair in contexts + arguments for text in pair]
        named = ["--file", str(self.dockerfile), "--target", self.target, "--tag", self.tag]
        return ["build", *named, *options, str(self.context)]


class Docker:
    """A reachable Docker engine."""

    def __init__(self, executable: str | None = None) -> None:
        """Find the command and check its engine.

        Raises:
            ImageError: if there is no such command, or no engine responds.
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
        """Build an image. Its output goes to this process's output.

        Raises:
            ImageError: if the build fails.
        """
        done = self._run(*build.command(), capture=False)
        if done.returncode:
            raise ImageError(f"the image could not be built: docker ended with exit code {done.returncode}, see above")

    def _run(self, *arguments: str, capture: bool) -> subprocess.CompletedProcess[str]:
        # Named build contexts need BuildKit, which older engines enable by a variable.
        environment = os.environ | {"DOCKER_BUILDKIT": "1"}
        # All arguments come from this module, and no shell reads them.
        return subprocess.run(  # noqa: S603
            [self._executable, *arguments], capture_output=capture, text=True, check=False, env=environment
        )
