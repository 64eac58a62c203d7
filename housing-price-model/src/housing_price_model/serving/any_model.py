"""Any model of MLflow's, or an estimator in a file, behind MLflow's scoring protocol: nothing here knows of houses.

Loading a model runs its code, unless it is stored with skops: who may write the files decides what runs here.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from housing_price_model.delivery.resolution import ALIAS_URI
from housing_price_model.errors import ServingError
from housing_price_model.registry.connection import connect, translated_errors
from housing_price_model.registry.connection import tracking_uri as default_tracking_uri

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.pyfunc import PyFuncModel

type Method = Literal["predict", "predict_proba"]
"""What an estimator in a file is asked for."""

_JSON = "application/json"
_PICKLED = (".joblib", ".pkl", ".pickle")
_ONE_AT_A_TIME = Lock()


class NotTaken(ValueError):
    """The model does not take a document, or fails over it."""


class AnyModel:
    """A model in memory.

    Args:
        pyfunc: the model, as MLflow asks it.
        files: its files, where they are a copy for it alone: some models read them again.
        source: the URI of its version, for one of a registry.
    """

    def __init__(
        self, pyfunc: "PyFuncModel", files: TemporaryDirectory[str] | None = None, source: str | None = None
    ) -> None:
        self.pyfunc = pyfunc
        self.source = source
        self._files = files

    def close(self) -> None:
        """Remove its own copy of its files; it can't be asked any more."""
        if self._files is not None:
            self._files.cleanup()

    def answer(self, body: bytes) -> bytes:
        """What a model server answers to the document of ``POST /invocations``.

        Raises:
            NotTaken: if that would not be 200.
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


def of_path(path: Path, method: Method = "predict") -> AnyModel:
    """The model in a folder of MLflow's, or the estimator in a file of skops, joblib or pickle.

    Args:
        path: the folder or file.
        method: what the estimator in a file is asked for; a folder says that itself.

    Raises:
        ServingError: if there is none, or it can't be loaded.
    """
    import mlflow.pyfunc
    from mlflow.models import Model

    if not path.exists():
        raise ServingError(f"there is no model at {path}")
    with _told(path):
        if path.is_dir():
            return AnyModel(mlflow.pyfunc.load_model(str(path)))
        return AnyModel(mlflow.pyfunc.PyFuncModel(Model(), _Estimator(_estimator(path)), predict_fn=method))


def of_registry(uri: str, tracking_uri: str | None, *, timeout_seconds: float) -> AnyModel:
    """The model that `models:/name@alias` or the like means now.

    Raises:
        RegistryError: if the registry does not answer or refuses.
        ServingError: if there is none, or it can't be loaded.
    """
    with ExitStack() as undone:
        files = TemporaryDirectory(prefix="any-model-")
        undone.callback(files.cleanup)
        with _asked(uri, tracking_uri, timeout_seconds) as client:
            import mlflow

            meant = _meant(uri, client)
            found = mlflow.artifacts.download_artifacts(meant, dst_path=files.name)
        pyfunc = of_path(Path(found)).pyfunc
        undone.pop_all()
    return AnyModel(pyfunc, files, meant)


def meant_by(uri: str, tracking_uri: str | None, *, timeout_seconds: float) -> str:
    """The URI of the version that an alias means now; any other URI means itself.

    Raises:
        RegistryError: if the registry does not answer or refuses.
        ServingError: if there is none.
    """
    with _asked(uri, tracking_uri, timeout_seconds) as client:
        return _meant(uri, client)


def _meant(uri: str, client: "MlflowClient") -> str:
    found = ALIAS_URI.fullmatch(uri)
    if found is None:
        return uri
    return f"models:/{found['name']}/{client.get_model_version_by_alias(found['name'], found['alias']).version}"


@contextmanager
def _asked(uri: str, tracking_uri: str | None, timeout_seconds: float) -> "Iterator[MlflowClient]":
    # Where MLflow's client looks is a variable of the whole process.
    with _ONE_AT_A_TIME:
        client = connect(tracking_uri or default_tracking_uri(), timeout_seconds=timeout_seconds)
        with translated_errors(f"download {uri}", missing=ServingError(f"there is no model at {uri}")):
            yield client


class _Estimator:
    """An estimator with the signature that MLflow calls."""

    def __init__(self, estimator: Any) -> None:
        self._estimator = estimator

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002  MLflow's
        return self._estimator.predict(data)

    def predict_proba(self, data: Any, params: dict[str, Any] | None = None) -> Any:  # noqa: ARG002  MLflow's
        return self._estimator.predict_proba(data)


def _estimator(path: Path) -> Any:
    if path.suffix == ".skops":
        import skops.io

        if odd := skops.io.get_untrusted_types(file=path):
            raise ServingError(f"{path} holds types that skops does not trust: {', '.join(odd)}")
        return skops.io.load(path)
    if path.suffix in _PICKLED:
        import joblib

        return joblib.load(path)
    raise ServingError(f"{path} is no model that is known by its file: give a folder of MLflow's, .skops or .joblib")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except ServingError:
        raise
    # Whatever is wrong with a file that someone else wrote, there is no model to serve.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        raise ServingError(f"the model at {path} can't be loaded ({type(error).__name__}: {reason})") from error
