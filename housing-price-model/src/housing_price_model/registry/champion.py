"""The registered model's versions and the alias of the one that is served."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from housing_price_model.registry.connection import translated_errors

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

MODEL_NAME = "housing-price"
CHAMPION = "champion"
MANIFEST_CHECKSUM_TAG = "manifest_sha256"
"""The tag of a version that holds its manifest's checksum; the manifest holds those of the other files."""

TYPED_FORMAT_TAG = "typed_format"
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
    with translated_errors("look up the champion"):
        version = _aliased_version(client)
    if version is None:
        return None
    tags = version.tags
    return Champion(
        version=str(version.version),
        recipe=tags.get("recipe", ""),
        data_source=tags.get("data_source", ""),
        data_sha256=tags.get("data_sha256", ""),
        typed_format=tags.get(TYPED_FORMAT_TAG, ""),
    )


def make_champion(client: "MlflowClient", version: str) -> None:
    """Move the alias to a version.

    Raises:
        RegistryError: if the registry refuses.
    """
    with translated_errors(f"make version {version} the champion"):
        client.set_registered_model_alias(MODEL_NAME, CHAMPION, version)


def _aliased_version(client: "MlflowClient") -> "ModelVersion | None":
    from mlflow.exceptions import MlflowException

    try:
        aliases = client.get_registered_model(MODEL_NAME).aliases
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
    return client.get_model_version(MODEL_NAME, aliases[CHAMPION]) if CHAMPION in aliases else None
