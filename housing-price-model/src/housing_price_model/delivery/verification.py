"""Whether a model's files may be loaded and served: decided from its manifest, before anything is loaded."""

from collections.abc import Collection, Set
from pathlib import Path, PurePosixPath
from typing import Any

from house_record import FEATURES, RECORD_VERSION
from pydantic import ValidationError

from housing_price_model.delivery.integrity import TRAIN_AGAIN, check_files, read_manifest
from housing_price_model.errors import ServingError
from housing_price_model.inference import DOCUMENT_FILE, CompiledDocument
from housing_price_model.recipes import TRUSTED_TYPES
from housing_price_model.registry.layout import DESCRIPTION_FILE, LOADER, SCRIPT_FILE
from housing_price_model.registry.manifest import MANIFEST_FILE, Manifest
from housing_price_model.registry.provenance import MODEL_LIBRARIES, installed_version

LONGEST_LIST = 5


def verified_manifest(folder: Path, *, expected_sha256: str | None, allowed: Collection[str] = ()) -> Manifest:
    """The manifest of a model that this process can serve.

    ``expected_sha256`` is the manifest's own checksum as the registry recorded it, where there is a registry;
    ``allowed`` are files that may lie beside those of the manifest.

    Raises:
        ServingError: with one line that says what does not fit and how to mend it.
    """
    manifest = read_manifest(folder, expected_sha256)
    _check_record(manifest)
    _check_typed_form(manifest)
    _check_libraries(manifest)
    check_files(manifest, folder, allowed=allowed)
    _check_parts(manifest, folder)
    _check_description(manifest, folder)
    return manifest


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


def _check_parts(manifest: Manifest, folder: Path) -> None:
    try:
        names = CompiledDocument.model_validate_json((folder / DOCUMENT_FILE).read_bytes()).files()
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ServingError(f"the model's {DOCUMENT_FILE} is not well-formed ({reason}): {TRAIN_AGAIN}") from error
    for name in sorted(names):
        if name != PurePosixPath(name).name or name not in manifest.files:
            raise ServingError(
                f"a part of the model is in {name!r}, which is no file that {MANIFEST_FILE} names: {TRAIN_AGAIN}"
            )


def _check_description(manifest: Manifest, folder: Path) -> None:
    """Refuse what could run code of its own in anyone's process. The artefact says itself which types are to be
    trusted in its pipeline, so both that and the pipeline are held against our own list.

    This process runs no code of an artefact, the script for MLflow included: it reads the typed form's data.
    """
    try:
        is_typed, wanted, pyfunc = _described(folder, manifest.files.keys())
    # Whatever is wrong with a file that someone else wrote, it describes no model to serve.
    except Exception as error:
        raise ServingError(
            f"the model's {DESCRIPTION_FILE} is not well-formed, or names a pipeline that can't be read"
            f" ({type(error).__name__}): {TRAIN_AGAIN}"
        ) from error
    if not is_typed:
        raise ServingError(
            f"the model is not typed, or has a scikit-learn pipeline in another format than skops: {TRAIN_AGAIN}"
        )
    untrusted = sorted(wanted - TRUSTED_TYPES)
    if untrusted or pyfunc.get("code"):
        raise ServingError(f"the model wants code that no recipe needs: {_list(untrusted) or 'its own'}: {TRAIN_AGAIN}")


def _described(folder: Path, files: Set[str]) -> tuple[bool, set[str], dict[str, Any]]:
    """Whether it is a typed model, which types it wants to be trusted or holds, and how MLflow loads it."""
    from mlflow.models import Model

    flavors = Model.load(folder).flavors
    sklearn, pyfunc = flavors.get("sklearn", {}), flavors.get("python_function", {})
    is_script = pyfunc.get("loader_module") == LOADER and pyfunc.get("model_code_path") == SCRIPT_FILE
    has_skops = sklearn.get("serialization_format") == "skops" and sklearn.get("pickled_model") in files
    wanted = set(map(str, sklearn.get("skops_trusted_types") or ()))
    if has_skops:
        wanted |= _types_in(folder / sklearn["pickled_model"])
    return is_script and (has_skops or not sklearn), wanted, pyfunc


def _types_in(pipeline: Path) -> set[str]:
    """The types beyond skops' own list that a file holds, by its own words; nothing of it is built."""
    from skops.io import get_untrusted_types

    return set(get_untrusted_types(file=pipeline))


def _list(names: list[str]) -> str:
    more = f" and {len(names) - LONGEST_LIST} more" if len(names) > LONGEST_LIST else ""
    return ", ".join(names[:LONGEST_LIST]) + more
