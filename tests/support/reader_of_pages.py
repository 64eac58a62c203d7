"""Somebody who runs the commands of the pages as they stand, with the platform on other ports."""

import os
import re
import subprocess
import sys
from pathlib import Path

API = "http://127.0.0.1:8000"
MODEL_SERVER = "http://127.0.0.1:8080"
MLFLOW = "http://127.0.0.1:9999"
"""The addresses that pages show."""


class Reader:
    """Runs commands in ``folder``, which holds the files that they name.

    ``mlflow``, ``api`` and ``model_server`` are the addresses in use.
    """

    def __init__(self, folder: Path, *, mlflow: str, api: str = API, model_server: str = MODEL_SERVER) -> None:
        self._folder = folder
        self._in_use = {API: api, MODEL_SERVER: model_server, MLFLOW: mlflow}
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = {**os.environ, "PATH": programs, "MLFLOW_TRACKING_URI": mlflow, "KEY": "hp_any"}

    def run(self, command: str) -> str:
        """Return what a command prints, with the addresses of the pages."""
        command = re.sub(r"\buv run (?=\w)", "", command)
        for shown, in_use in self._in_use.items():
            command = command.replace(shown, in_use)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return self.as_shown(done.stdout)

    def as_shown(self, text: str) -> str:
        """Return a text with the addresses and the folder that pages show in place of those in use."""
        for shown, in_use in self._in_use.items():
            text = text.replace(in_use, shown)
        return text.replace(str(self._folder), "/data")
