"""A version's files as they go into an image, and as a server without a registry finds them there."""

from pathlib import Path

import pytest
from house_record import AMES
from housing_price_model.delivery.loading import load_model
from housing_price_model.delivery.reference import ModelReference, keep_reference, read_reference
from housing_price_model.errors import ServingError
from housing_price_model.image.baking import bake
from housing_price_model.serving.identity import identify

# MLflow compares columns with a range, when it saves an example.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

REGISTERED = ModelReference(
    uri="models:/housing-price@champion",
    source="models:/housing-price/3",
    name="housing-price",
    version="3",
    alias="champion",
    run_id="r-1",
)


def test_serves_a_baked_version_under_its_registered_name(version_folder: Path, tmp_path: Path) -> None:
    bake(str(version_folder), tmp_path / "model", AMES, timeout_seconds=1)
    keep_reference(REGISTERED, tmp_path / "model")

    identity = identify(load_model(str(tmp_path / "model"), AMES, timeout_seconds=1))

    assert (identity.name, identity.version, identity.run_id) == ("housing-price", "3", "r-1")


def test_a_baked_version_claims_no_alias(tmp_path: Path) -> None:
    keep_reference(REGISTERED, tmp_path)

    kept = read_reference(tmp_path)

    assert kept is not None
    assert (kept.uri, kept.alias) == ("models:/housing-price/3", None)


def test_a_version_without_a_registry_can_be_baked_too(version_folder: Path, tmp_path: Path) -> None:
    reference = bake(str(version_folder), tmp_path / "model", AMES, timeout_seconds=1)

    assert reference.version is None
    assert load_model(str(tmp_path / "model"), AMES, timeout_seconds=1).golden_price > 0
    assert read_reference(version_folder) is None


def test_a_version_that_no_server_would_take_is_not_baked(version_folder: Path, tmp_path: Path) -> None:
    bake(str(version_folder), tmp_path / "damaged", AMES, timeout_seconds=1)
    (tmp_path / "damaged" / "member-1.npz").write_bytes(b"damaged")

    with pytest.raises(ServingError, match="corrupt"):
        bake(str(tmp_path / "damaged"), tmp_path / "model", AMES, timeout_seconds=1)


def test_a_container_refuses_an_unregistered_manifest(version_folder: Path, tmp_path: Path) -> None:
    bake(str(version_folder), tmp_path / "model", AMES, timeout_seconds=1)
    keep_reference(
        ModelReference(uri="models:/m/1", source="models:/m/1", manifest_sha256="0" * 64), tmp_path / "model"
    )

    with pytest.raises(ServingError, match="changed after its registration"):
        load_model(str(tmp_path / "model"), AMES, timeout_seconds=1)


def test_a_registration_that_is_not_well_formed_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "registration.json").write_text('{"version": 3}')

    with pytest.raises(ServingError, match=r"registration\.json is not well-formed") as refused:
        read_reference(tmp_path)
    assert "\n" not in str(refused.value)
