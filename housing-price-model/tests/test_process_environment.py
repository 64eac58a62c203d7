"""Defaults for the variables of libraries, and that the user's own values win."""

from housing_price_model.process_environment import prepare_environment


def test_values_that_the_user_gave_are_kept() -> None:
    environment = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "7", "OMP_NUM_THREADS": "4"}

    prepare_environment(environment)

    assert environment["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "7"
    assert environment["OMP_NUM_THREADS"] == "4"
    assert environment["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "30"


def test_one_process_computes_with_one_thread() -> None:
    environment: dict[str, str] = {}

    prepare_environment(environment)

    assert environment["OMP_NUM_THREADS"] == "1"
