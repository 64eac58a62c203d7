"""What can go wrong that people can mend: every message is one line, shown without a traceback.

ModelError
├── DataError
├── TrainingError
├── ParityError
├── ImageError
├── RegistryError
│   └── RegistryUnreachable
└── ServingError
"""


class ModelError(Exception):
    """Base of the errors that a command shows on one line."""


class DataError(ModelError):
    """The sales could not be read: no such file, not a table of sales, or bad values in it."""


class TrainingError(ModelError):
    """No model can be trained: an unknown recipe, or too few sales."""


class ParityError(ModelError):
    """The typed form of a model, which is served, gives another price than the pipeline that was evaluated."""


class ImageError(ModelError):
    """No image can be built: no Docker, no workspace, or a build that failed."""


class RegistryError(ModelError):
    """MLflow refused what was asked of it."""


class RegistryUnreachable(RegistryError):
    """No MLflow server answers."""

    def __init__(self, uri: str) -> None:
        super().__init__(
            f"no MLflow server answers at {uri}: start one with `mlflow-server`,"
            " or set MLFLOW_TRACKING_URI to one that runs"
        )


class ServingError(ModelError):
    """There is no model that can be served, or no address to serve it on."""
