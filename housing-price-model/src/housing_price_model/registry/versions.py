"""Looks up versions of the registered model, and moves the champion's alias."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from housing_price_model.errors import PromotionRefused
from housing_price_model.registry.connection import translate_errors

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

MODEL_NAME = "housing-price"
CHAMPION = "champion"
READY = "READY"
CAUTION_TAG = "caution"
MANIFEST_CHECKSUM_TAG = "manifest_sha256"
"""The tag of a version that holds its manifest's checksum; the manifest holds those of the other files."""

FORMAT_TAG = "typed_format"
"""The tag of a version with the format of its compiled form; old versions have no such tag."""

MANIFEST_VERSION_TAG = "manifest_version"
"""The tag of a version with the version of its manifest; versions with a manifest of version 1 have no such tag."""


@dataclass(frozen=True, slots=True)
class Champion:
    """The version that is served, from its tags; a missing tag is empty."""

    version: str
    recipe: str
    data_source: str
    data_sha256: str
    typed_format: str
    manifest_version: str


def find_champion(client: "MlflowClient") -> Champion | None:
    """Return the champion, or None if no version has that alias.

    Raises:
        RegistryError: if the registry can't be reached or refuses.
    """
    version = find_champion_version(client)
    if version is None:
        return None
    tags = version.tags
    return Champion(
        version=str(version.version),
        recipe=tags.get("recipe", ""),
        data_source=tags.get("data_source", ""),
        data_sha256=tags.get("data_sha256", ""),
        typed_format=tags.get(FORMAT_TAG, ""),
        manifest_version=tags.get(MANIFEST_VERSION_TAG, ""),
    )


def find_champion_version(client: "MlflowClient") -> "ModelVersion | None":
    """Return the champion as MLflow describes it, or None if no version has that alias.

    Raises:
        RegistryError: if the registry can't be reached or refuses.
    """
    with translate_errors("look up the champion"):
        return _find_aliased_version(client)


def find_version(client: "MlflowClient", number: str) -> "ModelVersion":
    """Return a complete version as MLflow describes it.

    Raises:
        PromotionRefused: if there is no such version, or it is incomplete.
        RegistryError: if the registry can't be reached or refuses.
    """
    missing = PromotionRefused(f"there is no version {number} of {MODEL_NAME}")
    with translate_errors(f"look up version {number}", missing=missing):
        version = client.get_model_version(MODEL_NAME, number)
    if version.status != READY:
        raise PromotionRefused(f"version {number} of {MODEL_NAME} is not ready: MLflow says {version.status}")
    return version


def move_alias(client: "MlflowClient", number: str) -> None:
    """Move the alias to a version. ``registry.promotion`` records why.

    Raises:
        RegistryError: if the registry refuses.
    """
    with translate_errors(f"make version {number} the champion"):
        client.set_registered_model_alias(MODEL_NAME, CHAMPION, number)


def _find_aliased_version(client: "MlflowClient") -> "ModelVersion | None":
    from mlflow.exceptions import MlflowException

    try:
        aliases = client.get_registered_model(MODEL_NAME).aliases
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    return client.get_model_version(MODEL_NAME, aliases[CHAMPION]) if CHAMPION in aliases else None
