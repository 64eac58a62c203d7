"""Checks that a model's files are those that were registered.

The registry has the manifest's checksum, and the manifest those of all other files. Nothing is loaded here.
"""

from collections.abc import Collection
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from housing_price_model.errors import ServingError
from housing_price_model.registry.manifest import MANIFEST_FILE, Manifest, file_checksum, files_below

TRAIN_AGAIN = "train a new version (start `mlflow-server`, then `housing-price-model train --promote`)"
MEND = f"put the registered file back from a backup of the artifacts, or {TRAIN_AGAIN}"
SHOWN_DIGITS = 12


def read_manifest(folder: Path, expected_sha256: str | None) -> Manifest:
    """Read the manifest of a folder, and compare its checksum with the expected one, if there is any.

    Raises:
        ServingError: if the manifest is missing, changed or malformed.
    """
    path = folder / MANIFEST_FILE
    if not path.is_file():
        raise ServingError(f"the model has no {MANIFEST_FILE}, so it can't be verified: {TRAIN_AGAIN}")
    found = file_checksum(path)
    if expected_sha256 is not None and found != expected_sha256:
        raise ServingError(
            f"the model's {MANIFEST_FILE} was changed after its registration"
            f" ({_show_sums(expected_sha256, found)}): {MEND}"
        )
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "document"
        raise ServingError(
            f"the model's {MANIFEST_FILE} is not well-formed ({where}: {first['msg']}): {TRAIN_AGAIN}"
        ) from error


def check_files(manifest: Manifest, folder: Path, *, allowed: Collection[str] = ()) -> None:
    """Reject a folder with a missing, additional or changed file.

    ``allowed`` names additional files that may be there.

    Raises:
        ServingError: naming the first such file.
    """
    for name, expected in manifest.files.items():
        _check_file(name, expected, folder)
    more = sorted(files_below(folder) - manifest.files.keys() - {MANIFEST_FILE, *allowed})
    if more:
        raise ServingError(
            f"the model's folder holds {more[0]!r}, which was not registered with it: remove it, or {TRAIN_AGAIN}"
        )


def _check_file(name: str, expected: str, folder: Path) -> None:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise ServingError(f"the model's {MANIFEST_FILE} names a file elsewhere: {name!r}: {TRAIN_AGAIN}")
    path = folder / name
    if not path.is_file():
        raise ServingError(f"the model's file {name} is missing: {MEND}")
    found = file_checksum(path)
    if found != expected:
        raise ServingError(f"the model's file {name} is corrupt ({_show_sums(expected, found)}): {MEND}")


def _show_sums(expected: str, found: str) -> str:
    return f"its SHA-256 is {found[:SHOWN_DIGITS]}…, registered was {expected[:SHOWN_DIGITS]}…"
