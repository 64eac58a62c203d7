"""Writes the compiled form of a model: the document, its members, and the code with which MLflow runs them."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from housing_price_model import inference
from housing_price_model.inference import (
    DOCUMENT_FILE,
    CompiledDocument,
    Intervals,
    Joint,
    KnownSales,
    LivingArea,
    Member,
    Process,
    ProcessMean,
    TreeEnsemble,
    compute_column_scales,
)
from housing_price_model.publication.comparable_reach import find_reach
from housing_price_model.recipes import CompiledEstimator, FittedMember
from housing_price_model.registry.layout import (
    DESCRIPTION_FILE,
    DIFFICULTY_FILE,
    JOINT_FILE,
    LOADER,
    PACKAGE_FOLDER,
    SALES_FILE,
    SCRIPT_FILE,
)

if TYPE_CHECKING:
    from mlflow.models import Model

    from housing_price_model.data import Sales
    from housing_price_model.training.calibration import Calibration
    from housing_price_model.training.train import TrainedModel

SCRIPT = Path(__file__).with_name("mlflow_script.py")
NEIGHBORHOOD = "Neighborhood"
_PACKAGE = Path(inference.__file__).parent


def add_compiled_files(trained: "TrainedModel", folder: Path, description: "Model") -> None:
    """Add the compiled form to a saved model, and make it MLflow's Python function."""
    import mlflow.pyfunc

    _write_document(trained, folder)
    if not (folder / SCRIPT_FILE).exists():
        shutil.copyfile(SCRIPT, folder / SCRIPT_FILE)
    shutil.copytree(_PACKAGE, folder / PACKAGE_FOLDER, ignore=shutil.ignore_patterns("__pycache__"))
    environments = description.flavors[mlflow.pyfunc.FLAVOR_NAME][mlflow.pyfunc.ENV]
    mlflow.pyfunc.add_to_model(
        description,
        loader_module=LOADER,
        model_code_path=SCRIPT_FILE,
        artifacts={"typed_model": {"path": DOCUMENT_FILE, "uri": DOCUMENT_FILE}},
        env=environments,
    )
    description.save(str(folder / DESCRIPTION_FILE))


def _write_document(trained: "TrainedModel", folder: Path) -> None:
    form, calibration = trained.recipe.compile(trained.estimator), trained.calibration
    members = tuple(_write_member(member, folder, number) for number, member in enumerate(form.members, start=1))
    document = CompiledDocument(
        encoding=form.encoding,
        members=members,
        output=form.output,
        intervals=Intervals(
            difficulty=_write_trees(calibration.difficulty, folder, DIFFICULTY_FILE),
            difficulty_of="residual",
            bands=calibration.bands,
            marked_factor=calibration.marked_factor,
        ),
        joint=_write_joint(form, calibration, folder),
        sales=_write_sales(trained.sales, form, folder),
    )
    (folder / DOCUMENT_FILE).write_text(document.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _write_joint(form: CompiledEstimator, calibration: "Calibration", folder: Path) -> Joint:
    form.joint.calibrated(calibration.rare).save(folder / JOINT_FILE)
    return Joint(file=JOINT_FILE, limits=calibration.limits, fills=form.fills)


def _write_sales(sales: "Sales", form: CompiledEstimator, folder: Path) -> str:
    known = KnownSales(
        ids=tuple(sales.ids.tolist()),
        prices=tuple(sales.prices.tolist()),
        rows=tuple(sales.rows),
        reach=_find_reach(sales, form),
    )
    (folder / SALES_FILE).write_text(known.model_dump_json() + "\n", encoding="utf-8")
    return SALES_FILE


def _find_reach(sales: "Sales", form: CompiledEstimator) -> float | None:
    process = next((member.regressor for member in form.members if isinstance(member.regressor, ProcessMean)), None)
    matrix, prices = form.appraiser().complete(sales.rows), np.asarray(sales.prices, dtype=np.float64)
    scales = compute_column_scales(process, matrix, prices)
    points = LivingArea(form.encoding).restore(sales.rows, matrix) * scales
    return find_reach(points, prices, _neighborhoods(sales, form))


def _neighborhoods(sales: "Sales", form: CompiledEstimator) -> list[object]:
    names = [column.name for column in form.encoding.columns]
    place = names.index(NEIGHBORHOOD) if NEIGHBORHOOD in names else None
    return [None if place is None else row[place] for row in sales.rows]


def _write_member(member: FittedMember, folder: Path, number: int) -> Member:
    if isinstance(member.regressor, ProcessMean):
        process = Process(file=f"member-{number}.npz")
        member.regressor.save(folder / process.file)
        return Member(weight=member.weight, regressor=process)
    return Member(weight=member.weight, regressor=_write_trees(member.regressor, folder, f"member-{number}.treelite"))


def _write_trees(trees: Any, folder: Path, name: str) -> TreeEnsemble:
    import treelite.sklearn

    treelite.sklearn.import_model(trees).serialize(folder / name)
    return TreeEnsemble(file=name)
