"""A model that does not fit is refused before it is loaded, with one line that says what to do."""

import json
import pickle
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
import treelite.sklearn
import yaml
from house_record import AMES
from housing_price_model.delivery.loading import load_model, load_with_files
from housing_price_model.delivery.verification import verify_version
from housing_price_model.errors import ServingError
from housing_price_model.inference import CompiledDocument, Encoder
from housing_price_model.recipes import TRUSTED_TYPES
from housing_price_model.registry.manifest import file_checksum, folder_checksums
from housing_price_model.registry.provenance import library_versions
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.preprocessing import FunctionTransformer

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

type Change = Callable[[Mapping[str, Any]], None]


def refusal(folder: Path, *, expected_sha256: str | None = None) -> str:
    with pytest.raises(ServingError) as raised:
        verify_version(folder, AMES, expected_sha256=expected_sha256)
    line = str(raised.value)
    assert "\n" not in line
    assert "housing-price-model train --promote" in line
    return line


def change_description(folder: Path, flavor: str, changes: Mapping[str, Any], change_manifest: Change) -> None:
    """Change MLflow's own description and the checksum of it, as someone would who means it."""
    path = folder / "MLmodel"
    description = yaml.safe_load(path.read_text())
    description["flavors"][flavor] = {**description["flavors"].get(flavor, {}), **changes}
    path.write_text(yaml.safe_dump(description))
    change_manifest({"files": folder_checksums(folder)})


def test_an_unchanged_artefact_is_accepted(artefact: Path) -> None:
    manifest = verify_version(artefact, AMES, expected_sha256=file_checksum(artefact / "manifest.json"))

    assert manifest.recipe == "default"


def test_a_flipped_bit_in_the_model_is_seen(artefact: Path) -> None:
    model = artefact / "member-1.npz"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)

    assert "member-1.npz is corrupt" in refusal(artefact)


def test_a_missing_file_is_named(artefact: Path) -> None:
    (artefact / "MLmodel").unlink()

    assert "MLmodel is missing" in refusal(artefact)


def test_a_model_without_manifest_is_refused(artefact: Path) -> None:
    (artefact / "manifest.json").unlink()

    assert "no manifest.json" in refusal(artefact)


def test_a_manifest_that_is_not_the_registered_one_is_refused(artefact: Path, change_manifest: Change) -> None:
    registered = file_checksum(artefact / "manifest.json")
    change_manifest({"recipe": "other"})

    assert "manifest.json was changed" in refusal(artefact, expected_sha256=registered)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"recipe": 1}', "\x00"])
def test_a_manifest_that_is_not_well_formed_is_refused(artefact: Path, content: str) -> None:
    (artefact / "manifest.json").write_text(content)

    assert "manifest.json is not well-formed" in refusal(artefact)


def test_a_key_that_no_manifest_has_is_named(artefact: Path, change_manifest: Change) -> None:
    change_manifest({"colour": "blue"})

    assert "not well-formed (colour:" in refusal(artefact)


def test_another_version_of_the_house_record_is_refused(artefact: Path, change_manifest: Change) -> None:
    change_manifest({"recordVersion": "0"})

    assert "the model uses house record 0, this program 2" in refusal(artefact)


@pytest.mark.parametrize(
    "feature", [{"name": "Turrets", "type": "number"}, {"name": "LotArea", "type": "text"}], ids=["name", "type"]
)
def test_a_feature_that_the_record_does_not_have_is_named(
    artefact: Path, change_manifest: Change, feature: dict[str, str]
) -> None:
    change_manifest({"features": [feature]})

    assert f"does not have: {feature['name']} ({feature['type']})" in refusal(artefact)


def test_of_many_unknown_features_a_few_are_named(artefact: Path, change_manifest: Change) -> None:
    change_manifest({"features": [{"name": f"New{number}", "type": "number"} for number in range(8)]})

    assert "New4 (number) and 3 more" in refusal(artefact)


@pytest.mark.parametrize("library", ["scikit-learn", "numpy", "pandas", "skops", "treelite", "mlflow"])
def test_a_library_of_another_minor_version_is_named(artefact: Path, change_manifest: Change, library: str) -> None:
    change_manifest({"libraries": {**library_versions(), library: "0.1.2"}})

    assert re.search(rf"trained with {library} 0\.1\.2, here is \d", refusal(artefact))


def test_another_patch_version_of_a_library_is_accepted(artefact: Path, change_manifest: Change) -> None:
    major, minor, _ = library_versions()["scikit-learn"].split(".")
    change_manifest({"libraries": {**library_versions(), "scikit-learn": f"{major}.{minor}.99"}})

    verify_version(artefact, AMES, expected_sha256=None)


