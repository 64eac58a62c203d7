"""What is said of a body that is something else as a whole: the other route's, a list, or one for a model server."""

from house_record import Record
from house_record.refusals import MAX_BYTES, Shape, make_error, recognize_shape
from pydantic_core import ErrorDetails

SINGLE_ROUTE = "/api/v1/price/predict"
BATCH_ROUTE = "/api/v1/price/predict/batch"

UNSUPPORTED_FORM = "batch_form"
"""The kind of error of a large batch that is not in the one form that is supported then."""

_HOUSE_FORM = '{"id": 1461, …}'
_BATCH_FORM = '{"data": [{…}, …]}'
_MODEL_SERVER = "only a model server takes that"


def find_error_of_single(record: Record, body: bytes) -> ErrorDetails | None:
    """The one error of a body that is not an object with the fields of a house; None if it may be one."""
    shape = recognize_shape(record, body)
    if shape is None or shape.kind == "house":
        return None
    return _make_error(shape, f"The body is {shape}: {_advise_single(shape)}")


def find_error_of_batch(record: Record, body: bytes) -> ErrorDetails | None:
    """The one error of a body that is not an object with a list of houses below ``data``; None if it may be one."""
    shape = recognize_shape(record, body)
    if shape is None or (shape.kind == "batch" and shape.key == "data"):
        return None
    if shape.kind == "house":
        message = f'The body is one house: send it to POST {SINGLE_ROUTE}, or in a list as {{"data": [{{…}}]}}'
        return make_error("missing", message, "data")
    message = f"The body is {shape}: {_advise_batch(shape)}"
    if shape.kind == "list" and len(body) > MAX_BYTES:
        return make_error(UNSUPPORTED_FORM, message)
    return _make_error(shape, message)


def _advise_single(shape: Shape) -> str:
    match shape.kind:
        case "batch" | "list":
            return f"this route takes one house; send several to POST {BATCH_ROUTE} as {_BATCH_FORM}"
        case "table":
            return f"{_MODEL_SERVER}; send one house as {_HOUSE_FORM}, or several to POST {BATCH_ROUTE}"
        case "wrapped house":
            return "send the house itself"
        case "text":
            return "send the object itself, not as a text"
    return f"send one house as {_HOUSE_FORM}"


def _advise_batch(shape: Shape) -> str:
    match shape.kind:
        case "batch":
            return f"its key is {shape.key!r}; send {_BATCH_FORM}"
        case "table":
            return f"{_MODEL_SERVER}; send {_BATCH_FORM}, with an object for each house"
        case "wrapped house":
            return f'send the house in a list as {{"data": [{{…}}]}}, or the house itself to POST {SINGLE_ROUTE}'
        case "text":
            return "send the object itself, not as a text"
    return f"send {_BATCH_FORM}"


def _make_error(shape: Shape, message: str) -> ErrorDetails:
    return make_error("extra_forbidden", message, shape.key) if shape.key else make_error("model_type", message)
