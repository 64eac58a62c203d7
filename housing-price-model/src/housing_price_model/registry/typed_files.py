"""The typed form of a model in its folder: the document, the trees, and the code with which MLflow runs them."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from housing_price_model import typed
from housing_price_model.recipes import TypedForm
from housing_price_model.typed import DOCUMENT_FILE, TreeEnsemble, TypedDocument

if TYPE_CHECKING:
    from mlflow.models import Model

TREES_FILE = "trees.treelite"
SCRIPT_FILE = "typed_model.py"
LOADER = "mlflow.pyfunc.model"

_SCRIPT = Path(__file__).with_name("mlflow_script.py")
_PACKAGE = Path(typed.__file__).parent


def add_typed_files(form: TypedForm, folder: Path, description: "Model") -> None:
    """Add a typed form to a saved scikit-learn model: MLflow's own function becomes the typed one."""
    import mlflow.pyfunc

    _write_form(form, folder)
    shutil.copyfile(_SCRIPT, folder / SCRIPT_FILE)
    shutil.copytree(_PACKAGE, folder / _PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    environments = description.flavors[mlflow.pyfunc.FLAVOR_NAME][mlflow.pyfunc.ENV]
    mlflow.pyfunc.add_to_model(
        description,
        loader_module=LOADER,
        model_code_path=SCRIPT_FILE,
        artifacts={"typed_model": {"path": DOCUMENT_FILE, "uri": DOCUMENT_FILE}},
        env=environments,
    )
    description.save(str(folder / "MLmodel"))


def _write_form(form: TypedForm, folder: Path) -> None:
    import treelite.sklearn

    treelite.sklearn.import_model(form.trees).serialize(folder / TREES_FILE)
    document = TypedDocument(encoding=form.encoding, regressor=TreeEnsemble(file=TREES_FILE, output=form.output))
    (folder / DOCUMENT_FILE).write_text(document.model_dump_json(indent=2) + "\n")
