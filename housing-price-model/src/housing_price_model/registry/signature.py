"""The signature that MLflow stores with a version: inputs, outputs and parameters."""

from typing import TYPE_CHECKING

from house_record import Record

from housing_price_model.inference import DEFAULT_COVERAGE

if TYPE_CHECKING:
    from mlflow.models import ModelSignature


def make_signature(record: Record) -> "ModelSignature":
    """Return a signature of all features in file order (numbers as double, codes as string) with a price and its
    interval."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, DataType, ParamSchema, ParamSpec, Schema

    types = {"number": DataType.double, "text": DataType.string}
    inputs = Schema([ColSpec(types[feature.kind], feature.column) for feature in record.features])
    outputs = Schema([ColSpec(DataType.double, name) for name in ("price", "lower", "upper", "coverage")])
    params = ParamSchema(
        [
            ParamSpec("coverage", DataType.double, DEFAULT_COVERAGE),
            ParamSpec("explain", DataType.boolean, False),  # noqa: FBT003 - the default's place is MLflow's
            ParamSpec("comparables", DataType.long, 0),
        ]
    )
    return ModelSignature(inputs=inputs, outputs=outputs, params=params)
