"""Errors that people can fix. Every message is one line, or one line per mistake of a house.

ModelError
├── DataError
├── TrainingError
├── SettingsError
├── TuningError
├── PipelineError
├── NotReproduced
├── ParityError
├── ImageError
├── PromotionRefused
├── ReportError
├── HouseRefused
├── RegistryError
│   ├── RegistryDenied
│   └── RegistryUnreachable
└── ServingError
    └── NoSuchModel
"""

START_ONE = "start one with `mlflow-server`, or set MLFLOW_TRACKING_URI to one that runs"


class ModelError(Exception):
    """Base of the errors that a command shows on one line."""


class DataError(ModelError):
    """The sales could not be read: no such file, not a table of sales, or bad values in it."""


class TrainingError(ModelError):
    """No model can be trained: an unknown recipe, or too few sales."""


class SettingsError(ModelError):
    """A file of parameters or a pipeline's configuration can't be read or written, or is invalid."""


class TuningError(ModelError):
    """A search is not possible: Optuna is not installed, or the study belongs to something else."""


class PipelineError(ModelError):
    """A step can't run: it is unknown, or its inputs don't exist."""


class NotReproduced(ModelError):
    """A version can't be refitted, or its prices differ."""


class ParityError(ModelError):
    """The compiled form of a model, which is served, and the estimator that was evaluated price differently."""


class ImageError(ModelError):
    """No image can be built: no Docker, no workspace, or a build that failed."""


class PromotionRefused(ModelError):
    """The champion stays: there is no such version, it fails the gate, or there is no previous champion."""


class ReportError(ModelError):
    """No report can be written: nothing to report on or to compare with, or nowhere to write it."""


class HouseRefused(ModelError):
    """The input is not a valid house. The message has a line for each mistake."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class RegistryError(ModelError):
    """MLflow refused a request."""


class RegistryUnreachable(RegistryError):
    """No MLflow server answers.

    Args:
        uri: the address.
        reason: why; None if nobody listens there.
        advice: what to do, if it is not to start a server.
    """

    def __init__(self, uri: str, reason: str | None = None, advice: str | None = None) -> None:
        told = f" ({reason})" if reason else ""
        super().__init__(f"no MLflow server answers at {without_password(uri)}{told}: {advice or START_ONE}")


class RegistryDenied(RegistryError):
    """MLflow requires authentication, or denies access."""

    def __init__(self, uri: str, doing: str) -> None:
        super().__init__(
            f"MLflow at {without_password(uri)} does not let this user {doing}: set MLFLOW_TRACKING_USERNAME and"
            " MLFLOW_TRACKING_PASSWORD to those of a user who may"
        )


class ServingError(ModelError):
    """There is no model that can be served, or no free address."""


class NoSuchModel(ServingError):
    """There is no model at a URI."""


def without_password(uri: str) -> str:
    """Return a URI without user name and password."""
    before, separator, rest = uri.partition("://")
    host, slash, path = rest.partition("/")
    return f"{before}{separator}{host.rpartition('@')[2]}{slash}{path}"
