"""How a feature store is declared."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from declared_flows.notation.base import Declaration, Place, Text
from declared_flows.notation.durations import Seconds
from declared_flows.notation.schema import Schema
from declared_flows.notation.suggestions import suggest
from declared_flows.sources.answer_schema import AnswerSchema
from declared_flows.sources.ml.strategies.http import Address, Basic, Bearer
from declared_flows.sources.port import SourceOptions

type FeatureName = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]+(@[A-Za-z0-9]+)?:[A-Za-z0-9_-]+$", examples=["customer_stats:avg_payment"])
]
"""A feature as `view:feature`."""


class FeatureOperation(Declaration):
    """Features of one entity, or of many."""

    features: Annotated[tuple[FeatureName, ...], Field(min_length=1)] | None = None
    """The features, as `view:feature`. Each is a field of the response, by its name without the view."""
    feature_service: Annotated[str, Field(min_length=1)] | None = None
    """A feature service of the store, instead of `features`."""
    entities: Annotated[dict[str, Schema], Field(min_length=1)]
    """The join keys by name, each a string or an integer. They are the parameters of the operation."""
    rows: Literal["one", "many"] = "one"
    """`one`: a value for each entity returns an object, or nothing if the store has none of the features. `many`: a
    list for each entity returns a list of objects, with null where the store has nothing."""
    max_rows: PositiveInt = 1000
    """Maximum number of values of an entity, with `many`."""
    full_names: bool = False
    """Name the fields `view__feature`, for features of two views with the same name."""
    max_age: Seconds | None = None
    """The age from which a feature counts as missing; Feast itself returns features of any age. What the store computes
    on demand has no age and counts as missing too."""
    description: str | None = None
    """What it is for."""
    answer: AnswerSchema | None = None
    """The schema of the features. Those that are not named may be anything. A feature that may be missing is
    `nullable`."""

    @model_validator(mode="after")
    def _names_features_in_one_way(self) -> Self:
        if (self.features is None) == (self.feature_service is None):
            raise ValueError("say either `features` or `feature_service`")
        return self

    @property
    def fields(self) -> Sequence[str] | None:
        """The names of the answer's fields; None for a feature service, which the store alone knows."""
        return None if self.features is None else [self.field_of(feature) for feature in self.features]

    def field_of(self, feature: str) -> str:
        """The field that a feature is in the answer."""
        return feature.replace(":", "__") if self.full_names else feature.partition(":")[2]

    @property
    def record(self) -> Schema | None:
        """What the features of one entity look like."""
        if self.fields is None:
            return self.answer
        declared = self._declared
        return Schema(type="object", properties={name: declared.get(name, Schema()) for name in self.fields})

    @property
    def numbers(self) -> frozenset[str]:
        """The fields that are declared to be numbers."""
        return frozenset(name for name, schema in self._declared.items() if schema.type in ("number", "integer"))

    @property
    def _declared(self) -> Mapping[str, Schema]:
        return self.answer.properties if self.answer else {}


class FeastOptions(SourceOptions):
    """A feature store, called through Feast's feature server (`feast serve`)."""

    kind: Literal["feast"]
    """A feature store."""
    url: Address
    """The address of its feature server."""
    auth: Bearer | Basic | None = None
    """How to authenticate."""
    operations: Annotated[dict[str, FeatureOperation], Field(min_length=1)]
    """The operations, by name."""


def diagnose(options: FeastOptions) -> Iterator[tuple[Place, str]]:
    """What is wrong with a declaration, found without the store."""
    yield from _of_authentication(options.auth)
    for name, operation in options.operations.items():
        for place, sentence in _of_operation(operation):
            yield ("operations", name, *place), sentence


def _of_authentication(auth: Bearer | Basic | None) -> Iterator[tuple[Place, str]]:
    secret: tuple[Place, Text | None]
    match auth:
        case Bearer(bearer=token):
            secret = ("auth", "bearer"), token
        case Basic(basic=known):
            secret = ("auth", "basic", "password"), known.password
        case None:
            return
    place, text = secret
    if isinstance(text, str):
        yield place, f"a secret does not stand in a file: say `{place[-1]}: {{secret: its_name}}`"


def _of_operation(operation: FeatureOperation) -> Iterator[tuple[Place, str]]:
    for entity, schema in operation.entities.items():
        if schema.type not in ("string", "integer"):
            yield ("entities", entity), f"the entity `{entity}` is a string or an integer: say its `type`"
    if operation.answer and operation.answer.type != "object":
        yield ("answer",), "features are an object: name them with what each looks like"
    if operation.fields is not None:
        yield from _of_fields(operation, operation.fields)


def _of_fields(operation: FeatureOperation, fields: Sequence[str]) -> Iterator[tuple[Place, str]]:
    for field, times in Counter(fields).items():
        if times > 1:
            advice = "each once" if operation.full_names else "`full_names: true`, or each once"
            yield ("features",), f"{times} features are called `{field}`: say {advice}"
    for field in operation.answer.properties if operation.answer else ():
        if field not in fields:
            yield ("answer", field), f"there is no feature `{field}` among `features`{suggest(field, fields)}"
