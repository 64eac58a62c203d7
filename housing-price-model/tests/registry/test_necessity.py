"""When `--if-needed` trains, and why it says so."""

from dataclasses import replace

import pytest
from housing_price_model.commands import train
from housing_price_model.commands.train import TrainingRequest, train_and_register
from housing_price_model.data import Sales
from housing_price_model.errors import DataError
from housing_price_model.inference import FORMAT
from housing_price_model.registry.manifest import MANIFEST_VERSION
from housing_price_model.registry.necessity import find_reason_to_train
from housing_price_model.registry.versions import Champion
from rich.console import Console


@pytest.fixture
def champion(few_sales: Sales) -> Champion:
    return Champion(
        version="3",
        recipe="default",
        data_source="sample",
        data_sha256=few_sales.sha256,
        typed_format=str(FORMAT),
        manifest_version=str(MANIFEST_VERSION),
    )


def test_the_first_champion_is_trained() -> None:
    assert find_reason_to_train(None, sales=None, recipe=None) == "there is no champion yet"


def test_a_champion_stays_when_nothing_is_asked_for(champion: Champion) -> None:
    assert find_reason_to_train(champion, sales=None, recipe=None) is None


def test_a_champion_stays_when_it_is_what_was_asked_for(champion: Champion, few_sales: Sales) -> None:
    assert find_reason_to_train(champion, sales=few_sales, recipe="default") is None


def test_other_sales_are_a_reason(champion: Champion, sample: Sales) -> None:
    reason = find_reason_to_train(champion, sales=sample, recipe=None)

    assert reason == "the champion (version 3) learnt from other sales: sample"


def test_another_recipe_is_a_reason(champion: Champion) -> None:
    reason = find_reason_to_train(champion, sales=None, recipe="random-forest")

    assert reason == "the champion (version 3) has another recipe: default"


@pytest.mark.parametrize("typed_format", ["", "1"])
def test_a_champion_that_cannot_be_served_is_a_reason(champion: Champion, typed_format: str) -> None:
    reason = find_reason_to_train(replace(champion, typed_format=typed_format), sales=None, recipe=None)

    assert reason == "the champion (version 3) has no compiled form that this program can serve"


def test_a_champion_of_an_older_program_is_a_reason(champion: Champion) -> None:
    reason = find_reason_to_train(replace(champion, manifest_version=""), sales=None, recipe=None)

    assert reason == "the champion (version 3) was registered by an older program"


def test_reports_missing_sales_of_the_champion_with_the_option(
    champion: Champion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "connect", lambda *_, **__: None)
    monkeypatch.setattr(train, "find_champion", lambda _: replace(champion, data_source="gone.csv", typed_format=""))

    with pytest.raises(DataError, match=r"^the champion's sales can't be read again \(gone\.csv: .*\): .* --data$"):
        train_and_register(TrainingRequest(if_needed=True), Console(quiet=True))
