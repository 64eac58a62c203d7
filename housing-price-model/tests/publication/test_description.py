"""What MLflow's page of a version says."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from housing_price_model.data import Sales
from housing_price_model.publication.artefact import make_manifest
from housing_price_model.publication.description import describe_version
from housing_price_model.publication.run_log import make_version_tags
from housing_price_model.recipes import BestTrial
from housing_price_model.registry.manifest import Manifest
from housing_price_model.training.train import TrainedModel


@pytest.fixture(scope="module")
def trained(few_sales: Sales, quickly_trained: Callable[[str, Sales], TrainedModel]) -> TrainedModel:
    return quickly_trained("random-forest", few_sales)


@pytest.fixture(scope="module")
def manifest(trained: TrainedModel) -> Manifest:
    return make_manifest(trained, files={})


def test_describes_what_a_version_is_made_of_and_its_accuracy(trained: TrainedModel, manifest: Manifest) -> None:
    text = describe_version(trained, manifest)

    assert text.startswith("Recipe `random-forest`: the tutorial's random forest")
    assert "- Trained: 2026-11-21 00:00 UTC" in text
    assert "- Data: `sample`, 150 sales (generated: scores on them say nothing about real prices)" in text
    assert trained.sales.sha256 in text
    assert "| RMSLE | 0.1000 | 0.1000 | 0.1000 |" in text


def test_few_sales_are_a_caution(trained: TrainedModel, manifest: Manifest) -> None:
    caution = "150 sales are fewer than 300: prices, intervals and figures may be far off"

    assert f"Caution: {caution}." in describe_version(trained, manifest)
    assert make_version_tags(manifest)["caution"] == caution
    enough = manifest.model_copy(update={"data": manifest.data.model_copy(update={"rows": 300})})
    assert "Caution" not in describe_version(trained, enough)
    assert "caution" not in make_version_tags(enough)


def test_describes_and_tags_known_coverage(trained: TrainedModel, manifest: Manifest) -> None:
    covered = {"cv_coverage_80": 0.8041, "cv_coverage_90": 0.9}
    with_intervals = manifest.model_copy(update={"metrics": manifest.metrics | covered})

    sentence = "Coverage of the prediction intervals: 80.4% at 80 %, 90.0% at 90 %."
    assert sentence in describe_version(trained, with_intervals)
    assert make_version_tags(with_intervals)["cv_coverage_90"] == "0.9000"


def test_a_version_without_intervals_says_nothing_of_them(trained: TrainedModel, manifest: Manifest) -> None:
    without = {name: value for name, value in manifest.metrics.items() if "coverage" not in name}

    assert "Coverage" not in describe_version(trained, manifest.model_copy(update={"metrics": without}))


def test_a_version_says_where_its_settings_come_from(trained: TrainedModel, manifest: Manifest) -> None:
    assert "- Settings: those that come with the program" in describe_version(trained, manifest)

    tuned = replace(trained, recipe=replace(trained.recipe, best_trial=BestTrial("ames", 17)))
    found = make_manifest(tuned, files={})

    assert "- Settings: tuned, trial 17 of study `ames`" in describe_version(tuned, found)
    assert make_version_tags(found)["best_trial"] == "17"


def test_reads_an_old_manifest_without_settings(manifest: Manifest) -> None:
    before = manifest.model_dump(mode="json", by_alias=True, exclude={"settings"})

    assert Manifest.model_validate(before).settings is None
