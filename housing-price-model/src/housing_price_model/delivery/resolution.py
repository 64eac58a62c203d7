"""Resolves a model URI to a version, once, and downloads its files."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from housing_price_model.delivery.integrity import TRAIN_AGAIN
from housing_price_model.delivery.reference import ModelReference, read_reference
from housing_price_model.errors import NoSuchModel, ServingError
from housing_price_model.registry.connection import connect, tracking_uri, translate_errors
from housing_price_model.registry.versions import MANIFEST_CHECKSUM_TAG

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel
    from mlflow.entities.model_registry import ModelVersion

ALIAS_URI = re.compile(r"models:/(?P<name>[^/@]+)@(?P<alias>[^/@]+)")
VERSION_URI = re.compile(r"models:/(?P<name>[^/@]+)/(?P<version>\d+)")
LOGGED_URI = re.compile(r"models:/(?P<id>m-[^/@]+)")
RUN_URI = re.compile(r"runs:/(?P<run>[^/@]+)/(?P<name>[^@]+)")
DOWNLOADED_NOTE = "registered_model_meta"
"""The file that MLflow's client adds to the files of a version that it downloads."""


def is_local(uri: str) -> bool:
    """Return whether a URI is a path."""
    return not re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", uri)


def fetch(uri: str, folder: Path, *, timeout_seconds: float) -> tuple[ModelReference, Path]:
    """Return the version that a URI means and the folder of its files, which is inside ``folder`` unless it is local.

    Raises:
        RegistryUnreachable: if no MLflow server answers in time.
        RegistryError: if the files can't be downloaded.
        NoSuchModel: if there is no such version or alias.
        ServingError: if there is no such folder, or the registry doesn't have its checksum.
    """
    if is_local(uri):
        return _refer_to_folder(uri)
    client = connect(tracking_uri(), timeout_seconds=timeout_seconds, doing=f"find {uri}")
    reference = resolve(uri, client)
    return reference, _download(reference, folder)


def resolve(uri: str, client: "MlflowClient") -> ModelReference:
    """Look up which version an alias, a number, a run or an MLflow id means, and the checksum of its manifest.

    More people may be able to write artifacts than to write to the registry, so the registry's checksum decides. A URI
    of a store has no checksum, like a folder.

    Raises:
        NoSuchModel: if there is none.
        ServingError: if the registry doesn't have its checksum.
        RegistryError: if the registry can't be reached or refuses.
    """
    with translate_errors(f"find {uri}", missing=_make_missing_error(uri)):
        reference = _look_up(uri, client)
    if reference is None:
        return ModelReference(uri=uri, source=uri)
    if reference.manifest_sha256 is None:
        raise ServingError(
            f"{uri} has no tag {MANIFEST_CHECKSUM_TAG} in the registry, so its files can't be verified: {TRAIN_AGAIN}"
        )
    return reference


def _look_up(uri: str, client: "MlflowClient") -> ModelReference | None:
    if match := ALIAS_URI.fullmatch(uri):
        found = client.get_model_version_by_alias(match["name"], match["alias"])
        return _refer_to_version(uri, found, match["alias"])
    if match := VERSION_URI.fullmatch(uri):
        return _refer_to_version(uri, client.get_model_version(match["name"], match["version"]), None)
    if match := LOGGED_URI.fullmatch(uri):
        return _refer_to_logged_model(uri, client.get_logged_model(match["id"]))
    if match := RUN_URI.fullmatch(uri):
        return _refer_to_logged_model(uri, _find_logged_model(client, uri, match["run"], match["name"]))
    if uri.startswith(("models:", "runs:")):
        raise ServingError(
            f"{uri} names no version: give models:/NAME@ALIAS, models:/NAME/VERSION, models:/ID or runs:/RUN/NAME"
        )
    return None


def _find_logged_model(client: "MlflowClient", uri: str, run_id: str, name: str) -> "LoggedModel":
    experiment = client.get_run(run_id).info.experiment_id
    of_run = client.search_logged_models([experiment], filter_string=f"source_run_id = '{run_id}'")
    for model in of_run:
        if model.name == name:
            return model
    raise _make_missing_error(uri)


def _refer_to_logged_model(uri: str, found: "LoggedModel") -> ModelReference:
    return ModelReference(
        uri=uri,
        source=f"models:/{found.model_id}",
        run_id=found.source_run_id,
        manifest_sha256=found.tags.get(MANIFEST_CHECKSUM_TAG),
    )


def _make_missing_error(uri: str) -> NoSuchModel:
    return NoSuchModel(
        f"there is no model at {uri}: train one with `housing-price-model train --promote`,"
        " or name another with --model-uri"
    )


def _refer_to_version(uri: str, found: "ModelVersion", alias: str | None) -> ModelReference:
    return ModelReference(
        uri=uri,
        source=f"models:/{found.name}/{found.version}",
        name=found.name,
        version=str(found.version),
        alias=alias,
        run_id=found.run_id,
        manifest_sha256=found.tags.get(MANIFEST_CHECKSUM_TAG),
    )


def _refer_to_folder(uri: str) -> tuple[ModelReference, Path]:
    folder = Path(uri)
    if not folder.is_dir():
        raise ServingError(
            f"{uri} is not a folder: give a model's folder or a URI such as models:/housing-price@champion"
        )
    return read_reference(folder) or ModelReference(uri=uri, source=uri), folder


def _download(reference: ModelReference, folder: Path) -> Path:
    import mlflow

    with translate_errors(f"download {reference.source}", missing=_make_missing_error(reference.uri)):
        files = Path(mlflow.artifacts.download_artifacts(reference.source, dst_path=str(folder)))
    # MLflow's client writes this file after the download; it does not belong to the version.
    (files / DOWNLOADED_NOTE).unlink(missing_ok=True)
    return files
