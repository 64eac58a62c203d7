"""A step on its way from its declaration to the plan."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_core import SchemaValidator

from declared_flows.notation.base import Place
from declared_flows.notation.declaration import Step
from declared_flows.notation.schema import Schema, core_schema_of
from declared_flows.notation.templates import Composed, Reference, Template
from declared_flows.planning.plan import REQUEST, PlannedStep, SourceSignature
from declared_flows.sources.port import Signature


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A step whose templates are compiled, before it is checked."""

    name: str
    step: Step
    body: Template
    when: Template | None
    for_each: Template | None
    signature: Signature | None

    @property
    def reads(self) -> set[str]:
        """The roots that it reads, its own item apart."""
        templates = [template for template in (self.body, self.when, self.for_each) if template is not None]
        roots = {read.root for template in templates for read in template.reads()}
        return roots - {self.step.item} if self.for_each is not None else roots

    @property
    def needs(self) -> frozenset[str]:
        return frozenset(self.reads - {REQUEST})

    def plan(self, sources: Mapping[str, SourceSignature], answer: Schema | None, limit_seconds: float) -> PlannedStep:
        """Return the step, ready to run.

        Args:
            sources: what each source offers.
            answer: the schema of its value.
            limit_seconds: the time of the whole flow.
        """
        step, signature = self.step, self.signature
        source = sources[step.source] if step.source else None
        operation = step.operation or next(iter(source.operations or ()) if source else iter(()), None)
        return PlannedStep(
            name=self.name,
            source=step.source,
            operation=operation,
            params=self.body,
            when=self.when,
            for_each=self.for_each,
            item=step.item,
            concurrency=step.concurrency,
            max_items=step.max_items,
            timeout_seconds=min(step.timeout or (source.timeout_seconds if source else 0.0), limit_seconds),
            attempts=step.attempts,
            cache_seconds=step.cache,
            is_optional=step.optional,
            default=step.default,
            is_found_or_404=step.not_found is not None,
            needs=self.needs,
            callers=self._callers(),
            takes=_takes(signature),
            leaves_out=_with_default(signature),
            gives=_gives(signature),
            answer=answer,
            writes=signature is not None and signature.writes,
        )

    def _callers(self) -> Mapping[str, Place]:
        """The parameters that come from the request alone."""
        named = self.body.fields if isinstance(self.body, Composed) else {}
        found: dict[str, Place] = {"": ("request",)} if not self.needs else {}
        for name, template in named.items():
            if {read.root for read in template.reads()} == {REQUEST}:
                found[name] = template.path if isinstance(template, Reference) else ("request",)
        return found


def _takes(signature: Signature | None) -> SchemaValidator | None:
    if signature is None or signature.parameters is None:
        return None
    parameters = Schema(type="object", properties=dict(signature.parameters))
    return SchemaValidator(core_schema_of(parameters, leaves_out_nulls=True))


def _with_default(signature: Signature | None) -> frozenset[str]:
    parameters = (signature.parameters if signature else None) or {}
    return frozenset(name for name, schema in parameters.items() if schema.has_default and not schema.may_be_null)


def _gives(signature: Signature | None) -> SchemaValidator | None:
    if signature is None or signature.answer is None or signature.answer.is_anything:
        return None
    return SchemaValidator(core_schema_of(signature.answer, ignores_others=True, leaves_out_nulls=True))
