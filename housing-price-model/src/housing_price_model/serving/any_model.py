"""Any MLflow model, or an estimator in a file, behind MLflow's scoring protocol. Nothing here is about houses.

Loading a model runs its code, unless it is stored with skops. So whoever can write the files decides what runs here.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from housing_price_model.delivery.resolution import ALIAS_URI
from housing_price_model.errors import ServingError
from housing_price_model.registry.connection import connect, translate_errors
from housing_price_model.registry.connection import tracking_uri as default_tracking_uri

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.pyfunc import PyFuncModel

type Method = Literal["predict", "predict_proba"]
"""The method of an estimator in a file."""

_JSON = "application/json"
_PICKLED = (".joblib", ".pkl", ".pickle")
_ONE_AT_A_TIME = Lock()


class NotTaken(ValueError):
    """The model does not accept a document, or fails on it."""


class AnyModel:
    """A model in memory.

    Args:
        pyfunc: the model as MLflow calls it.
        files: its own copy of its files, if any, because some models read them again.
        source: the URI of its version, if it is registered.
    """

    def __init__(
        self, pyfunc: "PyFuncModel", files: TemporaryDirectory[str] | None = None, source: str | None = None
    ) -> None:
        self.pyfunc = pyfunc
        self.source = source
        self._files = files

    def close(self) -> None:
        """Remove its own copy of its files. It must not be used afterwards."""
        if self._files is not None:
            self._files.cleanup()

    def answer(self, body: bytes) -> bytes:
        """Return what a model server responds to the document of ``POST /invocations``.

        Raises:
            NotTaken: if the status would not be 200.
        """
        from mlflow.exceptions import MlflowException
        from mlflow.pyfunc.scoring_server import invocations

        try:
            schema = self.pyfunc.metadata.get_input_schema()  # type: ignore[no-untyped-call]  # MLflow's own
            response = invocations(body.decode(), _JSON, self.pyfunc, schema)  # type: ignore[no-untyped-call]  # MLflow's own
        except MlflowException as error:
            raise NotTaken from error
        if response.status != 200:
            raise NotTaken
        said: str = response.response
        return said.encode()


def load_from_path(path: Path, method: Method = "predict") -> AnyModel:
    """Load the model in an MLflow folder, or the estimator in a skops, joblib or pickle file.

    Args:
        path: the folder or file.
        method: the method of an estimator in a file; a folder names its own.

    Raises:
        ServingError: if there is none, or it can't be loaded.
    """
    import mlflow.pyfunc
    from mlflow.models import Model

    if not path.exists():
        raise ServingError(f"there is no model at {path}")
    with _translate_errors(path):
        if path.is_dir():
            return AnyModel(mlflow.pyfunc.load_model(str(path)))
        return AnyModel(mlflow.pyfunc.PyFuncModel(Model(), _Estimator(_load_estimator(path)), predict_fn=method))


def load_from_registry(uri: str, tracking_uri: str | None, *, timeout_seconds: float) -> AnyModel:
    """Load the model that a URI such as `models:/name@alias` means now.

    Raises:
        RegistryError: if the registry can't be reached or refuses.
        ServingError: if there is none, or it can't be loaded.
    """
    with ExitStack() as undone:
        files = TemporaryDirectory(prefix="any-model-")
        undone.callback(files.cleanup)
        with _connect(uri, tracking_uri, timeout_seconds) as client:
            import mlflow

            meant = _resolve(uri, client)
            found = mlflow.artifacts.download_artifacts(meant, dst_path=files.name)
        pyfunc = load_from_path(Path(found)).pyfunc
        undone.pop_all()
    return AnyModel(pyfunc, files, meant)


def resolve_alias(uri: str, tracking_uri: str | None, *, timeout_seconds: float) -> str:
    """Return the URI of the version that an alias means now. Other URIs are returned unchanged.

    Raises:
        RegistryError: if the registry can't be reached or refuses.
        ServingError: if there is none.
    """
    with _connect(uri, tracking_uri, timeout_seconds) as client:
        return _resolve(uri, client)


def _resolve(uri: str, client: "MlflowClient") -> str:
    found = ALIAS_URI.fullmatch(uri)
    if found is None:
        return uri
    return f"models:/{found['name']}/{client.get_model_version_by_alias(found['name'], found['alias']).version}"


@contextmanager
def _connect(uri: str, tracking_uri: str | None, timeout_seconds: float) -> "Iterator[MlflowClient]":
    # The tracking URI of MLflow's client is global to the process.
    with _ONE_AT_A_TIME:
        client = connect(tracking_uri or default_tracking_uri(), timeout_seconds=timeout_seconds)
        with translate_errors(f"download {uri}", missing=ServingError(f"there is no model at {uri}")):
            yield client


class _Estimator:
    """An estimator with the signature that MLflow calls."""

    def __init__(self, estimator: Any) -> None:
        self._load_estimator = estimator

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002  MLflow's
        return self._load_estimator.predict(data)

    def predict_proba(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002  MLflow's
        return self._load_estimator.predict_proba(data)


def _load_estimator(path: Path) -> Any:
    if path.suffix == ".skops":
        import skops.io

        if odd := skops.io.get_untrusted_types(file=path):
            raise ServingError(f"{path} holds types that skops does not trust: {', '.join(odd)}")
        return skops.io.load(path)
    if path.suffix in _PICKLED:
        import joblib

        return joblib.load(path)
    raise ServingError(f"{path} is not a model file: give an MLflow folder, .skops or .joblib")


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except ServingError:
        raise
    # Whatever is wrong with a file that someone else wrote, there is no model to serve.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        raise ServingError(f"the model at {path} can't be loaded ({type(error).__name__}: {reason})") from error
