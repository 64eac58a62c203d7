"""Makes the plan of a flow, or reports all that is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic_core import SchemaValidator, ValidationError

from declared_flows.notation.base import Place
from declared_flows.notation.declaration import FlowDeclaration, RequestDeclaration, Step
from declared_flows.notation.diagnostics import Diagnostic, Location, describe_error
from declared_flows.notation.durations import format_duration
from declared_flows.notation.schema import Schema, core_schema_of, is_value_of, mismatch, name_kind
from declared_flows.notation.suggestions import join_names, suggest
from declared_flows.notation.templates import Compiler, Composed, Constant, Read, Template
from declared_flows.notation.typing import UnknownField, schema_at, schema_of, schema_of_value
from declared_flows.planning.addresses import check_address
from declared_flows.planning.draft import Draft
from declared_flows.planning.plan import REQUEST, FlowPlan, RequestChecks, SourceSignature
from declared_flows.sources.port import Signature


def plan_flow(
    flow: FlowDeclaration,
    location: Location,
    sources: Mapping[str, SourceSignature],
    unknown: frozenset[str] = frozenset(),
    reserved_paths: Sequence[str] = (),
) -> tuple[FlowPlan | None, list[Diagnostic]]:
    """The plan of a flow, or all that is wrong with it.

    Args:
        flow: its declaration.
        location: where it is in its file.
        sources: what each source offers.
        unknown: parts of the flow that had to be left out, since they are wrong: steps, or keys of the flow. What
            depends on them is not reported as well.
        reserved_paths: addresses that it may not have.
    """
    planner = _Planner(flow, location, sources, unknown, reserved_paths)
    plan = planner.plan()
    return (None if planner.diagnostics else plan), planner.diagnostics


class _Planner:
    def __init__(
        self,
        flow: FlowDeclaration,
        location: Location,
        sources: Mapping[str, SourceSignature],
        unknown: frozenset[str],
        reserved_paths: Sequence[str],
    ) -> None:
        self._reserved_paths = reserved_paths
        self._unknown = unknown
        self._misspelt: set[str] = set()
        self._flow = flow
        self._location = location
        self._sources = sources
        self._compiler = Compiler()
        request = None if REQUEST in unknown else _request_schema(flow.request)
        self._known: dict[str, Schema | None] = {**dict.fromkeys(unknown), REQUEST: request}
        self.diagnostics: list[Diagnostic] = []

    def plan(self) -> FlowPlan | None:
        self._check_address()
        steps = {name: self._draft(name, step) for name, step in self._flow.steps.items()}
        response = self._compiler.template(self._flow.response, ("response",))
        self.diagnostics += [self._location.diagnostic(message, place) for place, message in self._compiler.diagnostics]
        ordered = self._order(steps)
        for name in ordered:
            self._check_step(steps[name])
        self._check_reads(response.reads(), self._known)
        if not self._unknown:
            self._check_use(steps, response)
        self._check_answer(response)
        if self.diagnostics:
            return None
        return FlowPlan(
            name=self._flow.name,
            file=self._location.file,
            description=self._flow.description,
            route=self._flow.route,
            request=self._flow.request,
            checks=RequestChecks.of(self._flow.request),
            steps=tuple(steps[name].plan(self._sources, self._known[name], self._flow.timeout) for name in ordered),
            response=response,
            answer=self._answer_schema(response),
            checks_answer=self._checks_answer(),
            timeout_seconds=self._flow.timeout,
            keeps_request=self._flow.keep_request,
            redact=self._flow.redact,
            examples=self._flow.examples,
            example_lines=[
                self._location.document.line((*self._location.place, "examples", index))
                for index in range(len(self._flow.examples))
            ],
        )

    def _check_address(self) -> None:
        if "route" in self._unknown:
            return
        found = check_address(self._flow, self._reserved_paths, knows_request=REQUEST not in self._unknown)
        self.diagnostics += [self._location.diagnostic(message, place) for place, message in found]

    def _report(self, message: str, *place: str | int) -> None:
        self.diagnostics.append(self._location.diagnostic(message, place))

    def _draft(self, name: str, step: Step) -> Draft:
        if name == REQUEST:
            self._report("`request` is the caller's request: name the step otherwise", "steps", name)
        template = self._compiler.template
        place: Place = ("steps", name)
        return Draft(
            name=name,
            step=step,
            body=template(step.params, (*place, "params")) if step.source else template(step.value, (*place, "value")),
            when=template(step.when, (*place, "when")) if "when" in step.model_fields_set else None,
            for_each=template(step.for_each, (*place, "for_each")) if "for_each" in step.model_fields_set else None,
            signature=self._signature(name, step),
        )

    def _signature(self, name: str, step: Step) -> Signature | None:
        if step.source is None:
            return None
        source = self._sources.get(step.source)
        if source is None:
            known = f"{suggest(step.source, self._sources)} (there are {join_names(self._sources)})"
            self._report(f"there is no source `{step.source}`{known}", "steps", name, "source")
            return None
        if source.operations is None:
            return None
        if step.operation is None:
            if len(source.operations) == 1:
                return next(iter(source.operations.values()))
            self._report(f"say which `operation`: {join_names(source.operations)}", "steps", name)
            return None
        if step.operation not in source.operations:
            known = f"{suggest(step.operation, source.operations)} (it has {join_names(source.operations)})"
            self._report(f"`{step.source}` has no operation `{step.operation}`{known}", "steps", name, "operation")
        return source.operations.get(step.operation)

    def _order(self, steps: Mapping[str, Draft]) -> list[str]:
        """The names of the steps, each after those that it needs, unless they go in a circle."""
        ordered: list[str] = []
        left = {name: draft.needs & steps.keys() for name, draft in steps.items()}
        while left:
            ready = [name for name, needs in left.items() if needs <= set(ordered)]
            if not ready:
                cycle = _cycle(left)
                what = "the steps refer to each other in a circle" if len(cycle) > 2 else "the step refers to itself"
                self._report(f"{what}: {' → '.join(cycle)}", "steps", cycle[0])
                ready = cycle[:-1]
            ordered += ready
            for name in ready:
                del left[name]
        return ordered

    def _check_step(self, draft: Draft) -> None:
        step, name = draft.step, draft.name
        known = dict(self._known)
        if draft.when is not None:
            self._check_reads(draft.when.reads(), known)
        if draft.for_each is not None:
            self._check_for_each(draft, known)
        self._check_reads(draft.body.reads(), known)
        if step.source is not None and draft.signature is not None:
            self._check_params(draft, known)
        answer = draft.signature.answer if draft.signature else None
        if step.source is None:
            answer = schema_of(draft.body, known)
        self._check_options(draft, answer)
        if draft.for_each is not None:
            if answer is not None and step.source is not None:
                answer = answer.model_copy(update={"nullable": True})
            answer = Schema(type="array", items=answer)
        may_lack = step.optional or draft.when is not None or (step.source is not None and not step.not_found)
        is_null = may_lack and step.default is None
        self._known[name] = answer.model_copy(update={"nullable": True}) if answer and is_null else answer

    def _check_for_each(self, draft: Draft, known: dict[str, Schema | None]) -> None:
        name, item = draft.name, draft.step.item
        if draft.for_each is None:
            return
        self._check_reads(draft.for_each.reads(), known)
        listed_schema = schema_of(draft.for_each, known)
        if listed_schema is not None and not listed_schema.is_anything and listed_schema.type != "array":
            self._report(f"`for_each` takes a list, and this is {name_kind(listed_schema)}", "steps", name, "for_each")
        if item == REQUEST or item in self._flow.steps:
            self._report(f"`{item}` is the name of something else: give the item another by `as`", "steps", name)
        known[item] = listed_schema.items if listed_schema else None

    def _check_reads(self, reads: Iterator[Read], known: Mapping[str, Schema | None]) -> None:
        for read in reads:
            if read.root not in known and read.root not in self._flow.steps:
                names = [REQUEST, *self._flow.steps]
                self._misspelt.update(get_close_matches(read.root, names, n=1))
                found = f"there is no step `{read.root}`{suggest(read.root, names)}"
                self.diagnostics.append(self._location.diagnostic(found, read.place))
                continue
            try:
                schema_at(known.get(read.root), read.path, read.root)
            except UnknownField as error:
                self.diagnostics.append(self._location.diagnostic(str(error), read.place))

    def _check_params(self, draft: Draft, known: Mapping[str, Schema | None]) -> None:
        wanted = draft.signature.parameters if draft.signature else None
        if wanted is None:
            return
        place = ("steps", draft.name, "params")
        operation = f"`{draft.step.source}`"
        for name in draft.step.params:
            if name not in wanted:
                self._report(
                    f"{operation} takes no parameter `{name}`{suggest(name, wanted)} (it takes {join_names(wanted)})",
                    *place,
                    name,
                )
        for name, schema in wanted.items():
            if name in draft.step.params:
                self._check_param(name, draft, schema, known)
            elif schema.is_needed:
                self._report(f"{operation} needs the parameter `{name}`", *place)

    def _check_param(self, name: str, draft: Draft, wanted: Schema, known: Mapping[str, Schema | None]) -> None:
        template = draft.body.fields[name] if isinstance(draft.body, Composed) else Constant(draft.step.params[name])
        place = ("steps", draft.name, "params", name)
        if isinstance(template, Constant):
            if template.constant is None and (not wanted.is_needed or draft.step.params[name] is not None):
                return  # it is left out, or is a text that is wrong already
            try:
                SchemaValidator(core_schema_of(wanted)).validate_python(template.constant)
            except ValidationError as error:
                self._report(f"`{name}`: {describe_error(error.errors(include_url=False)[0])}", *place)
        elif reason := mismatch(schema_of(template, known), wanted):
            self._report(f"`{name}`: {reason}", *place)

    def _check_options(self, draft: Draft, answer: Schema | None) -> None:
        step, name = draft.step, draft.name
        writes = draft.signature is not None and draft.signature.writes
        if writes and step.cache:
            self._report("a call that writes can't be cached", "steps", name, "cache")
        if writes and step.attempts and step.attempts > 1:
            self._report("a call that writes is made once", "steps", name, "attempts")
        if step.timeout and step.timeout > self._flow.timeout:
            longest = format_duration(self._flow.timeout)
            self._report(f"that is longer than the whole flow may take ({longest})", "steps", name, "timeout")
        if step.default is not None:
            given = schema_of_value(step.default)
            whole = Schema(type="array", items=answer) if draft.for_each is not None and answer else answer
            if reason := mismatch(given, whole) or _default_problem(step.default, whole):
                self._report(f"`default`: {reason}", "steps", name, "default")

    def _check_use(self, steps: Mapping[str, Draft], response: Template) -> None:
        used = self._misspelt.union(
            (read.root for read in response.reads()), *(draft.reads for draft in steps.values())
        )
        for name, draft in steps.items():
            writes = draft.signature is not None and draft.signature.writes
            is_known = draft.step.source is None or draft.signature is not None
            decides = writes or draft.step.not_found is not None
            if name not in used and is_known and not decides:
                self._report(f"nothing uses the step `{name}`: refer to it, or delete it", "steps", name)

    def _check_answer(self, response: Template) -> None:
        if "degraded" in self._flow.response:
            self._report("the service adds `degraded` itself: choose another name", "response", "degraded")
        for name, schema in (self._flow.answer or {}).items():
            if name not in self._flow.response:
                self._report(f"the response has no field `{name}`{suggest(name, self._flow.response)}", "answer", name)
            elif isinstance(response, Composed) and (
                reason := mismatch(schema_of(response.fields[name], self._known), schema)
            ):
                self._report(f"`{name}`: {reason}", "response", name)

    def _answer_schema(self, response: Template) -> Schema:
        found = schema_of(response, self._known) or Schema(type="object")
        return found.model_copy(update={"properties": {**found.properties, **(self._flow.answer or {})}})

    def _checks_answer(self) -> SchemaValidator | None:
        if not self._flow.answer:
            return None
        return SchemaValidator(core_schema_of(Schema(type="object", properties=self._flow.answer), ignores_others=True))


def _default_problem(default: Any, answer: Schema | None) -> str | None:
    """Why a default can't stand for an answer; fields that it lacks are null."""
    if answer is None or not isinstance(default, dict) or not answer.fields:
        return None
    for name, value in default.items():
        if name not in answer.fields:
            return f"the answer has no field `{name}`{suggest(name, answer.fields)}"
        if value is not None and not is_value_of(answer.fields[name], value):
            return f"`{name}` is declared otherwise"
    return None


def _cycle(left: Mapping[str, frozenset[str]]) -> list[str]:
    """A circle among steps of which each waits for another one."""
    way = [next(iter(left))]
    while True:
        following = min(left[way[-1]] & left.keys(), default=way[0])
        if following in way:
            return [*way[way.index(following) :], following]
        way.append(following)


def _request_schema(request: RequestDeclaration) -> Schema:
    parts = {
        name: Schema(type="object", properties=fields)
        for name, fields in (("path", request.path), ("query", request.query), ("headers", request.headers))
        if fields
    }
    return Schema(type="object", properties={**parts, **({"body": request.body} if request.body else {})})
