"""The registered model's versions and the alias of the one that is served."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from housing_price_model.errors import PromotionRefused
from housing_price_model.registry.connection import translated_errors

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

MODEL_NAME = "housing-price"
CHAMPION = "champion"
READY = "READY"
MANIFEST_CHECKSUM_TAG = "manifest_sha256"
"""The tag of a version that holds its manifest's checksum; the manifest holds those of the other files."""

FORMAT_TAG = "typed_format"
"""The tag of a version that says how its typed form is written; a version without it has none."""


@dataclass(frozen=True, slots=True)
class Champion:
    """The version that is served, as its tags describe it; a tag that is not there is empty."""

    version: str
    recipe: str
    data_source: str
    data_sha256: str
    typed_format: str


def find_champion(client: "MlflowClient") -> Champion | None:
    """The champion, or None where there is no version with that alias yet.

    Raises:
        RegistryError: if the registry can't be asked.
    """
    version = champion_version(client)
    if version is None:
        return None
    tags = version.tags
    return Champion(
        version=str(version.version),
        recipe=tags.get("recipe", ""),
        data_source=tags.get("data_source", ""),
        data_sha256=tags.get("data_sha256", ""),
        typed_format=tags.get(FORMAT_TAG, ""),
    )


def champion_version(client: "MlflowClient") -> "ModelVersion | None":
    """The champion as MLflow describes it, or None where no version has that alias.

    Raises:
        RegistryError: if the registry can't be asked.
    """
    with translated_errors("look up the champion"):
        return _aliased_version(client)


def find_version(client: "MlflowClient", number: str) -> "ModelVersion":
    """A version that can be served, as MLflow describes it.

    Raises:
        PromotionRefused: if there is no such version, or MLflow does not hold it completely.
        RegistryError: if the registry can't be asked.
    """
    missing = PromotionRefused(f"there is no version {number} of {MODEL_NAME}")
    with translated_errors(f"look up version {number}", missing=missing):
        version = client.get_model_version(MODEL_NAME, number)
    if version.status != READY:
        raise PromotionRefused(f"version {number} of {MODEL_NAME} is not ready: MLflow says {version.status}")
    return version


def move_alias(client: "MlflowClient", number: str) -> None:
    """Give the alias to a version, and nothing else: ``registry.promotion`` records why.

    Raises:
        RegistryError: if the registry refuses.
    """
    with translated_errors(f"make version {number} the champion"):
        client.set_registered_model_alias(MODEL_NAME, CHAMPION, number)


def _aliased_version(client: "MlflowClient") -> "ModelVersion | None":
    from mlflow.exceptions import MlflowException

    try:
        aliases = client.get_registered_model(MODEL_NAME).aliases
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    return client.get_model_version(MODEL_NAME, aliases[CHAMPION]) if CHAMPION in aliases else None
