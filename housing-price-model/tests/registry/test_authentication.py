"""A registry that asks for a name and a password: refused in one line without, used with them."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from housing_price_model.registry.connection import wait_until_reachable
from present import present
from running_mlflow import running_mlflow

pytestmark = pytest.mark.integration

PASSWORD = "correct horse battery staple"
NAMED = {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": PASSWORD}

type Run = Callable[..., subprocess.CompletedProcess[str]]
type Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that answers nobody without a name."""
    variables = {"MLFLOW_FLASK_SERVER_SECRET_KEY": "0123456789abcdef", "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD}
    with running_mlflow(tmp_path_factory.mktemp("guarded"), "--auth", variables=variables) as (address, _):
        yield address


@pytest.mark.parametrize(
    ("command", "doing"),
    [
        (("train", "--if-needed"), "look up the champion"),
        pytest.param(("serve", "--port", "0"), "find models:/housing-price@champion", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("variables", [{}, NAMED | {"MLFLOW_TRACKING_PASSWORD": "another one"}], ids=["none", "wrong"])
def test_refuses_a_wrong_password_in_one_line(
    guarded: str, run: Run, command: tuple[str, ...], doing: str, variables: dict[str, str]
) -> None:
    done = run(guarded, *command, **variables)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"MLflow at {guarded} does not let this user {doing}: set MLFLOW_TRACKING_USERNAME and"
        " MLFLOW_TRACKING_PASSWORD to those of a user who may\n"
    )


@pytest.mark.slow
def test_with_it_a_version_is_trained_and_served(guarded: str, run: Run, start: Start, few_sales_path: Path) -> None:
    done = run(guarded, "train", "--if-needed", "--data", str(few_sales_path), **NAMED)
    assert done.returncode == 0, done.stderr

    process = start(guarded, "serve", "--port", "0", **NAMED)
    try:
        line = present(process.stdout).readline()
        assert line.startswith("serving housing-price version 1 ")
        wait_until_reachable(line.split()[-1], timeout_seconds=60)
    finally:
        process.kill()
        _, told = process.communicate()
    assert PASSWORD not in done.stdout + done.stderr + line + told
