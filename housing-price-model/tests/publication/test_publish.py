"""The order of a registration: whatever stops it, no version lacks a part and the champion stays."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from housing_price_model.data import Sales
from housing_price_model.errors import ParityError, RegistryError
from housing_price_model.publication.publish import publish
from housing_price_model.recipes import CompiledEstimator
from housing_price_model.training.train import TrainedModel
from mlflow.exceptions import MlflowException

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")


class FakeMlflow:
    """Takes everything, notes the order, and fails where it is told to."""

    def __init__(self, *, failing: str = "", error: BaseException | None = None, champion: str | None = None) -> None:
        self.calls: list[str] = []
        self.tags: dict[str, str] = {}
        self.run_status: str | None = None
        self.model_status: str | None = None
        self.champion = champion
        self._failing, self._error = failing, error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        answer = {
            "create_run": SimpleNamespace(info=SimpleNamespace(run_id="r1", experiment_id="7")),
            "create_logged_model": SimpleNamespace(model_id="m-1", artifact_location="mlflow-artifacts:/m-1"),
            "create_model_version": SimpleNamespace(version=4),
            "get_registered_model": SimpleNamespace(aliases={"champion": self.champion} if self.champion else {}),
            "get_experiment_by_name": SimpleNamespace(experiment_id="7"),
        }.get(name)

        def call(*arguments: Any, **_: Any) -> Any:
            self.calls.append(name)
            if name == self._failing and self._error:
                raise self._error
            self._note(name, arguments)
            if name == "get_model_version":
                return SimpleNamespace(version=arguments[1], tags={}, status="READY")
            return answer

        return call

    def _note(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name == "set_terminated":
            self.run_status = arguments[1]
        elif name == "finalize_logged_model":
            self.model_status = arguments[1]
        elif name == "set_registered_model_alias":
            self.champion = arguments[2]
        elif name == "set_model_version_tag":
            self.tags[arguments[2]] = arguments[3]


@pytest.fixture(scope="module")
def trained(few_sales: Sales, quickly_trained: Callable[[str, Sales], TrainedModel]) -> TrainedModel:
    return quickly_trained("default", few_sales)


def publish_with(client: Any, trained: TrainedModel, *, promote: bool = False, data_changed: str | None = None) -> bool:
    return publish(trained, client, experiment="prices", promote=promote, data_changed=data_changed).is_champion


def test_publishes_parts_then_version_then_alias(
    trained: TrainedModel,
) -> None:
    client = FakeMlflow()

    publish_with(client, trained)

    steps = ["log_model_artifacts", "log_artifacts", "finalize_logged_model", "create_model_version"]
    assert [call for call in client.calls if call in steps] == steps
    assert client.calls[-1] == "set_registered_model_alias"


def test_the_first_version_becomes_the_champion(trained: TrainedModel) -> None:
    client = FakeMlflow()

    assert publish_with(client, trained)
    assert client.champion == "4"


def test_a_later_version_becomes_the_champion_only_when_promoted(trained: TrainedModel) -> None:
    assert not publish_with(FakeMlflow(champion="2"), trained)
    assert publish_with(FakeMlflow(champion="2"), trained, promote=True)


@pytest.mark.parametrize(("champion", "reason"), [(None, "the first"), ("2", "asked for when it was trained")])
def test_a_requested_promotion_records_that_the_gate_was_skipped(
    trained: TrainedModel, champion: str | None, reason: str
) -> None:
    client = FakeMlflow(champion=champion)

    publish_with(client, trained, promote=champion is not None)

    assert (client.tags["promotion_gate"], client.tags["promotion_reason"]) == ("not run", reason)


@pytest.mark.parametrize(
    ("champion", "given", "recorded"),
    [(None, None, None), ("2", None, "trained on sample"), ("2", "sales of 2026", "sales of 2026")],
)
def test_a_promotion_records_why_the_sales_are_not_the_champions(
    trained: TrainedModel, champion: str | None, given: str | None, recorded: str | None
) -> None:
    client = FakeMlflow(champion=champion)

    publish_with(client, trained, promote=True, data_changed=given)

    assert client.tags.get("promotion_data_changed") == recorded


@pytest.mark.parametrize(
    "failing", ["create_logged_model", "log_model_artifacts", "log_batch", "log_artifacts", "create_model_version"]
)
def test_an_interruption_keeps_the_champion_and_marks_the_run(trained: TrainedModel, failing: str) -> None:
    client = FakeMlflow(failing=failing, error=KeyboardInterrupt(), champion="2")

    with pytest.raises(KeyboardInterrupt):
        publish_with(client, trained, promote=True)

    assert client.champion == "2"
    assert client.run_status == "KILLED"
    assert client.model_status == {"create_model_version": "READY", "create_logged_model": None}.get(failing, "FAILED")


def test_an_mlflow_error_is_one_line_and_fails_the_run(trained: TrainedModel) -> None:
    client = FakeMlflow(failing="log_model_artifacts", error=MlflowException("disk full\nat …"), champion="2")

    with pytest.raises(RegistryError, match=r"^MLflow could not register the model: disk full$"):
        publish_with(client, trained)

    assert (client.run_status, client.model_status, client.champion) == ("FAILED", "FAILED", "2")


def test_a_version_whose_served_prices_are_skewed_is_not_registered(trained: TrainedModel) -> None:
    def skewed(estimator: Any) -> CompiledEstimator:
        form = trained.recipe.compile(estimator)
        qualities = [feature for feature in form.encoding.features if feature.column == "OverallQual"]
        others = [feature for feature in form.encoding.features if feature.column != "OverallQual"]
        return replace(form, encoding=form.encoding.model_copy(update={"features": (*qualities, *others)}))

    client = FakeMlflow(champion="2")

    with pytest.raises(
        ParityError, match=r"^the version is not registered: for sale \d+.* its compiled form gives \d+"
    ):
        publish_with(client, replace(trained, recipe=replace(trained.recipe, compile=skewed)), promote=True)

    assert not {"log_model_artifacts", "create_model_version", "set_registered_model_alias"} & set(client.calls)
    assert (client.run_status, client.model_status, client.champion) == ("FAILED", "FAILED", "2")
