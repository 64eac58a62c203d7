"""Whether a model's files are those that were registered.

The registry vouches for the manifest, and the manifest for all the rest. Nothing is loaded here, and what the files say
is judged elsewhere.
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
    """The manifest of a folder, which has the checksum that is expected, where one is.

    Raises:
        ServingError: if there is none, it is another, or it is not well-formed.
    """
    path = folder / MANIFEST_FILE
    if not path.is_file():
        raise ServingError(f"the model has no {MANIFEST_FILE}, so it can't be verified: {TRAIN_AGAIN}")
    found = file_checksum(path)
    if expected_sha256 is not None and found != expected_sha256:
        raise ServingError(
            f"the model's {MANIFEST_FILE} was changed after its registration ({_apart(expected_sha256, found)}): {MEND}"
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
    """Refuse a folder that has a file less, a file more or another file than its manifest says.

    ``allowed`` are files that may lie beside them.

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
        raise ServingError(f"the model's file {name} is corrupt ({_apart(expected, found)}): {MEND}")


def _apart(expected: str, found: str) -> str:
    return f"its SHA-256 is {found[:SHOWN_DIGITS]}…, registered was {expected[:SHOWN_DIGITS]}…"
