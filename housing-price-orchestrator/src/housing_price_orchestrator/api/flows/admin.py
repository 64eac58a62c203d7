"""The route that reloads the flows, for programs that change their files."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from house_record.price import Document
from starlette.responses import Response

from housing_price_orchestrator.api.http.openapi import answers
from housing_price_orchestrator.api.http.problems import MAX_DETAILS, not_found
from housing_price_orchestrator.api.query import read_query
from housing_price_orchestrator.errors import InvalidInput

if TYPE_CHECKING:
    from declared_flows.service.flows import FlowService
    from declared_flows.service.state import FlowState


class FlowsDocument(Document):
    """Which flows are served now."""

    generation: int
    """How many times the flows have been loaded."""
    flows: list[str]
    """Their names."""

    @classmethod
    def of(cls, state: "FlowState") -> "FlowsDocument":
        return cls(generation=state.generation, flows=list(state.flows))


def flow_admin_routes(flows: "FlowService | None") -> APIRouter:
    """``/api/v1/admin/flows``."""
    router = APIRouter(prefix="/api/v1/admin/flows", tags=["flows"])

    @router.post(
        "/reload",
        summary="Reload the flows",
        responses=answers("NOT_FOUND", "VALIDATION_ERROR"),
        response_model=FlowsDocument,
    )
    async def reload_flows(request: Request) -> FlowsDocument | Response:
        """Load the files of the flows again, in the process that answers. Reports errors with file and line; the
        previous flows stay in service."""
        read_query(request.scope["query_string"], ())
        if flows is None:
            return not_found("No flows are served: set ORCHESTRATOR_FLOWS__FOLDER.")
        state = await flows.reload()
        if not state.is_sound:
            raise _refusal(state)
        return FlowsDocument.of(state)

    return router


def _refusal(state: "FlowState") -> InvalidInput:
    mistakes = [_mistake([mistake.file, mistake.line], mistake.message) for mistake in state.diagnostics]
    if state.problem:
        mistakes.append(_mistake(["flows"], state.problem))
    return InvalidInput(mistakes[:MAX_DETAILS], len(mistakes))


def _mistake(loc: list[str | int], message: str) -> dict[str, object]:
    return {"type": "flow_mistake", "loc": loc, "msg": message}
