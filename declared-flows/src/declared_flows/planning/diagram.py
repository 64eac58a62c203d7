"""Draws a plan as a Mermaid diagram, and as a table with the time that each step may take."""

from collections.abc import Iterator, Sequence

from declared_flows.notation.durations import format_duration
from declared_flows.notation.templates import Template
from declared_flows.planning.plan import FlowPlan, PlannedStep


def draw_mermaid(plan: FlowPlan) -> str:
    """Return the flow as a Mermaid flowchart: which step refers to which."""
    return "\n".join(_lines(plan))


def _lines(plan: FlowPlan) -> Iterator[str]:
    yield "flowchart LR"
    yield f'    request(["{plan.route.method} {plan.route.path}"])'
    for step in plan.steps:
        yield f'    {_id(step.name)}["{_title(step)}"]'
    yield '    response(["response"])'
    for step in plan.steps:
        arrow = "-.->" if step.is_optional else "-->"
        for name in sorted(step.needs) or ["request"]:
            yield f"    {name if name == 'request' else _id(name)} {arrow} {_id(step.name)}"
    for name in sorted(_read_by(plan.response) & {step.name for step in plan.steps}):
        yield f"    {_id(name)} --> response"


def _id(name: str) -> str:
    """Return an id that is not a keyword of Mermaid, such as `end`."""
    return f"step_{name}"


def _title(step: PlannedStep) -> str:
    marks = [
        *(["for each"] if step.for_each is not None else []),
        *(["if"] if step.when is not None else []),
        *(["optional"] if step.is_optional else []),
        *([f"cached {format_duration(step.cache_seconds)}"] if step.cache_seconds else []),
    ]
    asks = f"{step.source}.{step.operation}" if step.source else "value"
    return "<br/>".join([step.name, asks, *([", ".join(marks)] if marks else [])])


def _read_by(template: Template) -> set[str]:
    return {read.root for read in template.reads()}


def explain(plan: FlowPlan) -> str:
    """Return the plan as a table: when each step ends at the latest, and the longest time of the flow."""
    ends: dict[str, float] = {}
    rows: list[tuple[str, ...]] = [("STEP", "ASKS", "AFTER", "AT MOST", "DONE AFTER AT MOST")]
    for step in plan.steps:
        begins = max((ends[name] for name in step.needs), default=0.0)
        ends[step.name] = min(begins + step.timeout_seconds, plan.timeout_seconds)
        asks = f"{step.source}.{step.operation}" if step.source else "(value)"
        after = ", ".join(sorted(step.needs)) or "-"
        each = " each" if step.for_each is not None else ""
        time = f"{format_duration(step.timeout_seconds)}{each}" if step.source else "-"
        rows.append((step.name, asks, after, time, format_duration(ends[step.name])))
    worst, limit = format_duration(plan.worst_seconds), format_duration(plan.timeout_seconds)
    heading = f"{plan.name}: {plan.route.method} {plan.route.path}"
    return "\n".join([heading, *_table(rows), f"At worst {worst}; the flow ends after {limit} in any case."])


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
