"""A registry whose version 1 is the champion, trained by the command on a few sales; made once, served from copies."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from house_record import AMES
from housing_price_model.data import load_sales
from made_once import made_once
from running_mlflow import environment, running_mlflow

FEW_ROWS = 150
TRAINING_SECONDS = 240.0
_SERVER = "http://the-server-of-then"


@dataclass(frozen=True)
class RegisteredVersion:
    """What is kept; nobody may change it."""

    folder: Path

    @property
    def sales(self) -> Path:
        """The sales that it was trained on, as a file in Kaggle's format."""
        return self.folder / "few.csv"

    def training_output(self, address: str) -> str:
        """What the command printed, as if its server had been at this address."""
        return (self.folder / "training.txt").read_text().replace(_SERVER, address)

    @contextmanager
    def served(self, state: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
        """The address and the process of an MLflow server on a copy, in a folder that does not exist yet."""
        shutil.copytree(self.folder / "state", state)
        with running_mlflow(state) as running:
            yield running


def registered_version() -> RegisteredVersion:
    """The only one."""
    return RegisteredVersion(made_once("registered-version", _make))


def _make(folder: Path) -> None:
    kept = RegisteredVersion(folder)
    sales = load_sales("sample", AMES)
    table = pd.concat([sales.ids, sales.frame, sales.prices], axis="columns").head(FEW_ROWS)
    table.to_csv(kept.sales, index=False, na_rep="NA")
    with running_mlflow(folder / "state") as (address, server):
        trained = subprocess.run(
            [sys.executable, "-m", "housing_price_model", "train", "--if-needed", "--data", str(kept.sales)],
            env=environment(MLFLOW_TRACKING_URI=address),
            capture_output=True,
            text=True,
            check=False,
            timeout=TRAINING_SECONDS,
        )
        assert trained.returncode == 0, trained.stderr
        (folder / "training.txt").write_text(trained.stdout.replace(address, _SERVER))
        # All of it is in the files once the server has ended.
        server.terminate()
        server.wait()
