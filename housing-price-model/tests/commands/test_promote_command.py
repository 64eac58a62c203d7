"""The commands `promote` and `rollback` against a real MLflow registry."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from itertools import count
from pathlib import Path

import mlflow
import numpy as np
import pytest
from house_record import AMES
from housing_price_model.commands.promote import PromotionRequest, promote_candidate
from housing_price_model.commands.rollback import roll_back_champion
from housing_price_model.data import Sales, load_sales
from housing_price_model.errors import PromotionRefused
from housing_price_model.publication.publish import publish
from housing_price_model.training.train import TrainedModel
from present import present
from rich.console import Console

pytestmark = [
    pytest.mark.integration,
    # MLflow compares column names in a way that pandas 4 will not take.
    pytest.mark.filterwarnings("ignore:Operation with range is deprecated"),
]

NAME = "housing-price"
USUAL_ERROR = 0.02
PATIENCE_SECONDS = 240.0

type Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def client(registered: str) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(registered)


@pytest.fixture(scope="module")
def tiny(few_sales_path: Path, quickly_trained: Callable[[str, Sales], TrainedModel]) -> TrainedModel:
    return quickly_trained("default", load_sales(str(few_sales_path), AMES))


@pytest.fixture(scope="module")
def published(client: mlflow.MlflowClient, tiny: TrainedModel) -> Callable[..., str]:
    """Registers the same small model with out-of-fold prices that are off by some relative error."""

    def register(*, error: float, promote: bool = False) -> str:
        validated = tiny.evaluation.cross_validation
        noise = np.where(np.arange(len(tiny.sales)) % 2, 1 + error, 1 - error)
        worse = replace(validated, predicted=np.asarray(tiny.sales.prices) * noise)
        trained = replace(tiny, evaluation=replace(tiny.evaluation, cross_validation=worse))
        return publish(trained, client, experiment="gate", promote=promote).version

    return register


@pytest.fixture(scope="module")
def base(published: Callable[..., str]) -> str:
    """The champion that the others are compared with; before it, version 1 was the champion."""
    return published(error=USUAL_ERROR, promote=True)


@pytest.fixture(scope="module")
def better(published: Callable[..., str], base: str) -> str:
    return published(error=0.75 * USUAL_ERROR)


@pytest.fixture(scope="module")
def worse(published: Callable[..., str], base: str) -> str:
    return published(error=0.5)


@pytest.fixture(autouse=True)
def _base_is_champion(
    client: mlflow.MlflowClient, base: str, registered: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registered)
    client.set_registered_model_alias(NAME, "champion", base)
    client.set_model_version_tag(NAME, base, "champions_before", "1")
    yield
    client.set_registered_model_alias(NAME, "champion", "1")


@pytest.fixture
def said() -> StringIO:
    return StringIO()


@pytest.fixture
def promoted(said: StringIO) -> Callable[..., None]:
    """Promotes on a clock of its own: what the machine does is no matter."""

    def run(version: str, **reasons: str) -> None:
        ticks = count()
        request = PromotionRequest(version=version, registry_timeout_seconds=PATIENCE_SECONDS, **reasons)
        promote_candidate(request, Console(file=said, soft_wrap=True), clock=lambda: next(ticks) * 1e-6)

    return run


def champion(client: mlflow.MlflowClient) -> str:
    return str(client.get_model_version_by_alias(NAME, "champion").version)


def go_back(said: StringIO) -> None:
    roll_back_champion(Console(file=said, soft_wrap=True), reason="a test", registry_timeout_seconds=PATIENCE_SECONDS)


def test_a_better_version_becomes_champion_and_names_the_old_one(
    client: mlflow.MlflowClient, base: str, better: str, promoted: Callable[..., None], said: StringIO
) -> None:
    promoted(better)

    assert champion(client) == better
    lines = said.getvalue().splitlines()
    assert lines[0] == f"housing-price version {better} against the champion, version {base}"
    assert lines[1].startswith("caution: 150 sales are fewer than 300: ")
    assert "FAILED" not in said.getvalue()
    assert lines[-2] == f"housing-price version {better} is the champion, in place of version {base}"
    tags = client.get_model_version(NAME, better).tags
    assert (tags["promoted_from"], tags["promotion_gate"]) == (base, "passed")


def test_refuses_a_worse_version_after_all_checks(
    client: mlflow.MlflowClient, base: str, worse: str, promoted: Callable[..., None], said: StringIO
) -> None:
    with pytest.raises(PromotionRefused) as refused:
        promoted(worse)

    assert str(refused.value).startswith(f"version {worse} is not promoted: accuracy (RMSLE 0.")
    assert str(refused.value).endswith(f"housing-price-model promote {worse} --force REASON")
    assert "\n" not in str(refused.value)
    assert champion(client) == base
    outcomes = [line.split("  ")[0] for line in said.getvalue().splitlines()[3:]]
    assert outcomes[0] == "accuracy"
    assert outcomes[-1] == "latency of 1,000 rows"


def test_other_sales_than_the_champions_need_a_reason_which_is_kept(
    client: mlflow.MlflowClient, base: str, better: str, promoted: Callable[..., None]
) -> None:
    checksum = client.get_model_version(NAME, base).tags["data_sha256"]
    client.set_model_version_tag(NAME, base, "data_sha256", "c0ffee")

    with pytest.raises(PromotionRefused, match=rf"^version {better} is not promoted: data \(other sales\)\. To"):
        promoted(better)
    promoted(better, data_changed="a test")

    client.set_model_version_tag(NAME, base, "data_sha256", checksum)
    assert champion(client) == better
    assert client.get_model_version(NAME, better).tags["promotion_data_changed"] == "a test"


def test_a_champion_that_changes_meanwhile_is_not_overruled(client: mlflow.MlflowClient, better: str) -> None:
    def clock_of_someone_else_at_work() -> float:
        client.set_registered_model_alias(NAME, "champion", "1")
        return 0.0

    request = PromotionRequest(version=better, registry_timeout_seconds=PATIENCE_SECONDS)
    with pytest.raises(PromotionRefused, match="another version became the champion in the meantime"):
        promote_candidate(request, Console(file=StringIO()), clock=clock_of_someone_else_at_work)

    assert champion(client) == "1"


def test_force_promotes_in_spite_of_failures_and_leaves_its_reason(
    client: mlflow.MlflowClient, worse: str, promoted: Callable[..., None], said: StringIO
) -> None:
    promoted(worse, force="a demonstration")

    assert champion(client) == worse
    assert "despite failing accuracy: a demonstration" in said.getvalue()
    tags = client.get_model_version(NAME, worse).tags
    assert (tags["promotion_forced"], tags["promotion_failed_checks"]) == ("a demonstration", "accuracy")
    assert [str(found.version) for found in client.search_model_versions("tags.promotion_forced = 'a demonstration'")]


def test_rollbacks_lead_back_one_by_one_and_are_recorded(
    client: mlflow.MlflowClient, base: str, worse: str, promoted: Callable[..., None], said: StringIO
) -> None:
    promoted(worse, force="a demonstration")

    go_back(said)

    assert champion(client) == base
    assert f"version {base} is the champion again, in place of version {worse}" in said.getvalue()
    assert client.get_model_version(NAME, worse).tags["rolled_back_to"] == base
    assert client.get_model_version(NAME, base).tags["restored_from"] == worse
    go_back(said)
    assert champion(client) == "1"
    with pytest.raises(PromotionRefused, match="no champion before version 1"):
        go_back(said)


def test_a_version_explains_itself(client: mlflow.MlflowClient, base: str) -> None:
    version = client.get_model_version(NAME, base)

    described = present(version.description)
    assert described.startswith("Recipe `default`: ")
    assert version.tags["data_sha256"] in described
    assert "promote" in present(client.get_registered_model(NAME).description)
    assert client.list_artifacts(present(version.run_id), "evaluation")[0].path == "evaluation/out_of_fold.json"


def test_the_champion_is_told_to_be_it_already(registered: str, base: str, run: Run) -> None:
    done = run(registered, "promote", base)

    assert done.returncode == 0
    assert done.stdout == f"housing-price version {base} is the champion already: nothing to promote\n"


def test_a_version_that_does_not_exist_is_one_line(registered: str, run: Run) -> None:
    done = run(registered, "promote", "9999")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "there is no version 9999 of housing-price\n"


def test_the_command_rolls_back(registered: str, client: mlflow.MlflowClient, base: str, run: Run) -> None:
    done = run(registered, "rollback", "--reason", "by hand")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"housing-price version 1 is the champion again, in place of version {base}\n")
    assert champion(client) == "1"


@pytest.mark.parametrize("option", ["--force", "--data-changed"])
def test_a_reason_without_words_is_none(nowhere: str, run: Run, option: str) -> None:
    assert run(nowhere, "promote", "1", option, " ").returncode == 2


@pytest.mark.parametrize("command", [["promote", "1"], ["rollback"]])
def test_without_a_registry_it_is_one_line(nowhere: str, command: list[str], run: Run) -> None:
    done = run(nowhere, *command, "--registry-timeout-seconds", "0")

    assert done.returncode == 1
    assert done.stderr.startswith(f"no MLflow server answers at {nowhere}")
    assert done.stderr.count("\n") == 1
