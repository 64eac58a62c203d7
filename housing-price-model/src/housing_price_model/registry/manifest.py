"""Describes a model, in ``manifest.json`` beside it. A server reads this before it loads the model."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, JsonValue, model_validator
from pydantic.alias_generators import to_camel

MANIFEST_FILE = "manifest.json"

MANIFEST_VERSION: Literal[2] = 2
"""The version that this program writes. Version 1 says no version and has none of the optional files."""


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)


class ModelFeature(_Document):
    """A column of the model's input."""

    name: str
    type: Literal["number", "text"]


class TrainingData(_Document):
    """The sales that the model was trained on; ``sha256`` is the checksum of the sales themselves, not of a file."""

    source: str
    sha256: str
    rows: int
    generated: bool


class FitSettings(_Document):
    """What is needed to repeat the fit: the recipe's settings and the random seed; and the trial that found them, if
    they were tuned."""

    values: dict[str, JsonValue]
    seed: int
    study: str | None = None
    best_trial: int | None = None


class Manifest(_Document):
    """Everything that is needed to serve a model, and what people want to know about it.

    ``files`` holds the SHA-256 of every other file of the artefact, by relative path. ``settings`` is None in old
    versions, which did not store them. ``record`` (the declaration of the town), ``golden`` (houses with the version's
    own prices) and ``baseline`` (the distribution of its sales) name files among them, or are None.
    """

    manifest_version: Literal[1, 2] = 1
    record_version: str
    features: tuple[ModelFeature, ...]
    recipe: str
    data: TrainingData
    settings: FitSettings | None = None
    metrics: dict[str, float]
    libraries: dict[str, str]
    trained_at: datetime
    git_commit: str | None
    files: dict[str, str]
    record: str | None = None
    golden: str | None = None
    baseline: str | None = None

    @model_validator(mode="after")
    def _lists_every_named_file(self) -> Self:
        for name in (self.record, self.golden, self.baseline):
            if name is not None and name not in self.files:
                raise ValueError(f"{name!r} is not among the files")
        return self

    def write(self, folder: Path) -> None:
        """Write the manifest into an artefact's folder."""
        (folder / MANIFEST_FILE).write_text(self.model_dump_json(by_alias=True, indent=2) + "\n", encoding="utf-8")


def file_checksum(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below a folder but its manifest, by relative path."""
    return {name: file_checksum(folder / name) for name in sorted(files_below(folder) - {MANIFEST_FILE})}


def files_below(folder: Path) -> set[str]:
    """The relative paths of all files below a folder. Links to folders are not followed."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path.relative_to(folder).as_posix() for path in found}