def add_pipeline(artefact: Path, pipeline: object, trusted: list[str], change_manifest: Change) -> None:
    """A pipeline beside the model, as MLflow stores it, and the types that its description wants to be trusted."""
    skops.io.dump(pipeline, artefact / "model.skops")
    flavor = {"serialization_format": "skops", "pickled_model": "model.skops", "skops_trusted_types": trusted}
    change_description(artefact, "sklearn", flavor, change_manifest)


def test_refuses_a_model_that_trusts_more_types_than_recipes(artefact: Path, change_manifest: Change) -> None:
    add_pipeline(artefact, Ridge(), ["os.system"], change_manifest)

    assert "needs code that no recipe uses: os.system" in refusal(artefact)


def test_refuses_untrusted_types_whatever_the_description_says(artefact: Path, change_manifest: Change) -> None:
    add_pipeline(artefact, FunctionTransformer(shutil.rmtree), [], change_manifest)

    assert "needs code that no recipe uses: shutil.rmtree" in refusal(artefact)


def test_a_pipeline_of_the_recipes_types_is_accepted(artefact: Path, change_manifest: Change) -> None:
    trees = RandomForestRegressor(n_estimators=1).fit(np.zeros((2, 1)), [1.0, 1.0])
    add_pipeline(artefact, trees, sorted(TRUSTED_TYPES), change_manifest)

    assert verify_version(artefact, AMES, expected_sha256=None).recipe == "default"


def test_a_pipeline_that_is_no_skops_file_is_refused(artefact: Path, change_manifest: Change) -> None:
    add_pipeline(artefact, Ridge(), [], change_manifest)
    (artefact / "model.skops").write_bytes(pickle.dumps(Ridge()))
    change_manifest({"files": folder_checksums(artefact)})

    assert "names a pipeline that can't be read (BadZipFile)" in refusal(artefact)


def test_a_pipeline_outside_the_model_is_refused(artefact: Path, change_manifest: Change) -> None:
    flavor = {"serialization_format": "skops", "pickled_model": "../model.skops"}
    change_description(artefact, "sklearn", flavor, change_manifest)

    assert "has no compiled form, or has a scikit-learn pipeline in another format than skops" in refusal(artefact)


@pytest.mark.parametrize("name", ["more.py", "typed/more.py", "typed/manifest.json", "typed/__pycache__/trees.pyc"])
def test_a_file_that_was_not_registered_is_named(artefact: Path, name: str) -> None:
    (artefact / name).parent.mkdir(exist_ok=True)
    (artefact / name).write_text("")

    assert f"holds {name!r}, which was not registered with it" in refusal(artefact)


def test_a_link_to_another_folder_counts_as_unregistered(artefact: Path, tmp_path: Path) -> None:
    (artefact / "more").symlink_to(tmp_path)

    assert "holds 'more', which was not registered with it" in refusal(artefact)


@pytest.mark.parametrize(
    ("flavor", "changes"),
    [
        ("sklearn", {"serialization_format": "cloudpickle"}),
        ("python_function", {"loader_module": "evil"}),
        ("python_function", {"model_code_path": "other.py"}),
    ],
)
def test_a_model_of_another_format_is_refused(
    artefact: Path, change_manifest: Change, flavor: str, changes: dict[str, str]
) -> None:
    change_description(artefact, flavor, changes, change_manifest)

    assert "has no compiled form, or has a scikit-learn pipeline in another format than skops" in refusal(artefact)


def test_a_model_that_brings_code_of_its_own_is_refused(artefact: Path, change_manifest: Change) -> None:
    change_description(artefact, "python_function", {"code": "code"}, change_manifest)

    assert "needs code that no recipe uses: its own" in refusal(artefact)


def test_loads_a_good_model_and_prices_the_example_house(good_artefact: Path) -> None:
    model = load_model(str(good_artefact), AMES, timeout_seconds=0)

    assert model.golden_price > 0


def test_refuses_a_broken_model_with_a_matching_checksum(artefact: Path, change_manifest: Change) -> None:
    (artefact / "member-2.treelite").write_bytes(b"no trees, " * 10)
    change_manifest({"files": folder_checksums(artefact)})

    with pytest.raises(ServingError, match=r"^the model can't be loaded \(TreeliteError: [^\n]*--promote`\)$"):
        load_model(str(artefact), AMES, timeout_seconds=0)


def width(artefact: Path) -> int:
    return Encoder(CompiledDocument.model_validate_json((artefact / "typed-model.json").read_bytes()).encoding).width


