"""What can go wrong that people can mend: every message is one line (one a mistake of a house), without a traceback.

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
"""


class ModelError(Exception):
    """Base of the errors that a command shows on one line."""


class DataError(ModelError):
    """The sales could not be read: no such file, not a table of sales, or bad values in it."""


class TrainingError(ModelError):
    """No model can be trained: an unknown recipe, or too few sales."""


class SettingsError(ModelError):
    """A file of parameters or a pipeline's configuration can't be read or written, or holds what is not taken."""


class TuningError(ModelError):
    """No search can be made: Optuna is not installed, or the study is of something else."""


class PipelineError(ModelError):
    """A step can't run: it is unknown, or what it needs has not been made."""


class NotReproduced(ModelError):
    """A version can't be made again, or its prices are others."""


class ParityError(ModelError):
    """The typed form of a model, which is served, gives another price than the pipeline that was evaluated."""


class ImageError(ModelError):
    """No image can be built: no Docker, no workspace, or a build that failed."""


class PromotionRefused(ModelError):
    """The champion stays: there is no such version, it fails the gate, or there is no way back."""


class ReportError(ModelError):
    """No report can be written: nothing to report on or to compare with, or nowhere to write it."""


class HouseRefused(ModelError):
    """What was given is no house; the message has a line for each mistake."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class RegistryError(ModelError):
    """MLflow refused what was asked of it."""


class RegistryUnreachable(RegistryError):
    """No MLflow server answers."""

    def __init__(self, uri: str) -> None:
        super().__init__(
            f"no MLflow server answers at {without_password(uri)}: start one with `mlflow-server`,"
            " or set MLFLOW_TRACKING_URI to one that runs"
        )


class RegistryDenied(RegistryError):
    """MLflow wants to know who asks, or does not let them."""

    def __init__(self, uri: str, doing: str) -> None:
        super().__init__(
            f"MLflow at {without_password(uri)} does not let this user {doing}: set MLFLOW_TRACKING_USERNAME and"
            " MLFLOW_TRACKING_PASSWORD to those of a user who may"
        )


class ServingError(ModelError):
    """There is no model that can be served, or no address to serve it on."""


def without_password(uri: str) -> str:
    """A URI as it may be shown: with no name and no password before its host."""
    before, separator, rest = uri.partition("://")
    host, slash, path = rest.partition("/")
    return f"{before}{separator}{host.rpartition('@')[2]}{slash}{path}"
