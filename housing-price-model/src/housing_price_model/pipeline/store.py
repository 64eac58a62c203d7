"""The cache of results: folders named by a checksum of their inputs, whose files never change.

The checksum covers the step's inputs, its part of the configuration, the program, the house record and the libraries. A
step with a cached result need not run again.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import house_record
from command_line.failures import naming

from housing_price_model.errors import PipelineError
from housing_price_model.registry.manifest import file_checksum
from housing_price_model.registry.provenance import library_versions, version_of_extra

RESULT_FILE = "result.json"
SHOWN_DIGITS = 12

type Make = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a step: a folder, and its files with their SHA-256. ``key`` is the checksum of the inputs."""

    step: str
    key: str
    folder: Path
    outputs: Mapping[str, str]

    @property
    def checksum(self) -> str:
        """Checksum of all outputs, equal for equal files."""
        return compute_checksum(dict(self.outputs))

    def __str__(self) -> str:
        return f"{self.step}/{self.key[:SHOWN_DIGITS]}"


class ResultStore:
    """Stores results below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, step: str, key: str) -> Result | None:
        """Return the result with this key if it exists and its files are unchanged."""
        folder = self._root / step / key
        try:
            outputs = json.loads((folder / RESULT_FILE).read_bytes())["outputs"]
            intact = all(file_checksum(folder / name) == expected for name, expected in outputs.items())
        except (OSError, ValueError, KeyError):
            return None
        return Result(step, key, folder, outputs) if intact else None

    def make(self, step: str, key: str, inputs: Mapping[str, Any], make: Make) -> Result:
        """Make a result in a temporary folder, which gets its name when it is complete.

        Raises:
            PipelineError: if it can't be written.
        """
        folder = self._root / step / key
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            unfinished = Path(mkdtemp(prefix=".", dir=folder.parent))
        except OSError as error:
            raise PipelineError(f"results can't be kept in {self._root}: {error.strerror or error}") from error
        try:
            with naming(self._root):
                make(unfinished)
            outputs = {path.name: file_checksum(path) for path in sorted(unfinished.iterdir())}
            described = {"step": step, "key": key, "inputs": inputs, "outputs": outputs}
            (unfinished / RESULT_FILE).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
            for path in unfinished.iterdir():
                path.chmod(0o444)
            # The old result is damaged, or its version is no longer registered.
            shutil.rmtree(folder, ignore_errors=True)
            unfinished.replace(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return Result(step, key, folder, outputs)


def compute_checksum(value: Any) -> str:
    """Return the SHA-256 of a JSON value, independent of the order of keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


@cache
def compute_code_version() -> str:
    """Return the checksum of the files of this program and of the house record, and of the versions of the libraries on
    which results depend, Optuna included."""
    packages = [_checksum_files(Path(__file__).parents[1]), _checksum_files(Path(house_record.__file__).parent)]
    return compute_checksum([*packages, {**library_versions(), "optuna": version_of_extra("optuna")}])


def _checksum_files(package: Path) -> Mapping[str, str]:
    files = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".json"))
    return {path.relative_to(package).as_posix(): file_checksum(path) for path in files}