def replace_trees(artefact: Path, change_manifest: Change, *, price: float, features: int) -> None:
    """Trees that give one price whatever they are asked."""
    forest = RandomForestRegressor(n_estimators=1).fit(np.zeros((2, features)), [price, price])
    treelite.sklearn.import_model(forest).serialize(artefact / "member-2.treelite")
    document = json.loads((artefact / "typed-model.json").read_text())
    document |= {"output": "price", "intervals": None}
    document["members"] = [{"weight": 1.0, "regressor": {"kind": "trees", "file": "member-2.treelite"}}]
    (artefact / "typed-model.json").write_text(json.dumps(document))
    change_manifest({"files": folder_checksums(artefact)})


@pytest.mark.parametrize("price", [-1.0, 0.0])
def test_a_model_that_gives_no_price_is_refused(artefact: Path, change_manifest: Change, price: float) -> None:
    replace_trees(artefact, change_manifest, price=price, features=width(artefact))

    with pytest.raises(ServingError, match=f"the model prices the example house at {price}: train"):
        load_model(str(artefact), AMES, timeout_seconds=0)


def test_trees_of_another_encoding_are_refused(artefact: Path, change_manifest: Change) -> None:
    replace_trees(artefact, change_manifest, price=1.0, features=3)

    widths = rf"the parts take \[3, {width(artefact)}\] columns"
    with pytest.raises(ServingError, match=rf"^the model can't be loaded \(ValueError: {widths}"):
        load_model(str(artefact), AMES, timeout_seconds=0)


def test_a_document_that_is_not_well_formed_is_refused(artefact: Path, change_manifest: Change) -> None:
    (artefact / "typed-model.json").write_text('{"format": 3}')
    change_manifest({"files": folder_checksums(artefact)})

    with pytest.raises(ServingError, match=r"^the model's typed-model.json is not well-formed \("):
        load_model(str(artefact), AMES, timeout_seconds=0)


def test_reports_an_old_version_without_compiled_form(artefact: Path, change_manifest: Change) -> None:
    files = folder_checksums(artefact)
    change_manifest({"files": {name: sha256 for name, sha256 in files.items() if name != "typed-model.json"}})

    assert "registered by an older program and has no compiled form" in refusal(artefact)


@pytest.mark.parametrize(
    "name", ["../member-2.treelite", "/etc/hostname", ".", "typed/../member-2.treelite", "other.trees"]
)
def test_trees_that_the_manifest_does_not_name_are_refused(artefact: Path, change_manifest: Change, name: str) -> None:
    document = json.loads((artefact / "typed-model.json").read_text())
    document["members"][1]["regressor"]["file"] = name
    (artefact / "typed-model.json").write_text(json.dumps(document))
    change_manifest({"files": folder_checksums(artefact)})

    assert f"a part of the model is in {name!r}, which manifest.json does not list" in refusal(artefact)


def test_a_manifest_that_names_files_elsewhere_is_refused(artefact: Path, change_manifest: Change) -> None:
    change_manifest({"files": {**folder_checksums(artefact), "../model/MLmodel": "0"}})

    assert "names a file elsewhere" in refusal(artefact)


def test_a_description_without_a_checksum_is_refused(artefact: Path, change_manifest: Change) -> None:
    files = folder_checksums(artefact)
    del files["MLmodel"]
    change_manifest({"files": files})

    assert "has no checksum of MLmodel" in refusal(artefact)


@pytest.mark.parametrize("content", ["", "{", "[1]", "flavors: 5", "flavors: {sklearn: text, python_function: []}"])
def test_a_description_that_is_not_well_formed_is_refused(
    artefact: Path, change_manifest: Change, content: str
) -> None:
    (artefact / "MLmodel").write_text(content)
    change_manifest({"files": folder_checksums(artefact)})

    assert "the model's MLmodel is not well-formed" in refusal(artefact)


def test_a_verified_copy_survives_changes_of_the_folder(artefact: Path, tmp_path: Path) -> None:
    model, files = load_with_files(str(artefact), tmp_path / "below", AMES, timeout_seconds=0)

    (artefact / "member-2.treelite").write_bytes(b"others")

    assert files.is_relative_to(tmp_path / "below")
    assert verify_version(files, AMES, expected_sha256=None) == model.manifest


def test_the_script_for_mlflow_is_never_run_by_the_server(artefact: Path, change_manifest: Change) -> None:
    (artefact / "typed_model.py").write_text("raise SystemExit('run')")
    change_manifest({"files": folder_checksums(artefact)})

    assert load_model(str(artefact), AMES, timeout_seconds=0).golden_price > 0


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServingError, match=r"is not a folder: give a model's folder or a URI"):
        load_model(str(tmp_path / "nothing"), AMES, timeout_seconds=0)


def test_the_files_are_not_needed_once_the_model_is_loaded(artefact: Path) -> None:
    model = load_model(str(artefact), AMES, timeout_seconds=0)

    shutil.rmtree(artefact)

    assert model.manifest.recipe == "default"
