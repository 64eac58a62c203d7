"""Whether a model's files may be loaded and served: decided from its manifest, before anything is loaded."""

from pathlib import Path, PurePosixPath
from typing import Any

from house_record import FEATURES, RECORD_VERSION
from pydantic import ValidationError

from housing_price_model.errors import ServingError
from housing_price_model.recipes import TRUSTED_TYPES
from housing_price_model.registry.manifest import MANIFEST_FILE, Manifest, file_checksum
from housing_price_model.registry.provenance import MODEL_LIBRARIES, installed_version
from housing_price_model.registry.typed_files import LOADER, SCRIPT_FILE
from housing_price_model.typed import DOCUMENT_FILE, TypedDocument

TRAIN_AGAIN = "train a new version (start `mlflow-server`, then `housing-price-model train --promote`)"
LONGEST_LIST = 5
DESCRIPTION_FILE = "MLmodel"


def verified_manifest(folder: Path, *, expected_sha256: str | None) -> Manifest:
    """The manifest of a model that this process can serve.

    ``expected_sha256`` is the manifest's own checksum as the registry recorded it, where there is a registry.

    Raises:
        ServingError: with one line that says what does not fit and how to mend it.
    """
    manifest = _read(folder / MANIFEST_FILE, expected_sha256)
    _check_record(manifest)
    _check_typed_form(manifest)
    _check_libraries(manifest)
    _check_files(manifest, folder)
    _check_parts(manifest, folder)
    _check_description(folder)
    return manifest


def _read(path: Path, expected_sha256: str | None) -> Manifest:
    if not path.is_file():
        raise ServingError(f"the model has no {MANIFEST_FILE}, so it can't be verified: {TRAIN_AGAIN}")
    if expected_sha256 is not None and file_checksum(path) != expected_sha256:
        raise ServingError(f"the model's {MANIFEST_FILE} was changed after its registration: {TRAIN_AGAIN}")
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "document"
        raise ServingError(
            f"the model's {MANIFEST_FILE} is not well-formed ({where}: {first['msg']}): {TRAIN_AGAIN}"
        ) from error


def _check_record(manifest: Manifest) -> None:
    if manifest.record_version != RECORD_VERSION:
        raise ServingError(
            f"the model knows house record {manifest.record_version}, this program {RECORD_VERSION}: {TRAIN_AGAIN}"
        )
    kinds = {feature.column: feature.kind for feature in FEATURES}
    strange = [
        f"{wanted.name} ({wanted.type})" for wanted in manifest.features if kinds.get(wanted.name) != wanted.type
    ]
    if strange:
        raise ServingError(
            f"the model wants features that the house record does not have: {_list(strange)}: {TRAIN_AGAIN}"
        )


def _check_typed_form(manifest: Manifest) -> None:
    if DOCUMENT_FILE not in manifest.files:
        raise ServingError(f"the model was registered by an older program and has no typed form: {TRAIN_AGAIN}")
    if DESCRIPTION_FILE not in manifest.files:
        raise ServingError(f"the model's {MANIFEST_FILE} has no checksum of {DESCRIPTION_FILE}: {TRAIN_AGAIN}")


def _check_libraries(manifest: Manifest) -> None:
    for library in MODEL_LIBRARIES:
        trained_with, here = manifest.libraries.get(library, "none"), installed_version(library)
        if _minor(trained_with) != _minor(here):
            raise ServingError(
                f"the model was trained with {library} {trained_with}, here is {here}:"
                f" install that version, or {TRAIN_AGAIN}"
            )


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _check_files(manifest: Manifest, folder: Path) -> None:
    for name, expected in manifest.files.items():
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ServingError(f"the model's {MANIFEST_FILE} names a file elsewhere: {name!r}: {TRAIN_AGAIN}")
        path = folder / name
        if not path.is_file():
            raise ServingError(f"the model's file {name} is missing: {TRAIN_AGAIN}")
        if file_checksum(path) != expected:
            raise ServingError(f"the model's file {name} is corrupt (its checksum differs): {TRAIN_AGAIN}")


def _check_parts(manifest: Manifest, folder: Path) -> None:
    try:
        names = TypedDocument.model_validate_json((folder / DOCUMENT_FILE).read_bytes()).files()
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ServingError(f"the model's {DOCUMENT_FILE} is not well-formed ({reason}): {TRAIN_AGAIN}") from error
    for name in sorted(names):
        if name != PurePosixPath(name).name or name not in manifest.files:
            raise ServingError(
                f"a part of the model is in {name!r}, which is no file that {MANIFEST_FILE} names: {TRAIN_AGAIN}"
            )


def _check_description(folder: Path) -> None:
    """Refuse what could run code of its own in anyone's process: the list of trusted types is part of the artefact.

    This process runs no code of an artefact, the script for MLflow included: it reads the typed form's data.
    """
    try:
        is_typed, wanted, pyfunc = _described(folder)
    # Whatever is wrong with a file that someone else wrote, it describes no model to serve.
    except Exception as error:
        raise ServingError(
            f"the model's {DESCRIPTION_FILE} is not well-formed ({type(error).__name__}): {TRAIN_AGAIN}"
        ) from error
    if not is_typed:
        raise ServingError(
            f"the model is not typed, or has a scikit-learn pipeline in another format than skops: {TRAIN_AGAIN}"
        )
    untrusted = sorted(wanted - TRUSTED_TYPES)
    if untrusted or pyfunc.get("code"):
        raise ServingError(f"the model wants code that no recipe needs: {_list(untrusted) or 'its own'}: {TRAIN_AGAIN}")


def _described(folder: Path) -> tuple[bool, set[str], dict[str, Any]]:
    """Whether it is a typed model, which types it wants to be trusted, and how MLflow loads it."""
    from mlflow.models import Model

    flavors = Model.load(folder).flavors
    sklearn, pyfunc = flavors.get("sklearn", {}), flavors.get("python_function", {})
    is_script = pyfunc.get("loader_module") == LOADER and pyfunc.get("model_code_path") == SCRIPT_FILE
    is_typed = is_script and (not sklearn or sklearn.get("serialization_format") == "skops")
    return is_typed, set(map(str, sklearn.get("skops_trusted_types") or ())), pyfunc


def _list(names: list[str]) -> str:
    more = f" and {len(names) - LONGEST_LIST} more" if len(names) > LONGEST_LIST else ""
    return ", ".join(names[:LONGEST_LIST]) + more
